//! What a requirement says, without the code that checks it: it can be printed, written down, read back and compared with
//! another one. The access table, the API document, the lock file and explanations are made of statements.

use std::time::Duration;

use super::{Leaf, Literal, Requirement, condition::ConditionKind, role::RoleLeaf, tree::Tree};
use crate::{factor::Factor, scope::Scope};

/// What a [`Requirement`] says.
///
/// It is printed and read back as in the source (`scope(items:write) & role(editor)`), serialises as the API document's
/// `x-palisade-requirement`, and is equal to another one when their normal forms are.
///
/// ```
/// use palisade::requirement::Statement;
///
/// let before: Statement = "scope(items:write) & role(editor)".parse()?;
/// let after: Statement = "role(editor) & scope(items:write) | scope(items:write) & role(editor) & signed_in()".parse()?;
/// assert_eq!(before, after);
/// assert!(before.implies(&"signed_in()".parse()?), "a role is held by somebody who signed in");
/// # Ok::<_, palisade::requirement::InvalidStatement>(())
/// ```
#[derive(Clone, Debug)]
pub struct Statement(pub(crate) Tree<StatedLiteral>);

/// A stated leaf, or its negation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StatedLiteral {
    pub(crate) leaf: StatedLeaf,
    pub(crate) negated: bool,
}

/// What is asked, by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum StatedLeaf {
    SignedIn,
    Undelegated,
    Recent(Duration),
    Factor(Factor),
    Scope(Scope, Option<String>),
    Role(StatedRole, Option<String>),
    Tenant(String),
    Client(String),
    Condition(ConditionKind, String),
    Check(String),
    Relation(String),
}

/// A role by name, and what it is known to bring.
#[derive(Clone, Debug)]
pub(crate) struct StatedRole {
    pub(crate) name: String,
    /// The name of its type; empty where it was read from a text that does not say.
    pub(crate) of: String,
    /// All roles that holding it brings, itself among them.
    pub(crate) brings: Vec<String>,
}

impl StatedRole {
    fn of(role: RoleLeaf) -> Self {
        let brings = role.brings().into_iter().map(str::to_owned).collect();
        Self { name: role.name.to_owned(), of: role.kind.name.to_owned(), brings }
    }

    /// Whether whoever holds this one holds `other`.
    pub(crate) fn implies(&self, other: &Self) -> bool {
        self.is_of_the_type_of(other) && (self.name == other.name || self.brings.contains(&other.name))
    }

    /// Where one of them does not say its type, the other's is meant.
    fn is_of_the_type_of(&self, other: &Self) -> bool {
        self.of.is_empty() || other.of.is_empty() || self.of == other.of
    }

    fn key(&self) -> (&str, &str) {
        (&self.of, &self.name)
    }
}

impl PartialEq for StatedRole {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for StatedRole {}

impl PartialOrd for StatedRole {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for StatedRole {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl std::hash::Hash for StatedRole {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl From<&Literal> for StatedLiteral {
    fn from(literal: &Literal) -> Self {
        Self { leaf: StatedLeaf::from(&literal.leaf), negated: literal.negated }
    }
}

impl From<&Leaf> for StatedLeaf {
    fn from(leaf: &Leaf) -> Self {
        let within = |parameter: &Option<&'static str>| parameter.map(str::to_owned);
        match leaf {
            Leaf::SignedIn => Self::SignedIn,
            Leaf::Undelegated => Self::Undelegated,
            Leaf::Recent(age) => Self::Recent(*age),
            Leaf::Factor(factor) => Self::Factor(*factor),
            Leaf::Scope(scope, parameter) => Self::Scope(scope.clone(), within(parameter)),
            Leaf::Role(role, parameter) => Self::Role(StatedRole::of(*role), within(parameter)),
            Leaf::Tenant(parameter) => Self::Tenant((*parameter).to_owned()),
            Leaf::Client(id) => Self::Client(id.to_string()),
            Leaf::Condition(named) => Self::Condition(named.condition.kind(), named.name.to_owned()),
            Leaf::Check(named) => Self::Check(named.name.to_owned()),
            Leaf::Relation(named) => Self::Relation(named.name.to_owned()),
        }
    }
}

impl Statement {
    /// The same, with each of its roles as `change` leaves it.
    pub(crate) fn with_roles(&self, change: &mut impl FnMut(&mut StatedRole)) -> Self {
        Self(self.0.map(&mut |literal| {
            let mut literal = literal.clone();
            if let StatedLeaf::Role(role, _) = &mut literal.leaf {
                change(role);
            }
            literal
        }))
    }

    /// Both of them.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0.and(other.0))
    }

    /// The leaves and negated leaves, from left to right.
    pub(crate) fn literals(&self) -> Vec<&StatedLiteral> {
        self.0.leaves()
    }
}

impl Requirement {
    /// What it says.
    pub fn statement(&self) -> Statement {
        Statement(self.0.map(&mut StatedLiteral::from))
    }
}

impl From<&Requirement> for Statement {
    fn from(requirement: &Requirement) -> Self {
        requirement.statement()
    }
}

impl From<Requirement> for Statement {
    fn from(requirement: Requirement) -> Self {
        requirement.statement()
    }
}
