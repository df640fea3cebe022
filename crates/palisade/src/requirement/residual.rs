//! What is left of a policy when all is decided that does not hang on the object: the relations. It is worked out once, and
//! then asked of each object of a list, or turned into a query.

use std::any::Any;

use super::{
    Leaf, Literal, Requirement,
    check::{Facts, NamedCheck},
    evaluate::{Answers, Verdict},
    relation::NamedRelation,
    tree::Tree,
};

/// A policy of which only the relations are open.
#[derive(Clone, Debug)]
pub(crate) enum Residual {
    Decided(Verdict),
    Relation(NamedRelation, bool),
    All(Vec<Residual>),
    Any(Vec<Residual>),
}

impl Requirement {
    /// Decides what can be decided for `facts` without an object. A check is asked only if it can matter for some object, and
    /// once.
    pub(crate) async fn without_object(&self, facts: Facts<'_>) -> Residual {
        let mut answers = Answers::default();
        loop {
            let mut open = None;
            let residual = residual(&self.0, facts, &answers, &mut open);
            let Some(named) = open else { return residual };
            answers.add(named, named.check.ask(facts).await);
        }
    }
}

/// What is left of `tree`; the first check it hangs on goes to `open`, and is unknown until it is asked.
fn residual<'a>(
    tree: &'a Tree<Literal>,
    facts: Facts<'_>,
    answers: &Answers<'a>,
    open: &mut Option<&'a NamedCheck>,
) -> Residual {
    let (parts, decisive, join) = match tree {
        Tree::Leaf(literal) => return of_literal(literal, facts, answers, open),
        Tree::All(parts) => (parts, Verdict::False, Residual::All as fn(_) -> _),
        Tree::Any(parts) => (parts, Verdict::True, Residual::Any as fn(_) -> _),
    };
    let before = *open;
    let mut left = Vec::new();
    let mut unknown = false;
    for part in parts {
        match residual(part, facts, answers, open) {
            Residual::Decided(verdict) if verdict == decisive => {
                // Whatever check the others hang on need not be asked.
                *open = before;
                return Residual::Decided(decisive);
            }
            Residual::Decided(Verdict::Unknown) => unknown = true,
            Residual::Decided(_) => {}
            part => left.push(part),
        }
    }
    if unknown {
        left.push(Residual::Decided(Verdict::Unknown));
    }
    match left.len() {
        0 => Residual::Decided(!decisive),
        1 => left.remove(0),
        _ => join(left),
    }
}

fn of_literal<'a>(
    literal: &'a Literal,
    facts: Facts<'_>,
    answers: &Answers<'a>,
    open: &mut Option<&'a NamedCheck>,
) -> Residual {
    match &literal.leaf {
        Leaf::Relation(named) => Residual::Relation(named.clone(), literal.negated),
        Leaf::Check(named) => {
            let answer = answers.of(named);
            if answer.is_none() {
                open.get_or_insert(named);
            }
            Residual::Decided(literal.signed(answer.unwrap_or(Verdict::Unknown)))
        }
        _ => Residual::Decided(literal.verdict(facts).unwrap_or(Verdict::Unknown)),
    }
}

impl Residual {
    /// What it comes to for this object: the same as the whole policy.
    pub(crate) fn verdict(
        &self,
        principal: &(dyn Any + Send + Sync),
        resource: &(dyn Any + Send + Sync),
    ) -> Verdict {
        let fold = |parts: &[Self], decisive: Verdict| {
            let mut all = !decisive;
            for part in parts {
                match part.verdict(principal, resource) {
                    part if part == decisive => return decisive,
                    Verdict::Unknown => all = Verdict::Unknown,
                    Verdict::True | Verdict::False => {}
                }
            }
            all
        };
        match self {
            Self::Decided(verdict) => *verdict,
            Self::Relation(named, negated) => {
                let verdict = named.verdict(principal, Some(resource));
                if *negated { !verdict } else { verdict }
            }
            Self::All(parts) => fold(parts, Verdict::False),
            Self::Any(parts) => fold(parts, Verdict::True),
        }
    }
}
