//! Statements as data: the `x-palisade-requirement` of the API document, and read back.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeMap};
use serde_json::Value;

use super::{
    Requirement,
    condition::ConditionKind,
    statement::{StatedLeaf, StatedLiteral, StatedRole, Statement},
    tree::Tree,
};
use crate::scope::Scope;

impl Serialize for Requirement {
    /// As its [`Statement`].
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.statement().serialize(serializer)
    }
}

impl Serialize for Statement {
    /// `{"all": [..]}`, `{"any": [..]}`, `{"not": leaf}` and leaves: `"signed_in"`, `"undelegated"`, `{"recent": seconds}`,
    /// `{"factor": name}`, `{"scope": name}`, `{"role": name, "of": type}`, both with `"in"` where they are asked in the
    /// tenant that this path parameter names, `{"tenant": parameter}`, `{"client": id}`, `{"address": name}`,
    /// `{"hours": name}`, `{"header": name}`, `{"check": name}`, `{"relation": name}`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Serialize for StatedLiteral {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.negated {
            return self.leaf.serialize(serializer);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("not", &self.leaf)?;
        map.end()
    }
}

impl Serialize for StatedLeaf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = match self {
            Self::SignedIn => return serializer.serialize_str("signed_in"),
            Self::Undelegated => return serializer.serialize_str("undelegated"),
            Self::Recent(age) if age.subsec_nanos() == 0 => ("recent", Value::from(age.as_secs())),
            Self::Recent(age) => ("recent", Value::from(age.as_secs_f64())),
            Self::Factor(factor) => ("factor", factor.name().into()),
            Self::Scope(scope, _) => ("scope", scope.as_str().into()),
            Self::Role(role, _) => ("role", role.name.as_str().into()),
            Self::Tenant(parameter) => ("tenant", parameter.as_str().into()),
            Self::Client(id) => ("client", id.as_str().into()),
            Self::Condition(kind, name) => (kind.word(), name.as_str().into()),
            Self::Check(name) => ("check", name.as_str().into()),
            Self::Relation(name) => ("relation", name.as_str().into()),
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(name.0, &name.1)?;
        if let Self::Role(role, _) = self {
            map.serialize_entry("of", &role.of)?;
        }
        if let Self::Scope(_, Some(within)) | Self::Role(_, Some(within)) = self {
            map.serialize_entry("in", within)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Statement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let data = Value::deserialize(deserializer)?;
        tree(&data, &mut literal).map(Self).map_err(D::Error::custom)
    }
}

/// Reads a tree whose leaves are read by `leaf`. Nesting is bounded by the JSON parser.
pub(super) fn tree<L>(
    data: &Value,
    leaf: &mut impl FnMut(&Value) -> Result<L, String>,
) -> Result<Tree<L>, String> {
    let mut parts = |parts: &Value| -> Result<Vec<Tree<L>>, String> {
        let list = parts.as_array().ok_or("`all` and `any` are lists")?;
        list.iter().map(|part| tree(part, leaf)).collect()
    };
    // With a member beside it that would be left out, it is neither.
    match (only(data, "all"), only(data, "any")) {
        (Some(all), _) => Ok(Tree::All(parts(all)?)),
        (None, Some(any)) => Ok(Tree::Any(parts(any)?)),
        (None, None) => leaf(data).map(Tree::Leaf),
    }
}

/// The member `name` of an object that has no other.
fn only<'a>(data: &'a Value, name: &str) -> Option<&'a Value> {
    data.as_object().filter(|members| members.len() == 1)?.get(name)
}

pub(super) fn literal(data: &Value) -> Result<StatedLiteral, String> {
    let (data, negated) = only(data, "not").map_or((data, false), |inner| (inner, true));
    let leaf = leaf(data).ok_or_else(|| format!("{data} is no leaf of a requirement"))?;
    Ok(StatedLiteral { leaf, negated })
}

fn leaf(data: &Value) -> Option<StatedLeaf> {
    match data.as_str() {
        Some("signed_in") => return Some(StatedLeaf::SignedIn),
        Some("undelegated") => return Some(StatedLeaf::Undelegated),
        _ => {}
    }
    let (members, text) = (data.as_object()?, |key: &str| data.get(key)?.as_str().map(str::to_owned));
    let known = ["recent", "factor", "scope", "role", "tenant", "client", "check", "relation"];
    let conditions = ConditionKind::ALL.map(ConditionKind::word);
    let word = known.iter().chain(&conditions).find(|word| members.contains_key(**word))?;
    let beside: &[&str] = match *word {
        "scope" => &["in"],
        "role" => &["in", "of"],
        _ => &[],
    };
    if !members
        .iter()
        .all(|(key, value)| key == word || (beside.contains(&key.as_str()) && value.is_string()))
    {
        return None;
    }
    let name = text(word);
    Some(match *word {
        "recent" => StatedLeaf::Recent(age(&data["recent"])?),
        "factor" => StatedLeaf::Factor(name?.parse().ok()?),
        "scope" => StatedLeaf::Scope(Scope::new(&name?).ok()?, text("in")),
        "role" => {
            let name = name?;
            let role = StatedRole { brings: vec![name.clone()], name, of: text("of").unwrap_or_default() };
            StatedLeaf::Role(role, text("in"))
        }
        "tenant" => StatedLeaf::Tenant(name?),
        "client" => StatedLeaf::Client(name?),
        "check" => StatedLeaf::Check(name?),
        "relation" => StatedLeaf::Relation(name?),
        word => {
            let kind = ConditionKind::ALL.into_iter().find(|kind| kind.word() == word)?;
            StatedLeaf::Condition(kind, name?)
        }
    })
}

/// Seconds; whole ones exactly.
fn age(seconds: &Value) -> Option<Duration> {
    match seconds.as_u64() {
        Some(whole) => Some(Duration::from_secs(whole)),
        None => Duration::try_from_secs_f64(seconds.as_f64()?).ok(),
    }
}
