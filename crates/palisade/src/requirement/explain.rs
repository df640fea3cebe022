//! Why a requirement held or did not: the same tree, with the verdict of each leaf and the fact it rests on.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeMap};
use serde_json::Value;

use super::{
    Leaf, Literal, Requirement,
    check::Facts,
    condition::ConditionKind,
    data,
    evaluate::{Answers, Verdict},
    statement::{StatedLeaf, StatedLiteral, Statement},
    text::Plain,
    tree::Tree,
};
use crate::{decision::RecordedFacts, denied::Denial, scope::ScopeSet};

/// Why a requirement held or did not.
///
/// It prints as a tree, one leaf to a line, and serialises as its [`Statement`], with `"verdict"` and `"because"` at each leaf.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation(pub(super) Tree<Explained>);

/// A literal and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Explained {
    pub(crate) literal: StatedLiteral,
    /// None if it was not asked, since the answer did not hang on it.
    pub(crate) verdict: Option<Verdict>,
    /// The fact it rests on, and no other.
    pub(crate) because: String,
}

impl Explanation {
    /// With the verdicts as they were found, and the facts as they are recorded.
    pub(super) fn of(
        requirement: &Requirement,
        facts: Facts<'_>,
        answers: &Answers<'_>,
        recorded: &RecordedFacts,
    ) -> Self {
        Self(requirement.0.map(&mut |literal| Explained::of(literal, facts, answers, recorded)))
    }

    /// What was explained.
    pub fn statement(&self) -> Statement {
        Statement(self.0.map(&mut |explained| explained.literal.clone()))
    }

    /// What it comes to.
    pub fn verdict(&self) -> Verdict {
        verdict(&self.0)
    }

    /// Names what the caller could get to be allowed: of the alternatives that lack nothing but scopes, a recent sign-in or a
    /// factor, the one that lacks least: its scopes, or then the sign-in. Otherwise just "forbidden": no other credential of
    /// this caller would do.
    pub(super) fn denial(&self, delegated: bool) -> Denial {
        let alternatives = self.0.alternatives().unwrap_or_default();
        let lacking = |alternative: &Vec<&'_ Explained>| -> Vec<StatedLeaf> {
            let lacking = alternative.iter().filter(|leaf| leaf.verdict == Some(Verdict::False));
            lacking.map(|leaf| leaf.literal.leaf.clone()).collect()
        };
        let obtainable = alternatives.iter().map(|alternative| (alternative, lacking(alternative))).filter(
            |(_, lacking)| !lacking.is_empty() && lacking.iter().all(|leaf| is_obtainable(leaf, delegated)),
        );
        let Some((alternative, lacking)) = obtainable.min_by_key(|(_, lacking)| lacking.len()) else {
            return Denial::Forbidden;
        };
        if lacking.iter().any(|leaf| matches!(leaf, StatedLeaf::Scope(..))) {
            return Denial::InsufficientScope(scopes(alternative));
        }
        let factor = lacking.iter().find_map(|leaf| match leaf {
            StatedLeaf::Factor(factor) => Some(Denial::MissingFactor(*factor)),
            _ => None,
        });
        let ages = lacking.iter().filter_map(|leaf| match leaf {
            StatedLeaf::Recent(age) => Some(*age),
            _ => None,
        });
        factor.or(ages.min().map(Denial::NotRecent)).unwrap_or(Denial::Forbidden)
    }
}

/// Whether another credential of the same caller could satisfy it. A delegated credential does not get more recent, and an
/// account that lacks a scope in a tenant lacks it whatever it is issued.
fn is_obtainable(leaf: &StatedLeaf, delegated: bool) -> bool {
    match leaf {
        StatedLeaf::Scope(_, None) => true,
        StatedLeaf::Scope(_, Some(_)) => delegated,
        StatedLeaf::Recent(_) | StatedLeaf::Factor(_) => !delegated,
        _ => false,
    }
}

/// All scopes an alternative asks for, held or not: what the next token must carry.
fn scopes(alternative: &[&Explained]) -> ScopeSet {
    let scope = |explained: &&Explained| match &explained.literal.leaf {
        StatedLeaf::Scope(scope, _) => Some(scope.clone()),
        _ => None,
    };
    alternative.iter().filter_map(scope).collect()
}

/// Kleene's "all" and "any"; what was not asked is unknown.
fn verdict(tree: &Tree<Explained>) -> Verdict {
    let fold = |parts: &[Tree<Explained>], decisive: Verdict| {
        let mut all = !decisive;
        for part in parts {
            match verdict(part) {
                part if part == decisive => return decisive,
                Verdict::Unknown => all = Verdict::Unknown,
                Verdict::True | Verdict::False => {}
            }
        }
        all
    };
    match tree {
        Tree::Leaf(explained) => explained.verdict.unwrap_or(Verdict::Unknown),
        Tree::All(parts) => fold(parts, Verdict::False),
        Tree::Any(parts) => fold(parts, Verdict::True),
    }
}

impl Explained {
    fn of(literal: &Literal, facts: Facts<'_>, answers: &Answers<'_>, recorded: &RecordedFacts) -> Self {
        let verdict = match &literal.leaf {
            Leaf::Check(named) => {
                answers.of(named).map(|verdict| if literal.negated { !verdict } else { verdict })
            }
            _ => literal.verdict(&facts),
        };
        let literal = StatedLiteral::from(literal);
        let because = because(&literal, recorded, verdict);
        Self { literal, verdict, because }
    }
}

/// The fact a leaf was decided by.
pub(super) fn because(literal: &StatedLiteral, facts: &RecordedFacts, verdict: Option<Verdict>) -> String {
    match &literal.leaf {
        StatedLeaf::SignedIn
        | StatedLeaf::Undelegated
        | StatedLeaf::Role(..)
        | StatedLeaf::Recent(_)
        | StatedLeaf::Factor(_)
            if facts.delegated =>
        {
            "the credential is delegated: it acts with what it was issued, and not for its account".to_owned()
        }
        StatedLeaf::SignedIn | StatedLeaf::Undelegated => "the account signed in itself".to_owned(),
        StatedLeaf::Recent(_) => match facts.authenticated_at {
            Some(at) => format!("the sign-in was {} s ago", facts.at.since(at).as_secs()),
            None => "it is not known when the sign-in was".to_owned(),
        },
        StatedLeaf::Factor(_) => {
            let used: Vec<_> = facts.factors.iter().map(crate::factor::Factor::name).collect();
            if used.is_empty() {
                return "it is not known how the sign-in was done".to_owned();
            }
            format!("the sign-in was done with {}", used.join(", "))
        }
        StatedLeaf::Client(_) => match &facts.client {
            Some(client) => format!("the credential was issued to the client {client:?}"),
            None => "the credential was issued to no client".to_owned(),
        },
        StatedLeaf::Scope(_, within) => held("the scope", literal, within.as_deref(), facts, verdict),
        StatedLeaf::Role(_, within) => held("the role", literal, within.as_deref(), facts, verdict),
        StatedLeaf::Tenant(parameter) => held("a membership", literal, Some(parameter), facts, verdict),
        StatedLeaf::Condition(kind, name) => of_condition(*kind, name, facts),
        StatedLeaf::Check(_) if verdict.is_none() => "not asked: the answer did not hang on it".to_owned(),
        StatedLeaf::Check(_) => answered(literal, verdict, "the check holds", "the check does not hold"),
        StatedLeaf::Relation(_) if verdict.is_none() => "there was no object to ask it of".to_owned(),
        StatedLeaf::Relation(_) => answered(
            literal,
            verdict,
            "the caller stands in this relation to it",
            "the caller does not stand in it",
        ),
    }
}

/// Whether something is held, everywhere or in the tenant that the path names.
fn held(
    what: &str,
    literal: &StatedLiteral,
    within: Option<&str>,
    facts: &RecordedFacts,
    verdict: Option<Verdict>,
) -> String {
    let tenant = match within.map(|parameter| facts.parameters.get(parameter)) {
        None => String::new(),
        Some(Some(tenant)) => format!(" in the tenant {tenant:?}"),
        Some(None) => {
            return format!(
                "{what} is asked in a tenant that the path did not name, or that was not recorded"
            );
        }
    };
    let held = verdict.map(|verdict| (verdict == Verdict::True) != literal.negated);
    let said = match held {
        Some(true) => "is held",
        Some(false) => "is not held",
        None => "may be held: not all that is held was recorded",
    };
    format!("{what} {said}{tenant}")
}

/// What a check or a relation said, of which the literal may be the opposite.
fn answered(literal: &StatedLiteral, verdict: Option<Verdict>, holds: &str, does_not: &str) -> String {
    match verdict.map(|verdict| if literal.negated { !verdict } else { verdict }) {
        Some(Verdict::True) => holds.to_owned(),
        Some(Verdict::False) => does_not.to_owned(),
        Some(Verdict::Unknown) | None => "it could not be found out".to_owned(),
    }
}

fn of_condition(kind: ConditionKind, name: &str, facts: &RecordedFacts) -> String {
    match kind {
        ConditionKind::Address => match facts.address {
            Some(address) => format!("the request came from {address}"),
            None => "it is not known where the request came from".to_owned(),
        },
        ConditionKind::Hours => format!("it was {}", facts.at),
        ConditionKind::Header => {
            let mut known =
                facts.conditions.iter().filter(|known| known.kind == kind.word() && known.name == name);
            // Not its value: it may be a secret.
            match known.next().map(|known| (known.header.as_deref().unwrap_or_default(), known)) {
                Some((header, known)) if !known.sent => format!("the header `{header}` was not sent"),
                Some((header, known)) if known.verdict == Verdict::True => {
                    format!("the header `{header}` was sent as it should be")
                }
                Some((header, _)) => format!("the header `{header}` was sent, and is another"),
                None => "it is not known whether the header was sent".to_owned(),
            }
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(&self.0, 0, f)
    }
}

fn print(tree: &Tree<Explained>, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (parts, word) = match tree {
        Tree::Leaf(explained) => {
            let said = said(explained.verdict);
            return writeln!(
                f,
                "{:depth$}{said} {}: {}",
                "",
                explained.literal,
                Plain(&explained.because),
                depth = depth * 2
            );
        }
        Tree::All(parts) => (parts, "all of"),
        Tree::Any(parts) => (parts, "any of"),
    };
    writeln!(f, "{:depth$}{} {word}", "", said(Some(verdict(tree))), depth = depth * 2)?;
    parts.iter().try_for_each(|part| print(part, depth + 1, f))
}

/// As wide as each other, so that a tree can be read down.
fn said(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::True) => "yes    ",
        Some(Verdict::False) => "NO     ",
        Some(Verdict::Unknown) => "UNKNOWN",
        None => "-      ",
    }
}

impl Serialize for Explanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Serialize for Explained {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("leaf", &self.literal)?;
        map.serialize_entry("verdict", &self.verdict)?;
        map.serialize_entry("because", &self.because)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Explanation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let mut leaf = |leaf: &Value| {
            let literal = data::literal(leaf.get("leaf").ok_or("a leaf of an explanation has `leaf`")?)?;
            let verdict = serde_json::from_value(leaf.get("verdict").cloned().unwrap_or_default());
            let because = leaf.get("because").and_then(Value::as_str).unwrap_or_default().to_owned();
            Ok(Explained { literal, verdict: verdict.map_err(|error| error.to_string())?, because })
        };
        data::tree(&value, &mut leaf).map(Self).map_err(|error: String| D::Error::custom(error))
    }
}
