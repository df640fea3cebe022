//! Headers a dependency adds to the response, whatever the response turns out to be.

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};

use super::{Exchange, lock};
use crate::{
    describe::{Describe, Description},
    problem::Problem,
};

/// Adds headers and cookies to the response. They are there whatever the handler returns, and when the request is
/// refused: a rolled session cookie is not lost on a 404, a cleared one not on a 401. What is added after the response
/// was sent is lost.
///
/// As an argument it refuses with 500 where no Palisade layer runs around the route.
#[derive(Clone, Debug)]
pub struct ResponseHeaders(Exchange);

impl ResponseHeaders {
    /// Adds a header, beside others of its name, also beside the handler's.
    pub fn append(&self, name: HeaderName, value: HeaderValue) {
        self.change(Change::Append(name, value));
    }

    /// Sets a header, in place of others of its name that a dependency or the handler set. Cookies are always beside each
    /// other: `Set-Cookie` is appended.
    pub fn insert(&self, name: HeaderName, value: HeaderValue) {
        if name == header::SET_COOKIE {
            self.append(name, value);
        } else {
            self.change(Change::Insert(name, value));
        }
    }

    fn change(&self, change: Change) {
        lock(&self.0.shared.state).headers.push(change);
    }
}

/// What is done to the response's headers when there is a response, in the order it was asked for.
pub(super) enum Change {
    Append(HeaderName, HeaderValue),
    Insert(HeaderName, HeaderValue),
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
    /// Adds a header to the response, where a layer runs that can.
    pub(crate) fn append_header(&self, name: HeaderName, value: HeaderValue) {
        if self.shared.runtime.is_some() {
            lock(&self.shared.state).headers.push(Change::Append(name, value));
        }
    }

    pub(super) fn add_headers(&self, response: &mut HeaderMap) {
        for change in std::mem::take(&mut lock(&self.shared.state).headers) {
            match change {
                Change::Append(name, value) => drop(response.append(name, value)),
                Change::Insert(name, value) => drop(response.insert(name, value)),
            }
        }
    }
}
