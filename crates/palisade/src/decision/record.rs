//! How a refusal becomes a decision: it gets an id, is kept, is logged, and its id goes to the caller.

use http::{Method, StatusCode, request::Parts};

use super::{Decision, DecisionId, RecordedFacts, Ruling, Stage, facts::cut};
use crate::{
    authority::{Authority, Subject},
    edge,
    exchange::Exchange,
    problem::Problem,
    requirement::{Explanation, Refusal, Verdict},
};

/// How long an id and a method may be, in bytes.
const LONGEST: usize = 256;

/// What was decided, before it has an id.
pub(crate) struct Case<'a> {
    pub(crate) method: &'a Method,
    pub(crate) authority: &'a Authority,
    pub(crate) stage: Stage,
    pub(crate) ruling: Ruling,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) facts: RecordedFacts,
    pub(crate) explanation: Explanation,
}

/// Refuses a caller who is known with `problem`: records why, and gives the problem the decision's id.
///
/// `authority` is the caller's and `head` the request's. The problem's status says what the caller learns; with 404 it learns
/// nothing more, whatever is recorded. To hide an object, call this in both cases: for one that may not be seen with what
/// [`Requirement::weigh`](crate::requirement::Requirement) refused with, for one that is not there with
/// `Refusal::for_want_of_an_object`.
pub(crate) fn refused(
    exchange: &Exchange,
    head: &Parts,
    authority: &Authority,
    refusal: Refusal,
    stage: Stage,
    problem: Problem,
) -> Problem {
    let Refusal { explanation, facts, verdict, .. } = refusal;
    let app = exchange.app();
    let shown = problem.status() == StatusCode::FORBIDDEN
        && app.explains
        && edge::is_of_this_machine(&head.uri, &head.headers, &head.extensions);
    let shown = shown.then(|| explanation.clone());
    let ruling = Ruling::of(problem.status());
    let case = Case { method: &head.method, authority, stage, ruling, verdict, facts, explanation };
    problem.decided(case.recorded(exchange)).explained(shown)
}

impl Ruling {
    /// What an error status says.
    pub(crate) fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::SERVICE_UNAVAILABLE => Self::Undecided,
            status => Self::Refused(status.as_u16()),
        }
    }
}

impl Case<'_> {
    /// Keeps it and logs it. Without randomness there is no id: then it is logged alone, and the refusal stands.
    pub(crate) fn recorded(self, exchange: &Exchange) -> Option<DecisionId> {
        let app = exchange.app();
        let id = match DecisionId::draw(&*app.random) {
            Ok(id) => Some(id),
            Err(error) => {
                tracing::warn!(%error, "a decision has no id, and is not kept");
                None
            }
        };
        self.log(id, exchange.template());
        let decision = Decision {
            id: id?,
            method: cut(self.method.as_str(), LONGEST),
            path: exchange.template().to_owned(),
            subject: bounded(self.authority.subject()),
            stage: self.stage,
            ruling: self.ruling,
            verdict: self.verdict,
            facts: self.facts,
            explanation: Some(self.explanation),
        };
        app.decisions.keep(decision).then_some(id).flatten()
    }

    fn log(&self, id: Option<DecisionId>, path: &str) {
        if self.ruling == Ruling::Allowed {
            return;
        }
        let (subject, method) = (self.authority.subject(), self.method);
        let id = id.map(tracing::field::display);
        let Self { ruling, stage, explanation, .. } = self;
        tracing::info!(decision = id, %subject, %method, path, ?ruling, ?stage, "refused");
        tracing::debug!(decision = id, %explanation, "refused because");
    }
}

/// An id as long as it may be.
fn bounded(subject: &Subject) -> Subject {
    match subject {
        Subject::Account(id) if id.len() > LONGEST => Subject::Account(cut(id, LONGEST).into()),
        Subject::Client(id) if id.len() > LONGEST => Subject::Client(cut(id, LONGEST).into()),
        subject => subject.clone(),
    }
}
