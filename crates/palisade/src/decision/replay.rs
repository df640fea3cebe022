//! Decides recorded decisions again, by what is required now.

use super::{Decision, Stage};
use crate::{
    requirement::{Explanation, Requirement, Statement, Unrecorded, Verdict},
    table::{AccessTable, ObjectRow, Row},
};

/// A recorded decision, and what it would be now.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Replayed<'d> {
    /// The decision.
    pub decision: &'d Decision,
    /// What it would be now.
    pub change: Change,
    /// Why, where there is a requirement to explain.
    pub explanation: Option<Explanation>,
}

/// What became of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The same answer.
    Same,
    /// Another answer.
    Flips {
        /// What the requirement came to then.
        from: Verdict,
        /// What it comes to now.
        to: Verdict,
    },
    /// There is no such route any more, or it no longer decides about such objects.
    Gone,
    /// It hangs on a fact that was not recorded, by the leaf that asks for it.
    Unknowable(String),
}

/// Decides each of `decisions` again, by what its route requires in `table`, in the order they are given.
///
/// Only requirements are decided again: what a handler refuses for reasons of its own is not known, so of such a decision
/// ([`Stage::Handler`]) it is told whether the route would still let the caller through to it. The facts are those that were
/// recorded, so a role includes what it included then, and a check, a relation or a header says what it said then.
pub fn replay<'d>(
    decisions: impl IntoIterator<Item = &'d Decision>,
    table: &AccessTable,
) -> Vec<Replayed<'d>> {
    decisions.into_iter().map(|decision| replayed(decision, table)).collect()
}

/// Decides each of `decisions` again by the policy `statement`, whatever they were decided by.
pub fn replay_policy<'d>(
    decisions: impl IntoIterator<Item = &'d Decision>,
    statement: &Statement,
) -> Vec<Replayed<'d>> {
    let again = |decision: &'d Decision| Replayed {
        decision,
        change: changed(decision, statement.verdict_of(&decision.facts)),
        explanation: Some(statement.explain(&decision.facts)),
    };
    decisions.into_iter().map(again).collect()
}

fn replayed<'d>(decision: &'d Decision, table: &AccessTable) -> Replayed<'d> {
    let row = table.rows().iter().filter(|row| row.path == decision.path);
    let row = row.filter(|row| row.method == decision.method || row.method == "*");
    // A method of its own comes before every method.
    let Some(row) = row.min_by_key(|row| row.method == "*") else {
        return Replayed { decision, change: Change::Gone, explanation: None };
    };
    match (asked(decision, row), &decision.stage) {
        (Some(requirement), _) => Replayed {
            decision,
            change: changed(decision, requirement.verdict_of(&decision.facts)),
            explanation: Some(requirement.explain(&decision.facts)),
        },
        (None, Stage::Policy { .. }) => Replayed { decision, change: Change::Gone, explanation: None },
        // It is public now.
        (None, _) => Replayed { decision, change: changed(decision, Ok(Verdict::True)), explanation: None },
    }
}

/// What is asked where the decision was made.
fn asked<'t>(decision: &Decision, row: &'t Row) -> Option<&'t Requirement> {
    let Stage::Policy { action, resource } = &decision.stage else { return row.requirement.as_ref() };
    let is_it = |object: &&ObjectRow| object.action == *action && object.resource == *resource;
    row.objects.iter().find(is_it).map(|object| &object.requirement)
}

fn changed(decision: &Decision, now: Result<Verdict, Unrecorded>) -> Change {
    match (decision.verdict, now) {
        (_, Err(unrecorded)) => Change::Unknowable(unrecorded.leaf().to_owned()),
        (None, Ok(_)) => Change::Unknowable("the object".to_owned()),
        (Some(from), Ok(to)) if from == to => Change::Same,
        (Some(from), Ok(to)) => Change::Flips { from, to },
    }
}
