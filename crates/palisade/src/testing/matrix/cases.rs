//! The callers each requirement is tried with: exactly enough for each alternative; the same without one leaf; everything
//! there is without one leaf; and those who hold much of the wrong kind.

use std::time::Duration;

use super::situation::{Holdings, Situation};
use crate::{
    factor::Factor,
    requirement::{Leaf, Literal, Requirement, StatedLiteral},
    table::Row,
};

/// Somebody who calls.
pub(super) struct Case {
    /// Who it is, in words.
    pub(super) who: String,
    pub(super) situation: Situation,
    /// Whether it was put together to be admitted.
    pub(super) is_enough: bool,
}

/// Everything that anything in the table asks for.
#[derive(Default)]
pub(super) struct Everything {
    held: Holdings,
}

impl Everything {
    pub(super) fn in_rows<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Self {
        let mut all = Self::default();
        for requirement in rows.into_iter().filter_map(|row| row.requirement.as_ref()) {
            for literal in requirement.literals() {
                match &literal.leaf {
                    Leaf::Scope(scope, _) => _ = all.held.scopes.insert(scope.clone()),
                    Leaf::Role(role, _) => all.held.add_all((role.kind.leaves)()),
                    _ => {}
                }
            }
        }
        all
    }

    /// Somebody who holds all of it, with the request that `requirement` asks for.
    fn caller(&self, requirement: &Requirement) -> Situation {
        let mut situation = Situation {
            held: self.held.clone(),
            tenants: requirement.parameters().map(|parameter| (parameter, self.held.clone())).collect(),
            elsewhere: Some(self.held.clone()),
            age: Some(Duration::ZERO),
            factors: Factor::ALL.into_iter().collect(),
            ..Situation::default()
        };
        // Last, since it takes away what is negated.
        for literal in requirement.literals() {
            situation.hold(literal);
        }
        situation
    }
}

/// The callers `requirement` is tried with, each once.
pub(super) fn of(requirement: &Requirement, everything: &Everything) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut add = |who: String, situation: Situation, is_enough: bool| match cases
        .iter_mut()
        .find(|case| case.situation == situation)
    {
        Some(known) => known.is_enough |= is_enough,
        None => cases.push(Case { who, situation, is_enough }),
    };
    let normal = requirement.normalized();
    let alternatives = normal.as_ref().map(Requirement::alternatives).unwrap_or_default();
    for alternative in &alternatives {
        let said = said(alternative);
        add(format!("exactly `{said}`"), exactly(alternative), true);
    }
    for literal in distinct(requirement) {
        let mut situation = everything.caller(requirement);
        situation.lack(literal);
        add(format!("everything but `{}`", said(&[literal])), situation, false);
    }
    for alternative in &alternatives {
        for missing in alternative {
            let mut situation = exactly(alternative);
            situation.lack(missing);
            let who = format!("exactly `{}` but `{}`", said(alternative), said(&[missing]));
            if situation.hold_elsewhere(missing) {
                add(format!("{who}, which is held elsewhere"), situation.clone(), false);
            }
            let mut situation = exactly(alternative);
            situation.lack(missing);
            add(who, situation, false);
        }
    }
    let all = everything.caller(requirement);
    let delegated = Situation { delegated: true, ..all.clone() };
    add("a client with everything".into(), Situation { is_client: true, ..delegated.clone() }, false);
    add("a delegated credential with everything".into(), delegated, false);
    add("an account with everything".into(), all, false);
    add("an account with nothing".into(), Situation::default(), false);
    add(
        "a delegated credential with nothing".into(),
        Situation { delegated: true, ..Situation::default() },
        false,
    );
    cases
}

/// No more than what these leaves ask for: where they ask for no account, a delegated credential.
fn exactly(alternative: &[&Literal]) -> Situation {
    let mut situation = Situation { delegated: true, ..Situation::default() };
    for literal in alternative {
        if asks_for_an_account(&literal.leaf) {
            situation.delegated = false;
        }
        situation.hold(literal);
    }
    situation
}

fn asks_for_an_account(leaf: &Leaf) -> bool {
    match leaf {
        Leaf::SignedIn | Leaf::Undelegated | Leaf::Recent(_) | Leaf::Factor(_) | Leaf::Role(..) => true,
        Leaf::Scope(..)
        | Leaf::Tenant(_)
        | Leaf::Client(_)
        | Leaf::Condition(_)
        | Leaf::Check(_)
        | Leaf::Relation(_) => false,
    }
}

fn distinct(requirement: &Requirement) -> Vec<&Literal> {
    let mut distinct: Vec<&Literal> = Vec::new();
    for literal in requirement.literals() {
        if !distinct.contains(&literal) {
            distinct.push(literal);
        }
    }
    distinct
}

fn said(literals: &[&Literal]) -> String {
    literals.iter().map(|literal| StatedLiteral::from(*literal).to_string()).collect::<Vec<_>>().join(" & ")
}
