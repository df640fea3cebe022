//! How a token endpoint refuses (RFC 6749, section 5.2).

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::{
    describe::{DescribeResponse, Description},
    problem::Problem,
};

/// What is wrong with a token request (RFC 6749, section 5.2; the last two by section 4.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OAuth2ErrorCode {
    /// 400: a field is missing, repeated or not of its form.
    InvalidRequest,
    /// 401: the client is unknown or did not authenticate.
    InvalidClient,
    /// 400: the name and password, code or refresh token is not valid.
    InvalidGrant,
    /// 400: this client may not use this grant type.
    UnauthorizedClient,
    /// 400: the server does not know this grant type.
    UnsupportedGrantType,
    /// 400: the scope is unknown, malformed or more than the account has.
    InvalidScope,
    /// 500: something on the server's side failed.
    ServerError,
    /// 503 or 429: the server has too much to do just now; `Retry-After` says when to come back.
    TemporarilyUnavailable,
}

impl OAuth2ErrorCode {
    fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// A refusal of a token endpoint.
#[derive(Clone, Debug)]
pub struct OAuth2Error {
    code: OAuth2ErrorCode,
    status: StatusCode,
    description: Cow<'static, str>,
    retry_after: Option<u64>,
    challenge: Option<HeaderValue>,
}

impl OAuth2Error {
    /// A refusal with `code`, explained to a developer by `description`. Characters that RFC 6749, section 5.2 does not
    /// allow there (quotes, backslashes, anything but ASCII) are told as `'` and `?`.
    pub fn new(code: OAuth2ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        let description = allowed(description.into());
        Self { code, status: code.status(), description, retry_after: None, challenge: None }
    }

    /// 429: this caller has tried too often; it may come back after `seconds`.
    pub fn too_many_requests(seconds: u64) -> Self {
        let mut error = Self::new(
            OAuth2ErrorCode::TemporarilyUnavailable,
            "Too many attempts from this address, try again later",
        );
        error.status = StatusCode::TOO_MANY_REQUESTS;
        error.retry_after(seconds)
    }

    /// Adds `Retry-After: seconds`.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Adds `WWW-Authenticate: challenge`, for a client that tried to authenticate by a header (RFC 6749, section 5.2).
    #[must_use]
    pub fn challenge(mut self, challenge: HeaderValue) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// What is wrong.
    pub fn code(&self) -> OAuth2ErrorCode {
        self.code
    }
}

fn allowed(description: Cow<'static, str>) -> Cow<'static, str> {
    let is_allowed = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
    if description.chars().all(is_allowed) {
        return description;
    }
    let told = |c| match c {
        '"' => '\'',
        c if is_allowed(c) => c,
        _ => '?',
    };
    description.chars().map(told).collect::<String>().into()
}

/// The body (RFC 6749, section 5.2); `detail` says the same as `error_description` to clients that read problem documents.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "OAuth2Error")]
struct Body<'a> {
    /// What is wrong, as a code.
    error: OAuth2ErrorCode,
    /// What is wrong, as a sentence for a developer.
    error_description: &'a str,
    /// The same sentence.
    detail: &'a str,
}

impl IntoResponse for OAuth2Error {
    fn into_response(self) -> Response {
        let body = Body { error: self.code, error_description: &self.description, detail: &self.description };
        let mut response = (self.status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = self.challenge {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        response
    }
}

impl DescribeResponse for OAuth2Error {
    fn describe_response(description: &mut Description<'_>) {
        for (status, words) in [
            (StatusCode::BAD_REQUEST, "Refused; `error` says why"),
            (StatusCode::UNAUTHORIZED, "The client did not authenticate"),
            (
                StatusCode::TOO_MANY_REQUESTS,
                "Too many attempts from this address; `Retry-After` says when to come back",
            ),
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "Too much to do just now; `Retry-After` says when to come back",
            ),
        ] {
            describe(description, status, words);
        }
    }
}

/// The operation can refuse with `status` and a body of this form.
pub(super) fn describe(description: &mut Description<'_>, status: StatusCode, words: &str) {
    description.answers::<Body<'static>>(status, words);
}

impl From<Problem> for OAuth2Error {
    /// A problem met on the way to a token: the input's fault is `invalid_request`, ours is `server_error`.
    fn from(problem: Problem) -> Self {
        let status = problem.status();
        let code = match status {
            StatusCode::SERVICE_UNAVAILABLE => OAuth2ErrorCode::TemporarilyUnavailable,
            status if status.is_server_error() => OAuth2ErrorCode::ServerError,
            _ => OAuth2ErrorCode::InvalidRequest,
        };
        if let Some(cause) = problem.cause() {
            tracing::error!(cause, "{problem}");
        }
        let mut error = Self::new(code, problem.detail().to_owned());
        // 413 and 415 say more than 400 does; for the rest the code's own status is the standard's.
        if matches!(status, StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNSUPPORTED_MEDIA_TYPE) {
            error.status = status;
        }
        error
    }
}
