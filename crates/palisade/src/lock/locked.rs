//! One route of a lock.

use crate::requirement::Statement;

/// A route and all that decides who may call it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LockedRoute {
    pub(crate) path: String,
    pub(crate) method: String,
    pub(crate) access: Access,
    /// Whom a requirement is checked for, or of whom a public handler may learn.
    pub(crate) principal: Option<String>,
    pub(crate) credentials: Credentials,
    /// Outermost first.
    pub(crate) layers: Vec<String>,
    /// Sorted.
    pub(crate) objects: Vec<LockedObject>,
}

/// Who may call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Access {
    Requires(Statement),
    /// Everybody, and why.
    Public(String),
}

/// The ways to say who is calling, any of which will do: each the schemes that are needed together. Sorted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Credentials(pub(crate) Vec<Vec<String>>);

/// What an action on an object requires, beside what the route does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LockedObject {
    pub(crate) of: ObjectOf,
    pub(crate) requires: Statement,
}

/// An action on one kind of object; on each of a list, where `each`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ObjectOf {
    pub(crate) each: bool,
    pub(crate) action: String,
    pub(crate) resource: String,
}

impl LockedRoute {
    /// By what routes are sorted and found.
    pub(crate) fn key(&self) -> (&str, usize, &str) {
        (&self.path, crate::table::order(&self.method), &self.method)
    }

    pub(crate) fn is_public(&self) -> bool {
        matches!(self.access, Access::Public(_))
    }

    /// All that it requires: at the route, and of its objects.
    pub(crate) fn statements(&self) -> impl Iterator<Item = &Statement> {
        let own = match &self.access {
            Access::Requires(statement) => Some(statement),
            Access::Public(_) => None,
        };
        own.into_iter().chain(self.objects.iter().map(|object| &object.requires))
    }
}

impl Credentials {
    /// None needed.
    pub(crate) fn none() -> Self {
        Self(vec![Vec::new()])
    }

    pub(crate) fn of(mut alternatives: Vec<Vec<String>>) -> Self {
        alternatives.iter_mut().for_each(|together| together.sort());
        alternatives.sort();
        alternatives.dedup();
        Self(alternatives)
    }

    /// The same, or none.
    pub(crate) fn or_none(&self) -> Self {
        Self::of(self.0.iter().cloned().chain([Vec::new()]).collect())
    }

    /// The same, without that none will do.
    pub(crate) fn without_none(&self) -> Self {
        Self(self.0.iter().filter(|together| !together.is_empty()).cloned().collect())
    }

    /// Whether whoever can call with these can call with `other`.
    pub(crate) fn implies(&self, other: &Self) -> bool {
        let has = |more: &Vec<String>, fewer: &Vec<String>| fewer.iter().all(|scheme| more.contains(scheme));
        self.0.iter().all(|own| other.0.iter().any(|others| has(own, others)))
    }
}
