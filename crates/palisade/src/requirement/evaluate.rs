//! Whether a requirement holds: three-valued (Kleene), so that a back end that did not answer is never taken for
//! "yes" nor for "no".

use super::{
    Leaf, Literal, Node, Requirement,
    check::{Facts, NamedCheck},
};
use crate::{denied::Denial, scope::ScopeSet};

/// What a leaf or a whole requirement comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It could not be found out.
    Unknown,
}

impl From<bool> for Verdict {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

impl<E> From<Result<bool, E>> for Verdict {
    /// A failure is `Unknown`, never "no".
    fn from(result: Result<bool, E>) -> Self {
        result.map_or(Self::Unknown, Self::from)
    }
}

impl Verdict {
    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// How far an evaluation came with the checks that have answered.
enum Progress {
    Done(Verdict),
    /// It hangs on this check, which has not been asked yet.
    Needs(NamedCheck),
}

/// The answers of the checks asked so far.
type Answers = Vec<(NamedCheck, Verdict)>;

impl Requirement {
    /// Whether the requirement holds for `facts`. A check is asked only when the answer hangs on it, and once.
    pub async fn evaluate(&self, facts: Facts<'_>) -> Verdict {
        let mut answers = Answers::new();
        loop {
            match progress(&self.0, facts, &answers) {
                Progress::Done(verdict) => return verdict,
                Progress::Needs(named) => {
                    let verdict = (named.check)(facts).await;
                    answers.push((named, verdict));
                }
            }
        }
    }

    /// Allows, or says how to refuse.
    pub(crate) async fn decide(&self, facts: Facts<'_>) -> Result<(), Denial> {
        match self.evaluate(facts).await {
            Verdict::True => Ok(()),
            Verdict::Unknown => Err(Denial::Undecided),
            Verdict::False => Err(self.why_not(facts)),
        }
    }

    /// Names what the caller could get to be allowed: if some alternative lacks nothing but scopes and a recent sign-in,
    /// its scopes, or then the sign-in. Otherwise just "forbidden": no other credential of this caller would do.
    fn why_not(&self, facts: Facts<'_>) -> Denial {
        for alternative in self.normal_form().unwrap_or_default() {
            let lacking: Vec<&Leaf> = alternative
                .iter()
                .filter(|literal| literal.verdict(facts) == Some(Verdict::False))
                .map(|literal| &literal.leaf)
                .collect();
            // A delegated credential does not get more recent.
            let obtainable = |leaf: &&Leaf| match leaf {
                Leaf::Scope(_) => true,
                Leaf::Recent(_) => !facts.authority.is_delegated(),
                _ => false,
            };
            if lacking.is_empty() || !lacking.iter().all(obtainable) {
                continue;
            }
            if lacking.iter().any(|leaf| matches!(leaf, Leaf::Scope(_))) {
                return Denial::InsufficientScope(scopes(&alternative));
            }
            let ages = lacking
                .iter()
                .filter_map(|leaf| if let Leaf::Recent(age) = leaf { Some(*age) } else { None });
            if let Some(age) = ages.min() {
                return Denial::NotRecent(age);
            }
        }
        Denial::Forbidden
    }
}

/// All scopes an alternative asks for, held or not: what the next token must carry.
fn scopes(alternative: &[Literal]) -> ScopeSet {
    let scope = |literal: &Literal| match &literal.leaf {
        Leaf::Scope(scope) => Some(scope.clone()),
        _ => None,
    };
    alternative.iter().filter_map(scope).collect()
}

/// Evaluates without waiting. `All` and `Any` ask no check while a plain leaf decides, so that nobody who lacks a scope
/// makes a back end work.
fn progress(node: &Node, facts: Facts<'_>, answers: &Answers) -> Progress {
    match node {
        Node::Literal(literal) => literal.progress(facts, answers),
        Node::All(parts) => fold(parts, Verdict::False, facts, answers),
        Node::Any(parts) => fold(parts, Verdict::True, facts, answers),
    }
}

/// Folds parts of which one that comes to `decisive` decides the whole.
fn fold(parts: &[Node], decisive: Verdict, facts: Facts<'_>, answers: &Answers) -> Progress {
    let mut verdict = decisive.not();
    let mut waiting = None;
    for part in parts {
        match progress(part, facts, answers) {
            Progress::Done(part) if part == decisive => return Progress::Done(decisive),
            Progress::Done(Verdict::Unknown) => verdict = Verdict::Unknown,
            Progress::Done(_) => {}
            Progress::Needs(check) => waiting = waiting.or(Some(check)),
        }
    }
    waiting.map_or(Progress::Done(verdict), Progress::Needs)
}

impl Literal {
    fn progress(&self, facts: Facts<'_>, answers: &Answers) -> Progress {
        let Leaf::Check(named) = &self.leaf else {
            return Progress::Done(self.verdict(facts).unwrap_or(Verdict::Unknown));
        };
        match answers.iter().find(|(asked, _)| asked == named) {
            Some((_, verdict)) if self.negated => Progress::Done(verdict.not()),
            Some((_, verdict)) => Progress::Done(*verdict),
            None => Progress::Needs(named.clone()),
        }
    }

    /// What the facts say; `None` for a check, which has to be asked.
    ///
    /// A delegated credential satisfies scopes only: neither `role(..)` nor `!role(..)` holds for it.
    pub(crate) fn verdict(&self, facts: Facts<'_>) -> Option<Verdict> {
        if !self.can_be_checked() {
            // No router with such a literal starts; wherever it came from, it lets nobody through.
            return Some(Verdict::Unknown);
        }
        let authority = facts.authority;
        let undelegated = !authority.is_delegated();
        let holds = match &self.leaf {
            Leaf::SignedIn | Leaf::Undelegated => undelegated,
            Leaf::Role(role) => undelegated && authority.held_roles().satisfies(role) != self.negated,
            Leaf::Scope(scope) => authority.held_scopes().contains(scope.as_str()),
            Leaf::Recent(age) => {
                let recent = |at| facts.now.since(at) <= *age;
                undelegated && authority.last_authenticated().is_some_and(recent)
            }
            Leaf::Check(_) => return None,
        };
        Some(holds.into())
    }
}
