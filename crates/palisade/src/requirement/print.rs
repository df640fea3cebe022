//! A requirement as text (`scope(items:write) & role(editor)`), as data, and in words.

use std::fmt;

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

use super::{Leaf, Literal, Node, Requirement};

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, joint) = match self {
            Self::Literal(literal) => return literal.fmt(f),
            Self::All(parts) => (parts, " & "),
            Self::Any(parts) => (parts, " | "),
        };
        for (position, part) in parts.iter().enumerate() {
            if position > 0 {
                f.write_str(joint)?;
            }
            match (self, part) {
                // `&` binds tighter than `|`, as in the source.
                (Self::All(_), Self::Any(_)) => write!(f, "({part})")?,
                _ => part.fmt(f)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_str("!")?;
        }
        self.leaf.fmt(f)
    }
}

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignedIn => f.write_str("signed_in()"),
            Self::Undelegated => f.write_str("undelegated()"),
            Self::Recent(age) => write!(f, "recent({age:?})"),
            Self::Scope(scope) => write!(f, "scope({})", Name(scope.as_str())),
            Self::Role(role) => write!(f, "role({})", Name(role.name)),
            Self::Check(check) => write!(f, "check({})", Name(check.name)),
        }
    }
}

/// A name, in quotes where it has a character that could be taken for the requirement's own: a scope may be called `a)`.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:/*~+@=".contains(&byte);
        if !self.0.is_empty() && self.0.bytes().all(plain) {
            f.write_str(self.0)
        } else {
            write!(f, "{:?}", self.0)
        }
    }
}

impl Serialize for Requirement {
    /// `{"all": [..]}`, `{"any": [..]}`, `{"not": leaf}` and leaves: `"signed_in"`, `"undelegated"`,
    /// `{"recent": seconds}`, `{"scope": name}`, `{"role": name, "of": type}`, `{"check": name}`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Literal(literal) if literal.negated => one(serializer, "not", &literal.leaf),
            Self::Literal(literal) => literal.leaf.serialize(serializer),
            Self::All(parts) => one(serializer, "all", &Parts(parts)),
            Self::Any(parts) => one(serializer, "any", &Parts(parts)),
        }
    }
}

struct Parts<'a>(&'a [Node]);

impl Serialize for Parts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for part in self.0 {
            list.serialize_element(part)?;
        }
        list.end()
    }
}

impl Serialize for Leaf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::SignedIn => serializer.serialize_str("signed_in"),
            Self::Undelegated => serializer.serialize_str("undelegated"),
            Self::Recent(age) if age.subsec_nanos() == 0 => one(serializer, "recent", &age.as_secs()),
            Self::Recent(age) => one(serializer, "recent", &age.as_secs_f64()),
            Self::Scope(scope) => one(serializer, "scope", scope.as_str()),
            Self::Check(check) => one(serializer, "check", check.name),
            Self::Role(role) => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("role", role.name)?;
                map.serialize_entry("of", role.kind.name)?;
                map.end()
            }
        }
    }
}

fn one<S: Serializer, V: Serialize + ?Sized>(serializer: S, key: &str, value: &V) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}

impl Requirement {
    /// The requirement as a sentence for the API document.
    pub fn in_words(&self) -> String {
        format!("Requires {}.", words(&self.0))
    }
}

fn words(node: &Node) -> String {
    let joined = |parts: &[Node], joint: &str| {
        let wrap = |part: &Node| match part {
            Node::All(_) | Node::Any(_) => format!("({})", words(part)),
            Node::Literal(literal) => literal_words(literal),
        };
        parts.iter().map(wrap).collect::<Vec<_>>().join(joint)
    };
    match node {
        Node::Literal(literal) => literal_words(literal),
        Node::All(parts) => joined(parts, " and "),
        Node::Any(parts) => joined(parts, " or "),
    }
}

fn literal_words(literal: &Literal) -> String {
    let said = match &literal.leaf {
        Leaf::SignedIn => "a signed-in account".to_owned(),
        Leaf::Undelegated => "a credential with all of its account's authority".to_owned(),
        Leaf::Recent(age) => format!("a sign-in within the last {age:?}"),
        Leaf::Scope(scope) => format!("the scope `{scope}`"),
        Leaf::Role(role) => format!("the role `{}`", role.name),
        Leaf::Check(check) => format!("that `{}` holds", check.name),
    };
    if literal.negated { format!("not {said}") } else { said }
}
