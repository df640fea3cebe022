//! Why a caller is denied, before it becomes a [`Problem`]: nobody is known (401), somebody is known who may not
//! (403), or a back end could not say (503). The challenge is added where the route's schemes are known.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::{factor::Factor, problem::Problem, scope::ScopeSet};

/// The ways to be denied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denial {
    /// 401: the request carries no credential. The caller's part: send one.
    NotAuthenticated,
    /// 401: the credential is malformed, expired, revoked or unknown. Which of these, only the log says.
    InvalidCredentials,
    /// 403: the caller is known and its credential lacks these scopes (RFC 6750, section 3.1).
    InsufficientScope(ScopeSet),
    /// 403: the caller is known and signed in too long ago (RFC 9470); the longest allowed age.
    NotRecent(Duration),
    /// 403: the caller is known and did not sign in with this factor (RFC 9470).
    MissingFactor(Factor),
    /// 403: the caller is known and may not.
    Forbidden,
    /// 403: a browser sent a credential by itself, and the request does not come from our own pages (cross-site request
    /// forgery).
    CrossSite,
    /// 429: the caller is known and has used up what it may; when there will be more.
    TooManyRequests(Duration),
    /// 503: whether the caller may could not be found out.
    Undecided,
}

/// A dependency's or a guard's "no". Turns into a [`Problem`].
#[derive(Clone, Debug)]
pub struct Denied {
    denial: Denial,
    detail: Option<Cow<'static, str>>,
    cause: Option<Arc<str>>,
}

impl Denied {
    /// 401: the request carries no credential.
    pub fn not_authenticated() -> Self {
        Denial::NotAuthenticated.into()
    }

    /// 401: the credential did not verify.
    pub fn invalid_credentials() -> Self {
        Denial::InvalidCredentials.into()
    }

    /// 403: the caller is known and may not.
    pub fn forbidden() -> Self {
        Denial::Forbidden.into()
    }

    /// 403: the credential lacks `scopes`.
    pub fn insufficient_scope(scopes: ScopeSet) -> Self {
        Denial::InsufficientScope(scopes).into()
    }

    /// 429: the caller has used up what it may, and may come back after `wait`. Nobody needs a new credential for that.
    pub fn too_many_requests(wait: Duration) -> Self {
        Denial::TooManyRequests(wait).into()
    }

    /// 503: whether the caller may could not be found out, for `cause`, which goes to the log.
    pub fn undecided(cause: impl fmt::Display) -> Self {
        Self::from(Denial::Undecided).because(cause)
    }

    /// Tells the caller `detail` instead of the usual sentence.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds the cause, for the log only.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string().into());
        self
    }

    /// Why.
    pub fn denial(&self) -> &Denial {
        &self.denial
    }
}

impl Denial {
    /// The status this denial is answered with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotAuthenticated | Self::InvalidCredentials => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope(_)
            | Self::NotRecent(_)
            | Self::MissingFactor(_)
            | Self::Forbidden
            | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Undecided => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn sentence(&self) -> &'static str {
        match self {
            Self::NotAuthenticated => "Not authenticated",
            Self::InvalidCredentials => "Could not validate credentials",
            Self::InsufficientScope(_) | Self::Forbidden => "Not enough permissions",
            Self::CrossSite => {
                "The request does not come from a page of this site: send `Origin`, or a credential that browsers do not \
                 send by themselves"
            }
            Self::NotRecent(_) => "This needs a more recent sign-in: sign in again",
            Self::MissingFactor(_) => "This needs a sign-in with another factor",
            Self::TooManyRequests(_) => "Too many requests: `Retry-After` says when to come back",
            Self::Undecided => "Whether you may do this could not be found out, try again later",
        }
    }
}

impl From<Denial> for Denied {
    fn from(denial: Denial) -> Self {
        Self { denial, detail: None, cause: None }
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let detail = denied.detail.unwrap_or(Cow::Borrowed(denied.denial.sentence()));
        let problem = Self::new(denied.denial.status(), detail);
        let problem = match denied.denial {
            Denial::TooManyRequests(wait) => problem.header(header::RETRY_AFTER, whole_seconds(wait)),
            _ => problem,
        };
        let problem = problem.denied(denied.denial);
        match denied.cause {
            Some(cause) => problem.because(cause),
            None => problem,
        }
    }
}

/// At least one, rounded up: whoever comes back then is not refused again.
fn whole_seconds(duration: Duration) -> HeaderValue {
    let seconds = duration.as_millis().div_ceil(1000).max(1);
    u64::try_from(seconds).unwrap_or(u64::MAX).into()
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
