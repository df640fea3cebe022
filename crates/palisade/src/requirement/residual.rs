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
    /// Decides what can be decided for `facts` without an object. A check is asked only if it can matter for some object,
    /// and once.
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
        _ => Residual::Decided(literal.verdict(&facts).unwrap_or(Verdict::Unknown)),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Authority, Principal, clock::SystemClock, requirement::RequestTime, requirement::check,
        requirement::check_async, requirement::relation, requirement::scope,
    };

    #[derive(Clone)]
    struct Caller(Authority);

    impl Principal for Caller {
        fn authority(&self) -> &Authority {
            &self.0
        }
    }

    /// What the relations of an object come to.
    struct Object([Verdict; 3]);

    fn verdicts() -> impl Strategy<Value = Verdict> {
        prop::sample::select(vec![Verdict::True, Verdict::False, Verdict::Unknown])
    }

    fn related(name: &'static str, at: usize) -> Requirement {
        relation(name, move |_: &Caller, object: &Object| object.0[at])
    }

    fn policies() -> impl Strategy<Value = Requirement> {
        let negatable = prop_oneof![
            Just(related("a", 0)),
            Just(related("b", 1)),
            Just(related("c", 2)),
            verdicts().prop_map(|verdict| check("now", move |_| verdict)),
            verdicts().prop_map(|verdict| check_async("later", move |_| Box::pin(async move { verdict }))),
        ];
        let literal = (negatable, any::<bool>())
            .prop_map(|(leaf, negated): (Requirement, bool)| if negated { !leaf } else { leaf });
        let leaf = prop_oneof![literal, Just(scope("held")), Just(scope("lacking"))];
        leaf.prop_recursive(4, 16, 3, |inner| {
            (inner.clone(), inner, any::<bool>()).prop_map(
                |(one, other, both): (Requirement, _, _)| {
                    if both { one & other } else { one | other }
                },
            )
        })
    }

    proptest! {
        #[test]
        fn what_is_left_comes_to_the_same_as_the_whole(policy in policies(), a in verdicts(), b in verdicts(), c in verdicts()) {
            let (object, scopes) = (Object([a, b, c]), "held".parse().unwrap());
            let caller = Caller(Authority::account("ada").scopes(scopes));
            let (head, ()) = http::Request::new(()).into_parts();
            let clock = SystemClock::shared();
            let time = RequestTime::of(&*clock);
            let facts = Facts {
                authority: caller.authority(),
                principal: &caller,
                head: &head,
                time: &time,
                path: None,
                resource: None,
            };
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let residual = runtime.block_on(policy.without_object(facts));
            let whole = runtime.block_on(policy.evaluate(Facts { resource: Some(&object), ..facts }));
            prop_assert_eq!(residual.verdict(&caller, &object), whole, "{}: {:?}", policy, residual);
        }
    }
}
