//! A probe in a request: notes whether its handler would have run, and answers in its place.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{Extensions, StatusCode, request::Parts};

use crate::problem::Problem;

/// A request that carries a probe in its extensions is let through to a handler, or refused, like any other; but where the
/// guard is about to read the handler's arguments, it notes that on the probe and answers 204 instead. So every route can be
/// called by everybody, and nothing happens.
///
/// [`Matrix`](super::Matrix) puts one into each request. It is an extractor too, for a handler that is not behind a guard.
#[derive(Clone, Default)]
pub struct Probe(Arc<AtomicUsize>);

impl Probe {
    /// One that has noted nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that a handler would run now.
    pub fn note(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// How many handlers would have run.
    pub fn times(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// What is answered in place of the handler, if the request has a probe.
    pub(crate) fn stands_in(head: &Parts) -> Option<Response> {
        let probe = head.extensions.get::<Self>()?;
        probe.note();
        Some(StatusCode::NO_CONTENT.into_response())
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Probe").field(&self.times()).finish()
    }
}

impl<S: Sync> FromRequestParts<S> for Probe {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Problem> {
        head.extensions.get().cloned().ok_or_else(|| Problem::internal("the request carries no probe"))
    }
}

/// A value that stands for a dependency in one request.
#[derive(Clone)]
struct Posed<T>(T);

/// Puts `value` in the place of the dependency `T`, for the request with these extensions.
pub(super) fn pose<T: Clone + Send + Sync + 'static>(extensions: &mut Extensions, value: T) {
    extensions.insert(Posed(value));
}

/// What stands for the dependency `T` in this request.
pub(crate) fn posed<T: Clone + Send + Sync + 'static>(head: &Parts) -> Option<T> {
    head.extensions.get::<Posed<T>>().map(|Posed(value)| value.clone())
}
