//! Whom the guard let through, and what is kept of the request to say so: should the handler refuse the caller after all, or
//! allowed decisions be recorded, its head is gone by then.
//!
//! Nothing here allocates, unless the requirement reads headers or the path, before there is something to record.

use std::net::IpAddr;

use axum::response::Response;
use http::{Method, StatusCode, request::Parts};

use crate::{
    authority::Principal,
    clock::Timestamp,
    decision::{Case, DecisionId, Noted, RecordedCondition, RecordedFacts, Ruling, Stage},
    denied::Denial,
    exchange::Exchange,
    extract::PathParameters,
    problem::Problem,
    requirement::{Answers, Requirement, Verdict, client_address, header_outcomes},
};

/// A caller whom the requirement allows.
pub(super) struct Admission<'q, P> {
    pub(super) principal: P,
    pub(super) requirement: &'q Requirement,
    pub(super) answers: Answers<'q>,
    pub(super) path: Option<PathParameters>,
    pub(super) request: Seen,
}

/// What of the request's head is kept.
pub(super) struct Seen {
    method: Method,
    address: Option<IpAddr>,
    headers: Box<[RecordedCondition]>,
    /// When it was decided, if the requirement asked for the time.
    now: Option<Timestamp>,
}

impl Seen {
    /// `headers` says whether the requirement reads any.
    pub(super) fn of(head: &Parts, requirement: &Requirement, headers: bool, now: Option<Timestamp>) -> Self {
        let headers = if headers { header_outcomes(requirement, head).into() } else { Box::default() };
        Self { method: head.method.clone(), address: client_address(head), headers, now }
    }
}

impl<P: Principal> Admission<'_, P> {
    /// What was answered, with the id of a decision if that was a refusal which has none yet.
    pub(super) fn concluded(
        self,
        exchange: &Exchange,
        answered: Result<Response, Problem>,
    ) -> Result<Response, Problem> {
        let problem = match &answered {
            Ok(response) => response.extensions().get::<Problem>(),
            Err(problem) => Some(problem),
        };
        if problem.is_some_and(|problem| problem.decision().is_some()) {
            return answered;
        }
        let Some(ruling) = problem.and_then(refuses) else {
            if exchange.app().decisions.records_allowed() {
                self.record(exchange, Stage::Route, Ruling::Allowed);
            }
            return answered;
        };
        let decision = self.record(exchange, Stage::Handler, ruling);
        match answered {
            Ok(mut response) => {
                decision.into_iter().for_each(|id| Problem::decide_in(&mut response, id));
                Ok(response)
            }
            Err(problem) => Err(problem.decided(decision)),
        }
    }

    fn record(self, exchange: &Exchange, stage: Stage, ruling: Ruling) -> Option<DecisionId> {
        let Self { principal, requirement, answers, path, request } = self;
        let Seen { method, address, headers, now } = request;
        let now = now.unwrap_or_else(|| exchange.app().clock.now());
        let authority = principal.authority();
        let noted = Noted { now, address, headers: headers.into(), path: path.as_ref() };
        let facts = RecordedFacts::noted(requirement, authority, noted, &answers);
        let explanation = requirement.explain(&facts);
        let verdict = Some(Verdict::True);
        let case = Case { method: &method, authority, stage, ruling, verdict, facts, explanation };
        case.recorded(exchange)
    }
}

/// Whether a problem is a decision about the caller, rather than about its input or a failure of ours.
fn refuses(problem: &Problem) -> Option<Ruling> {
    let decides = problem.status() == StatusCode::FORBIDDEN || problem.denial() == Some(&Denial::Undecided);
    decides.then(|| Ruling::of(problem.status()))
}
