//! Clean-ups: what a dependency leaves to be done when the request is over, the counterpart of Python's `yield`.

use std::pin::{Pin, pin};

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;

use super::{Exchange, catch_panic::CatchPanic, lock};
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
    /// The endpoint panicked; the caller gets a 500.
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

type Work = Box<dyn FnOnce(Outcome) -> Pin<Box<dyn Future<Output = Result<(), Problem>> + Send>> + Send>;

/// What is registered and has not run yet.
#[derive(Default)]
pub(super) struct Cleanups {
    registered: Vec<Work>,
    /// How the request ended, once there was nothing left to run.
    ended: Option<Outcome>,
}

impl Cleanups {
    /// The one to run next; none ends it.
    fn next(&mut self, outcome: Outcome) -> Option<Work> {
        let next = self.registered.pop();
        if next.is_none() {
            self.ended = Some(outcome);
        }
        next
    }
}

/// Registers work to be done after the handler and before the response is sent, last registered first.
///
/// The work runs in a task of its own: it is done even when the client goes away, also in the middle of another
/// clean-up. It learns the [`Outcome`]; when it fails, a response that was a success becomes that failure.
///
/// As an argument it refuses with 500 where no Palisade layer runs around the route.
#[derive(Clone, Debug)]
pub struct Cleanup(Exchange);

impl Cleanup {
    /// Registers `work`. It may register more itself, which is then done next. When the clean-ups are over already (a task
    /// that goes on after its request may still hold this), `work` is done at once.
    pub fn defer<F, W>(&self, work: F)
    where
        F: FnOnce(Outcome) -> W + Send + 'static,
        W: Future<Output = Result<(), Problem>> + Send + 'static,
    {
        let work: Work = Box::new(move |outcome| Box::pin(work(outcome)));
        let mut cleanups = lock(&self.0.shared.cleanups);
        let Some(outcome) = cleanups.ended else {
            cleanups.registered.push(work);
            return;
        };
        drop(cleanups);
        self.0.spawn(async move { done(work, outcome).await.is_ok() });
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
    /// Ends the exchange if there is nothing to clean up.
    pub(super) fn ends_without_cleanups(&self, outcome: Outcome) -> bool {
        let mut cleanups = lock(&self.shared.cleanups);
        if cleanups.registered.is_empty() {
            cleanups.ended = Some(outcome);
        }
        cleanups.registered.is_empty()
    }

    /// Runs what is registered, last first, and gives the response as the clean-ups leave it.
    pub(super) async fn clean_up(self, mut response: Response, mut outcome: Outcome) -> Response {
        // What is left stays registered while one runs, so that nothing is lost with it.
        while let Some(work) = self.next_cleanup(outcome) {
            if let Err(problem) = done(work, outcome).await
                && outcome == Outcome::Success
            {
                outcome = Outcome::Failure;
                response = problem.into_response();
            }
        }
        response
    }

    /// Runs what is registered for a client that is gone.
    pub(super) async fn clean_up_abandoned(self) {
        while let Some(work) = self.next_cleanup(Outcome::ClientGone) {
            // Nobody is left to be told; the log was.
            let _ = done(work, Outcome::ClientGone).await;
        }
        self.forget();
    }

    fn next_cleanup(&self, outcome: Outcome) -> Option<Work> {
        lock(&self.shared.cleanups).next(outcome)
    }
}

/// Runs one clean-up. A panic in it is a failure like any other.
async fn done(work: Work, outcome: Outcome) -> Result<(), Problem> {
    let done = CatchPanic(pin!(async move { work(outcome).await })).await;
    let done = done.and_then(std::convert::identity);
    if let Err(problem) = &done {
        tracing::error!(cause = problem.cause(), "a clean-up failed: {problem}");
    }
    done
}
