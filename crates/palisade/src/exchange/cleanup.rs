//! Clean-ups: what a dependency leaves to be done when the request is over, the counterpart of Python's `yield`.
//!
//! There are two kinds. The first runs after the handler and decides, by failing, what the response is; the second, of
//! `after_body`, runs when the response has left.

use std::pin::{Pin, pin};

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;

use super::{BodyEnd, Exchange, after_body::AfterBody, catch_panic::CatchPanic, hold::Holds, lock};
use crate::{
    describe::{Describe, Description},
    problem::Problem,
};

/// How a request ended, as its clean-ups learn it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The response has a status below 400.
    Success,
    /// The response has a status of 400 or above, also because a later-registered clean-up failed.
    Failure,
    /// The endpoint panicked, and the caller gets a 500; or a task that [held](Cleanup::hold) the clean-ups did.
    Panic,
    /// The client went away before there was a response.
    ClientGone,
}

impl Outcome {
    pub(super) fn of(response: &Response) -> Self {
        let status = response.status();
        if status.is_client_error() || status.is_server_error() { Self::Failure } else { Self::Success }
    }
}

pub(super) type Doing = Pin<Box<dyn Future<Output = Result<(), Problem>> + Send>>;
type Work = Box<dyn FnOnce(Outcome) -> Doing + Send>;

/// What is registered and has not run yet.
#[derive(Default)]
pub(super) struct Cleanups {
    registered: Vec<Work>,
    /// How the request ended, once there was nothing left to run.
    pub(super) ended: Option<Outcome>,
    pub(super) after_body: AfterBody,
    pub(super) holds: Holds,
}

impl Cleanups {
    /// Whether nothing is to be done before the response is sent, nor waited for.
    pub(super) fn is_empty(&self) -> bool {
        self.registered.is_empty() && self.holds.count == 0
    }

    /// Whether nothing is to be done at all.
    pub(super) fn is_quiet(&self) -> bool {
        self.is_empty() && self.after_body.is_empty()
    }

    /// Both kinds are over.
    pub(super) fn end(&mut self, outcome: Outcome, end: BodyEnd) {
        self.ended = Some(outcome);
        self.after_body.end(end);
    }

    /// The one to run next; none ends it.
    fn next(&mut self, outcome: Outcome) -> Option<Work> {
        let next = self.registered.pop();
        if next.is_none() {
            self.ended = Some(outcome);
        }
        next
    }
}

/// What is to be done when the endpoint has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ToDo {
    Nothing,
    /// The clean-ups, before the response is sent.
    Now,
    /// The clean-ups, when nobody holds them any more. The response does not wait.
    WhenReleased,
}

/// Registers work to be done when the request is over, last registered first.
///
/// The work runs in a task of its own: it is done even when the client goes away, also in the middle of another
/// clean-up. A shutdown waits for it.
///
/// As an argument it refuses with 500 where no Palisade layer runs around the route.
#[derive(Clone, Debug)]
pub struct Cleanup(pub(super) Exchange);

impl Cleanup {
    /// Registers `work` to be done after the handler and before the response is sent. It learns the [`Outcome`]; when it
    /// fails, a response that was a success becomes that failure.
    ///
    /// It may register more itself, which is then done next. When the clean-ups are over already (a task that goes on
    /// after its request may still hold this), `work` is done at once.
    pub fn defer<F, W>(&self, work: F)
    where
        F: FnOnce(Outcome) -> W + Send + 'static,
        W: Future<Output = Result<(), Problem>> + Send + 'static,
    {
        let mut state = lock(&self.0.shared.state);
        let Some(outcome) = state.cleanups.ended else {
            state.cleanups.registered.push(Box::new(move |outcome| Box::pin(work(outcome))));
            return;
        };
        drop(state);
        self.0.spawn(async move { done(move || work(outcome)).await.is_ok() });
    }
}

impl<S: Sync> FromRequestParts<S> for Cleanup {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Problem> {
        Exchange::of(head).layered("Cleanup").map(Self)
    }
}

impl<S> Describe<S> for Cleanup {
    fn describe(_: &mut Description<'_>) {}
}

impl Exchange {
    /// What there is to do now that the endpoint has answered. Where it is nothing, the first kind is over.
    pub(super) fn to_clean_up(&self, outcome: Outcome) -> ToDo {
        let cleanups = &mut lock(&self.shared.state).cleanups;
        if cleanups.holds.count > 0 {
            return ToDo::WhenReleased;
        }
        if !cleanups.registered.is_empty() {
            return ToDo::Now;
        }
        cleanups.ended = Some(outcome);
        ToDo::Nothing
    }

    /// Runs what is registered, last first, and gives the response as the clean-ups leave it.
    pub(super) async fn clean_up(self, mut response: Response, mut outcome: Outcome) -> Response {
        // What is left stays registered while one runs, so that nothing is lost with it.
        while let Some(work) = self.next_cleanup(outcome) {
            if let Err(problem) = done(move || work(outcome)).await
                && outcome == Outcome::Success
            {
                outcome = Outcome::Failure;
                response = problem.into_response();
            }
        }
        response
    }

    /// Runs what is registered when the last hold is gone. The response has left by then: a failure only goes to the log.
    pub(super) async fn clean_up_when_released(self, outcome: Outcome) {
        let mut outcome = if self.released().await { Outcome::Panic } else { outcome };
        while let Some(work) = self.next_cleanup(outcome) {
            if done(move || work(outcome)).await.is_err() && outcome == Outcome::Success {
                outcome = Outcome::Failure;
            }
        }
    }

    fn next_cleanup(&self, outcome: Outcome) -> Option<Work> {
        let next = lock(&self.shared.state).cleanups.next(outcome);
        if next.is_none() {
            self.shared.changed.notify_waiters();
        }
        next
    }
}

/// Runs one clean-up. A panic in it is a failure like any other.
pub(super) async fn done<W>(work: impl FnOnce() -> W) -> Result<(), Problem>
where
    W: Future<Output = Result<(), Problem>>,
{
    let done = CatchPanic(pin!(async move { work().await })).await;
    let done = done.and_then(std::convert::identity);
    if let Err(problem) = &done {
        tracing::error!(cause = problem.cause(), "a clean-up failed: {problem}");
    }
    done
}
