//! One route of a lock.

use crate::requirement::Statement;

/// A route and all that decides who may call it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LockedRoute {
    pub(super) path: String,
    pub(super) method: String,
    pub(super) access: Access,
    /// Whom a requirement is checked for, or of whom a public handler may learn.
    pub(super) principal: Option<String>,
    pub(super) credentials: Credentials,
    /// Outermost first.
    pub(super) layers: Vec<String>,
    /// Sorted.
    pub(super) objects: Vec<LockedObject>,
}

/// Who may call.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Access {
    Requires(Statement),
    /// Everybody, and why.
    Public(String),
}

/// The ways to say who is calling, any of which will do: each the schemes that are needed together. Sorted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Credentials(pub(super) Vec<Vec<String>>);

/// What an action on an object requires, beside what the route does.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LockedObject {
    pub(super) of: ObjectOf,
    pub(super) requires: Statement,
}

/// An action on one kind of object; on each of a list, where `each`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ObjectOf {
    pub(super) each: bool,
    pub(super) action: String,
    pub(super) resource: String,
}

impl LockedRoute {
    /// By what routes are sorted and found.
    pub(super) fn key(&self) -> (&str, usize, &str) {
        (&self.path, crate::table::order(&self.method), &self.method)
    }

    pub(super) fn is_public(&self) -> bool {
        matches!(self.access, Access::Public(_))
    }

    /// All that it requires: at the route, and of its objects.
    pub(super) fn statements(&self) -> impl Iterator<Item = &Statement> {
        let own = match &self.access {
            Access::Requires(statement) => Some(statement),
            Access::Public(_) => None,
        };
        own.into_iter().chain(self.objects.iter().map(|object| &object.requires))
    }
}

impl Credentials {
    /// None needed.
    pub(super) fn none() -> Self {
        Self(vec![Vec::new()])
    }

    pub(super) fn of(mut alternatives: Vec<Vec<String>>) -> Self {
        alternatives.iter_mut().for_each(|together| together.sort());
        alternatives.sort();
        alternatives.dedup();
        Self(alternatives)
    }

    /// The same, or none.
    pub(super) fn or_none(&self) -> Self {
        Self::of(self.0.iter().cloned().chain([Vec::new()]).collect())
    }

    /// The same, without that none will do.
    pub(super) fn without_none(&self) -> Self {
        Self(self.0.iter().filter(|together| !together.is_empty()).cloned().collect())
    }

    /// Whether whoever can call with these can call with `other`.
    pub(super) fn implies(&self, other: &Self) -> bool {
        let has = |more: &Vec<String>, fewer: &Vec<String>| fewer.iter().all(|scheme| more.contains(scheme));
        self.0.iter().all(|own| other.0.iter().any(|others| has(own, others)))
    }
}
