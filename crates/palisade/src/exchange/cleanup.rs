//! Clean-ups: what a dependency leaves to be done when the request is over, the counterpart of Python's `yield`.

use std::{fmt, pin::Pin};

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
    fn of(response: &Response) -> Self {
        let status = response.status();
        if status.is_client_error() || status.is_server_error() { Self::Failure } else { Self::Success }
    }
}

type Work = Box<dyn FnOnce(Outcome) -> Pin<Box<dyn Future<Output = Result<(), Problem>> + Send>> + Send>;

pub(super) struct Registered(Work);

/// Registers work to be done after the handler and before the response is sent, last registered first.
///
/// The work runs in a task of its own: it is done even when the client goes away, also in the middle of another
/// clean-up. It learns the [`Outcome`]; when it fails, a response that was a success becomes that failure.
///
/// As an argument it refuses with 500 where no Palisade layer runs around the route.
#[derive(Clone, Debug)]
pub struct Cleanup(Exchange);

impl Cleanup {
    /// Registers `work`.
    pub fn defer<F, W>(&self, work: F)
    where
        F: FnOnce(Outcome) -> W + Send + 'static,
        W: Future<Output = Result<(), Problem>> + Send + 'static,
    {
        let work: Work = Box::new(move |outcome| Box::pin(work(outcome)));
        lock(&self.0.0.cleanups).push(Registered(work));
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

impl fmt::Debug for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Registered")
    }
}

impl Exchange {
    pub(super) fn has_cleanups(&self) -> bool {
        !lock(&self.0.cleanups).is_empty()
    }

    /// Runs what is registered, last first, and gives the response as the clean-ups leave it.
    pub(super) async fn clean_up(self, answered: Result<Response, Problem>) -> Response {
        let (mut response, mut outcome) = match answered {
            Ok(response) => {
                let outcome = Outcome::of(&response);
                (response, outcome)
            }
            Err(panic) => (panic.into_response(), Outcome::Panic),
        };
        while let Some(problem) = self.clean_up_one(outcome).await {
            if let Err(problem) = problem
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
        while self.clean_up_one(Outcome::ClientGone).await.is_some() {}
    }

    /// Runs the last registered clean-up; `None` when there is none. A panic in it is a failure like any other. What is
    /// left stays registered while one runs, so that nothing is lost with it.
    async fn clean_up_one(&self, outcome: Outcome) -> Option<Result<(), Problem>> {
        let Registered(work) = lock(&self.0.cleanups).pop()?;
        let done = CatchPanic::new(async move { work(outcome).await }).await;
        let done = done.and_then(std::convert::identity);
        if let Err(problem) = &done {
            tracing::error!(cause = problem.cause(), "a clean-up failed: {problem}");
        }
        Some(done)
    }
}
