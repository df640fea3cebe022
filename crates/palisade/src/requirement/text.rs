//! Statements as text: `scope(items:write) & role(editor)`, as the source writes them, and read back.

use std::{fmt, str::FromStr, time::Duration};

use super::{
    Requirement,
    condition::ConditionKind,
    statement::{StatedLeaf, StatedLiteral, StatedRole, Statement},
    tree::Tree,
};
use crate::scope::Scope;

/// A text states no requirement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{wrong} at `{rest}`: a requirement is written as in `scope(a) & (role(b) | !check(c))`")]
pub struct InvalidStatement {
    wrong: &'static str,
    rest: String,
}

/// How deep parentheses may nest in a text.
const DEEPEST: usize = 64;

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.statement().fmt(f)
    }
}

impl fmt::Display for Statement {
    /// `{:#}` also says the type of each role: `role(editor, app::Role)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for StatedLiteral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_str("!")?;
        }
        self.leaf.fmt(f)
    }
}

impl fmt::Display for StatedLeaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignedIn => f.write_str("signed_in()"),
            Self::Undelegated => f.write_str("undelegated()"),
            Self::Recent(age) => write!(f, "recent({age:?})"),
            Self::Factor(factor) => write!(f, "factor({factor})"),
            Self::Scope(scope, within) => write!(f, "scope({}{})", Name(scope.as_str()), Within(within)),
            Self::Role(role, within) if f.alternate() && !role.of.is_empty() => {
                write!(f, "role({}, {}{})", Name(&role.name), Name(&role.of), Within(within))
            }
            Self::Role(role, within) => write!(f, "role({}{})", Name(&role.name), Within(within)),
            Self::Tenant(parameter) => write!(f, "tenant({})", Name(parameter)),
            Self::Client(id) => write!(f, "client({})", Name(id)),
            Self::Condition(kind, name) => write!(f, "{}({})", kind.word(), Name(name)),
            Self::Check(name) => write!(f, "check({})", Name(name)),
            Self::Relation(name) => write!(f, "relation({})", Name(name)),
        }
    }
}

struct Within<'a>(&'a Option<String>);

impl fmt::Display for Within<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |parameter| write!(f, " in {}", Name(parameter)))
    }
}

/// A name, in quotes where it has a character that could be taken for the requirement's own: a scope may be called `a)`.
pub(crate) struct Name<'a>(pub(crate) &'a str);

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._:/*~+@=".contains(&byte)
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Seven of them at the start of a line are what a merge leaves in a lock.
        let plain = !self.0.is_empty() && !self.0.starts_with("=======");
        if plain && self.0.bytes().all(is_plain) { f.write_str(self.0) } else { f.write_str(&quoted(self.0)) }
    }
}

/// The text as JSON writes it, so that it can be read back; what would not be seen, or would have other text be read in
/// another order, is escaped.
pub(crate) fn quoted(text: &str) -> String {
    use fmt::Write as _;
    let json = serde_json::Value::from(text).to_string();
    let mut written = String::with_capacity(json.len());
    for character in json.chars() {
        if is_seen(character) {
            written.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a `String` does not fail.
            let _ = write!(written, "\\u{unit:04x}");
        }
    }
    written
}

/// Whether a reader sees the character, and sees it where it stands. Of the characters that Unicode calls format
/// characters (Cf) none is: among them are those that turn the direction of reading. Nor are those that are drawn as nothing
/// (`Default_Ignorable_Code_Point`, and the empty cell of braille), of which some count as letters.
pub(crate) fn is_seen(character: char) -> bool {
    let hidden = matches!(character,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        | '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}');
    character == ' ' || !(hidden || character.is_control() || character.is_whitespace())
}

/// Text for a terminal, on one line: what a reader would not see where it stands is shown as one that is unknown.
pub(crate) struct Plain<'a>(pub(crate) &'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |character| if is_seen(character) { character } else { '\u{fffd}' };
        self.0.chars().try_for_each(|character| fmt::Write::write_char(f, shown(character)))
    }
}

/// Reads a name as requirements have them, and what comes after it.
pub(crate) fn name(text: &str) -> Result<(String, &str), InvalidStatement> {
    let mut reader = Reader { rest: text };
    let name = reader.name()?;
    Ok((name, reader.rest))
}

impl FromStr for Statement {
    type Err = InvalidStatement;

    /// Reads what `Display` writes.
    fn from_str(text: &str) -> Result<Self, InvalidStatement> {
        let mut reader = Reader { rest: text };
        let tree = reader.either(0)?;
        if reader.rest.is_empty() { Ok(Self(tree)) } else { reader.fail("something is left over") }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn fail<T>(&self, wrong: &'static str) -> Result<T, InvalidStatement> {
        Err(InvalidStatement { wrong, rest: self.rest.chars().take(40).collect() })
    }

    fn takes(&mut self, token: &str) -> bool {
        let after = self.rest.strip_prefix(token);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn expects(&mut self, token: &str, otherwise: &'static str) -> Result<(), InvalidStatement> {
        if self.takes(token) { Ok(()) } else { self.fail(otherwise) }
    }

    fn either(&mut self, depth: usize) -> Result<Tree<StatedLiteral>, InvalidStatement> {
        let mut tree = self.all(depth)?;
        while self.takes(" | ") {
            tree = tree.or(self.all(depth)?);
        }
        Ok(tree)
    }

    fn all(&mut self, depth: usize) -> Result<Tree<StatedLiteral>, InvalidStatement> {
        let mut tree = self.one(depth)?;
        while self.takes(" & ") {
            tree = tree.and(self.one(depth)?);
        }
        Ok(tree)
    }

    fn one(&mut self, depth: usize) -> Result<Tree<StatedLiteral>, InvalidStatement> {
        if self.takes("(") {
            if depth == DEEPEST {
                return self.fail("too many parentheses");
            }
            let tree = self.either(depth + 1)?;
            self.expects(")", "a `)` is missing")?;
            return Ok(tree);
        }
        if self.takes("nobody") {
            return Ok(Tree::Any(Vec::new()));
        }
        if self.takes("anybody") {
            return Ok(Tree::All(Vec::new()));
        }
        Ok(Tree::Leaf(self.literal()?))
    }

    fn literal(&mut self) -> Result<StatedLiteral, InvalidStatement> {
        let negated = self.takes("!");
        let Some((word, after)) = self.rest.split_once('(') else { return self.fail("no leaf") };
        let word = word.to_owned();
        self.rest = after;
        let leaf = if self.takes(")") { Self::without_name(&word) } else { self.named(&word)? };
        match leaf {
            Some(leaf) => Ok(StatedLiteral { leaf, negated }),
            None => self.fail("no leaf that is known, before this"),
        }
    }

    fn without_name(word: &str) -> Option<StatedLeaf> {
        match word {
            "signed_in" => Some(StatedLeaf::SignedIn),
            "undelegated" => Some(StatedLeaf::Undelegated),
            _ => None,
        }
    }

    fn named(&mut self, word: &str) -> Result<Option<StatedLeaf>, InvalidStatement> {
        let name = if word == "recent" { self.until_closed() } else { self.name()? };
        let of = if word == "role" && self.takes(", ") { self.name()? } else { String::new() };
        let asks_within = ["role", "scope"].contains(&word) && self.takes(" in ");
        let within = if asks_within { Some(self.name()?) } else { None };
        self.expects(")", "a `)` is missing")?;
        let condition = ConditionKind::ALL.into_iter().find(|kind| kind.word() == word);
        Ok(match word {
            "scope" => Scope::new(&name).ok().map(|scope| StatedLeaf::Scope(scope, within)),
            "role" => {
                let brings = vec![name.clone()];
                Some(StatedLeaf::Role(StatedRole { name, of, brings }, within))
            }
            "recent" => age(&name).map(StatedLeaf::Recent),
            "factor" => name.parse().ok().map(StatedLeaf::Factor),
            "tenant" => Some(StatedLeaf::Tenant(name)),
            "client" => Some(StatedLeaf::Client(name)),
            "check" => Some(StatedLeaf::Check(name)),
            "relation" => Some(StatedLeaf::Relation(name)),
            _ => condition.map(|kind| StatedLeaf::Condition(kind, name)),
        })
    }

    /// What stands before the next `)`: a duration has a letter beyond ASCII, `µs`.
    fn until_closed(&mut self) -> String {
        let (before, after) = self.rest.split_at(self.rest.find(')').unwrap_or(self.rest.len()));
        self.rest = after;
        before.to_owned()
    }

    fn name(&mut self) -> Result<String, InvalidStatement> {
        if self.rest.starts_with('"') {
            let mut quoted = serde_json::Deserializer::from_str(self.rest).into_iter::<String>();
            let Some(Ok(name)) = quoted.next() else { return self.fail("a name in quotes does not end") };
            self.rest = &self.rest[quoted.byte_offset()..];
            return Ok(name);
        }
        let end = self.rest.bytes().position(|byte| !is_plain(byte)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if name.is_empty() {
            return self.fail("a name is missing");
        }
        self.rest = rest;
        Ok(name.to_owned())
    }
}

/// A duration as `Debug` writes it: `60s`, `1.5s`, `250ms`.
fn age(text: &str) -> Option<Duration> {
    let unit = text.find(|letter: char| letter.is_ascii_alphabetic() || letter == 'µ')?;
    let (number, unit) = text.split_at(unit);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = [("s", 9), ("ms", 6), ("µs", 3), ("ns", 0)].iter().find(|(name, _)| *name == unit)?.1;
    let padded: u64 = if digits == 0 { 0 } else { format!("{fraction:0<digits$}").parse().ok()? };
    if fraction.len() > digits {
        return None;
    }
    let nanos = u128::from(whole.parse::<u64>().ok()?) * 10_u128.pow(u32::try_from(digits).ok()?)
        + u128::from(padded);
    let seconds = u64::try_from(nanos / 1_000_000_000).ok()?;
    Some(Duration::new(seconds, u32::try_from(nanos % 1_000_000_000).ok()?))
}
