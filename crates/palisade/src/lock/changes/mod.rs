//! What changed from one lock to another. Requirements are compared by what they mean (`Statement::implies`), with the roles
//! as they are now; another way to write the same is no change.

mod names;
mod renamed;
mod routes;

use std::fmt;

use super::Lock;

/// One thing that is no longer as it was. It prints as a line that says what it was, what it is, and which way that goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    kind: ChangeKind,
    /// What is changed: a route, a role, a condition.
    of: String,
    /// From what to what.
    how: String,
}

/// Which way a change goes. Each is for a person to look at; this says what to look at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ChangeKind {
    /// Everybody may call what was guarded, or a route that is new.
    NewPublic,
    /// All who could call still can, and others too.
    Weaker,
    /// Some can who could not, and some cannot who could; or it is another question that is asked.
    Changed,
    /// A route, a role or a condition that was not there, and is not public.
    New,
    /// Some who could call no longer can, and nobody else can.
    Stronger,
    /// It is no longer there.
    Gone,
}

impl ChangeKind {
    const fn word(self) -> &'static str {
        match self {
            Self::NewPublic => "NEW PUBLIC",
            Self::Weaker => "WEAKER",
            Self::Changed => "CHANGED",
            Self::New => "NEW",
            Self::Stronger => "STRONGER",
            Self::Gone => "GONE",
        }
    }
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Change {
    fn new(kind: ChangeKind, of: impl Into<String>, how: impl Into<String>) -> Self {
        Self { kind, of: of.into(), how: how.into() }
    }

    /// Which way it goes.
    pub fn kind(&self) -> ChangeKind {
        self.kind
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.of, self.how, self.kind)
    }
}

impl Lock {
    /// What is no longer as `self` says, in `new`: what admits more first, and then as the files have it. Nothing where both
    /// mean the same, however it is written.
    pub fn changes(&self, new: &Self) -> Vec<Change> {
        let (old, mut changes) = renamed::with_names_of(self, new);
        changes.extend(routes::changes(&old, new));
        changes.extend(names::of_roles(&old, new));
        changes.extend(names::of_conditions(&old, new));
        changes.sort_by_key(|change| change.kind);
        changes
    }
}
