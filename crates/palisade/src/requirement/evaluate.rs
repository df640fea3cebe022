//! Whether a requirement holds: three-valued (Kleene), so that a back end that did not answer is never taken for
//! "yes" nor for "no".

use super::{
    Leaf, Literal, Requirement,
    check::{Check, Facts, NamedCheck},
    explain::Explanation,
    tree::Tree,
};
use crate::{decision::RecordedFacts, denied::Denial};

/// What a leaf or a whole requirement comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
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

impl std::ops::Not for Verdict {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// How far an evaluation came with the checks that have answered.
#[derive(Clone, Copy)]
pub(super) enum Progress<'a> {
    Done(Verdict),
    /// It hangs on this check, which has not been asked yet.
    Needs(&'a NamedCheck),
}

/// The answers of the checks asked so far. The first few are kept without allocating.
#[derive(Default)]
pub(crate) struct Answers<'a> {
    few: [Option<(&'a NamedCheck, Verdict)>; 3],
    more: Vec<(&'a NamedCheck, Verdict)>,
}

impl<'a> Answers<'a> {
    pub(crate) fn of(&self, check: &NamedCheck) -> Option<Verdict> {
        let answers = self.few.iter().flatten().chain(&self.more);
        answers.into_iter().find(|(asked, _)| *asked == check).map(|(_, verdict)| *verdict)
    }

    /// The answers, by the names of the checks.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, Verdict)> {
        let answers = self.few.iter().flatten().chain(&self.more);
        answers.map(|(asked, verdict)| (asked.name, *verdict))
    }

    pub(super) fn add(&mut self, check: &'a NamedCheck, verdict: Verdict) {
        match self.few.iter_mut().find(|place| place.is_none()) {
            Some(place) => *place = Some((check, verdict)),
            None => self.more.push((check, verdict)),
        }
    }
}

impl Requirement {
    /// Whether the requirement holds for `facts`. A check is asked only when the answer hangs on it, and once.
    pub async fn evaluate(&self, facts: Facts<'_>) -> Verdict {
        self.find_out(facts, &mut Answers::default()).await
    }

    /// Whether the requirement holds for `facts`, if that can be said without waiting for a back end: `None` when it hangs on
    /// a check made by [`check_async`](super::check_async).
    pub fn evaluate_now(&self, facts: Facts<'_>) -> Option<Verdict> {
        match self.progress(&facts, &mut Answers::default()) {
            Progress::Done(verdict) => Some(verdict),
            Progress::Needs(_) => None,
        }
    }

    async fn find_out<'a>(&'a self, facts: Facts<'_>, answers: &mut Answers<'a>) -> Verdict {
        loop {
            match self.progress(&facts, answers) {
                Progress::Done(verdict) => return verdict,
                Progress::Needs(named) => {
                    answers.add(named, named.check.ask(facts).await);
                }
            }
        }
    }

    fn progress<'a>(&'a self, facts: &Facts<'_>, answers: &mut Answers<'a>) -> Progress<'a> {
        progress(&self.0, true, facts, answers)
    }

    /// Allows, or says how to refuse, why, and what a decision records of it; the checks' answers are left in `answers`.
    pub(crate) async fn weigh<'a>(
        &'a self,
        facts: Facts<'_>,
        answers: &mut Answers<'a>,
    ) -> Result<(), Refusal> {
        let verdict = match self.progress(&facts, answers) {
            Progress::Done(verdict) => verdict,
            // In a box: what a check may hold while it waits would make the future of every request large.
            Progress::Needs(_) => Box::pin(self.find_out(facts, answers)).await,
        };
        if verdict == Verdict::True {
            return Ok(());
        }
        let recorded = RecordedFacts::of(self, facts, answers);
        let explanation = Explanation::of(self, facts, answers, &recorded);
        let denial = match verdict {
            Verdict::Unknown => Denial::Undecided,
            _ => explanation.denial(facts.authority.is_delegated()),
        };
        Err(Refusal { denial, explanation, facts: recorded, verdict: Some(verdict) })
    }
}

/// A "no", or a "nobody knows", and what it rests on.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) denial: Denial,
    pub(crate) explanation: Explanation,
    pub(crate) facts: RecordedFacts,
    /// None where the requirement was not asked.
    pub(crate) verdict: Option<Verdict>,
}

impl Refusal {
    /// Of what a policy would be asked about an object that does not exist: nothing was asked.
    pub(crate) fn for_want_of_an_object(requirement: &Requirement, facts: Facts<'_>) -> Self {
        let facts = RecordedFacts::of(requirement, Facts { resource: None, ..facts }, &Answers::default());
        let explanation = requirement.explain(&facts);
        Self { denial: Denial::Forbidden, explanation, facts, verdict: None }
    }
}

/// Evaluates without waiting. Checks that answer at once are asked if `ask` says so, and only where the answer hangs on them:
/// plain leaves come first, so that nobody who lacks a scope makes a check run.
fn progress<'a>(
    tree: &'a Tree<Literal>,
    ask: bool,
    facts: &Facts<'_>,
    answers: &mut Answers<'a>,
) -> Progress<'a> {
    let (parts, decisive) = match tree {
        Tree::Leaf(literal) => return literal.progress(ask, facts, answers),
        Tree::All(parts) => (parts, Verdict::False),
        Tree::Any(parts) => (parts, Verdict::True),
    };
    let mut folding = Folding { decisive, verdict: !decisive, waiting: None };
    let mut open = Places::default();
    for (place, part) in parts.iter().enumerate() {
        match folding.take(progress(part, false, facts, answers)) {
            Step::Decided => return Progress::Done(decisive),
            Step::Open => open.insert(place),
            Step::Closed => {}
        }
    }
    if !ask || folding.waiting.is_none() {
        return folding.end();
    }
    folding.waiting = None;
    for (_, part) in parts.iter().enumerate().filter(|(place, _)| open.contains(*place)) {
        if let Step::Decided = folding.take(progress(part, true, facts, answers)) {
            return Progress::Done(decisive);
        }
    }
    folding.end()
}

/// Parts folded together, of which one that comes to `decisive` decides the whole.
struct Folding<'a> {
    decisive: Verdict,
    verdict: Verdict,
    /// The first check that has not been asked.
    waiting: Option<&'a NamedCheck>,
}

/// What a part did to the whole.
enum Step {
    Decided,
    Closed,
    Open,
}

impl<'a> Folding<'a> {
    fn take(&mut self, part: Progress<'a>) -> Step {
        match part {
            Progress::Done(part) if part == self.decisive => return Step::Decided,
            Progress::Done(Verdict::Unknown) => self.verdict = Verdict::Unknown,
            Progress::Done(_) => {}
            Progress::Needs(check) => {
                self.waiting = self.waiting.or(Some(check));
                return Step::Open;
            }
        }
        Step::Closed
    }

    fn end(self) -> Progress<'a> {
        self.waiting.map_or(Progress::Done(self.verdict), Progress::Needs)
    }
}

/// Which of some parts: the first 64 one by one, the others together.
#[derive(Default)]
struct Places {
    first: u64,
    others: bool,
}

impl Places {
    fn insert(&mut self, place: usize) {
        match place {
            0..64 => self.first |= 1 << place,
            _ => self.others = true,
        }
    }

    fn contains(&self, place: usize) -> bool {
        if place < 64 { self.first & (1 << place) != 0 } else { self.others }
    }
}

impl Literal {
    fn progress<'a>(&'a self, ask: bool, facts: &Facts<'_>, answers: &mut Answers<'a>) -> Progress<'a> {
        let Leaf::Check(named) = &self.leaf else {
            return Progress::Done(self.verdict(facts).unwrap_or(Verdict::Unknown));
        };
        let verdict = match (answers.of(named), &named.check) {
            (Some(verdict), _) => verdict,
            (None, Check::Now(check)) if ask => {
                let verdict = check(*facts);
                answers.add(named, verdict);
                verdict
            }
            (None, _) => return Progress::Needs(named),
        };
        Progress::Done(self.signed(verdict))
    }

    /// `verdict` of the leaf, as this literal has it.
    pub(super) fn signed(&self, verdict: Verdict) -> Verdict {
        if self.negated { !verdict } else { verdict }
    }

    /// What the facts say; `None` for a check, which has to be asked.
    ///
    /// A delegated credential satisfies scopes and tenants only: neither `role(..)` nor `!role(..)` holds for it.
    pub(crate) fn verdict(&self, facts: &Facts<'_>) -> Option<Verdict> {
        if !self.can_be_checked() {
            // No router with such a literal starts; wherever it came from, it lets nobody through.
            return Some(Verdict::Unknown);
        }
        let authority = facts.authority;
        let undelegated = !authority.is_delegated();
        let holds = match &self.leaf {
            Leaf::SignedIn | Leaf::Undelegated => undelegated,
            Leaf::Role(role, None) => undelegated && authority.held_roles().satisfies(role) != self.negated,
            Leaf::Scope(scope, None) => authority.held_scopes().has(scope),
            Leaf::Recent(age) => {
                let recent = |at| facts.now().since(at) <= *age;
                undelegated && authority.last_authenticated().is_some_and(recent)
            }
            Leaf::Factor(factor) => undelegated && authority.used_factors().contains(*factor),
            Leaf::Client(id) => authority.client_id() == Some(&**id),
            Leaf::Role(_, Some(_)) | Leaf::Scope(_, Some(_)) | Leaf::Tenant(_) => {
                return Some(self.in_tenant(facts, undelegated));
            }
            Leaf::Condition(named) => {
                return Some(self.signed(named.condition.verdict(facts.head, || facts.now())));
            }
            Leaf::Relation(named) => {
                return Some(self.signed(named.verdict(facts.principal, facts.resource)));
            }
            Leaf::Check(_) => return None,
        };
        Some(holds.into())
    }

    /// What is held in the tenant the path names; unknown where it names none.
    fn in_tenant(&self, facts: &Facts<'_>, undelegated: bool) -> Verdict {
        let Some(tenant) = self.leaf.parameter().and_then(|name| facts.parameter(name)) else {
            return Verdict::Unknown;
        };
        let membership = facts.authority.memberships().get(tenant);
        let holds = match &self.leaf {
            Leaf::Role(role, _) => {
                let held = membership.is_some_and(|membership| membership.held_roles().satisfies(role));
                undelegated && held != self.negated
            }
            Leaf::Scope(scope, _) => membership.is_some_and(|membership| membership.held_scopes().has(scope)),
            _ => membership.is_some(),
        };
        holds.into()
    }
}
