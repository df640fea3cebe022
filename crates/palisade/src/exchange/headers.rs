//! Headers a dependency adds to the response, whatever the response turns out to be.

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderName, HeaderValue, request::Parts};

use super::{Exchange, lock};
use crate::{
    describe::{Describe, Description},
    problem::Problem,
};

/// Adds headers and cookies to the response. They are there whatever the handler returns, and when the request is
/// refused: a rolled session cookie is not lost on a 404, a cleared one not on a 401.
///
/// As an argument it refuses with 500 where no Palisade layer runs around the route.
#[derive(Clone, Debug)]
pub struct ResponseHeaders(Exchange);

impl ResponseHeaders {
    /// Adds a header, beside others of its name.
    pub fn append(&self, name: HeaderName, value: HeaderValue) {
        lock(&self.0.0.headers).append(name, value);
    }

    /// Sets a header, in place of others of its name that a dependency or the handler set.
    pub fn insert(&self, name: HeaderName, value: HeaderValue) {
        lock(&self.0.0.headers).insert(name, value);
    }
}

impl<S: Sync> FromRequestParts<S> for ResponseHeaders {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Problem> {
        Exchange::of(head).layered("ResponseHeaders").map(Self)
    }
}

impl<S> Describe<S> for ResponseHeaders {
    fn describe(_: &mut Description<'_>) {}
}

impl Exchange {
    pub(super) fn add_headers(&self, response: &mut HeaderMap) {
        let mut set = lock(&self.0.headers);
        if set.is_empty() {
            return;
        }
        for name in set.keys() {
            // Several cookies are several headers; of any other header the dependency's word is the last.
            if name != http::header::SET_COOKIE {
                response.remove(name);
            }
        }
        let mut last = None;
        for (name, value) in set.drain() {
            last = name.or(last);
            if let Some(name) = &last {
                response.append(name, value);
            }
        }
    }
}
