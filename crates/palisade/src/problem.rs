//! What a caller is told when a request is refused or fails: a problem document (RFC 9457).
//!
//! A [`Problem`] has two halves. What the caller sees: status, `detail`, the faulty fields, a challenge. What only
//! the log sees: the [internal](Problem::internal) cause. The second never reaches a response.

use std::{
    borrow::Cow,
    fmt,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use axum::{
    body::{Body, Bytes},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde::Serialize;

use crate::{decision::DecisionId, denied::Denial, requirement::Explanation};

/// A refusal or failure on its way to the caller (RFC 9457). Cheap to clone, so that a dependency's failure can be
/// kept and given again.
#[derive(Clone)]
pub struct Problem(Box<Inner>);

#[derive(Clone)]
struct Inner {
    status: StatusCode,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    headers: HeaderMap,
    denial: Option<Denial>,
    /// The challenge of the credential that was refused, where that is known.
    presented: Option<Cow<'static, str>>,
    internal: Option<Arc<str>>,
    /// The document of another standard, sent in place of the problem document.
    foreign: Option<(HeaderValue, Bytes)>,
    /// The decision by which the caller was refused.
    decision: Option<DecisionId>,
    /// Why, where the caller is the developer.
    explanation: Option<Explanation>,
}

/// One fault of an input: where it is, what is wrong, and a stable word for the kind of fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct FieldError {
    /// Where the fault is: the part of the request, then the way to the value, such as `["body", "email"]`.
    pub loc: Vec<Segment>,
    /// What is wrong, as a sentence.
    pub msg: String,
    /// The kind of fault: `missing`, `type`, `json_invalid` and the like.
    #[serde(rename = "type")]
    pub kind: Cow<'static, str>,
}

/// One step of the way to a value: a member's name or an element's position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Segment {
    /// The member with this name.
    Name(String),
    /// The element at this position, from zero.
    Index(usize),
}

impl From<&str> for Segment {
    fn from(name: &str) -> Self {
        Self::Name(name.into())
    }
}

impl FieldError {
    /// A fault of kind `kind` at `loc`.
    pub fn new<L: Into<Segment>>(
        loc: impl IntoIterator<Item = L>,
        kind: impl Into<Cow<'static, str>>,
        msg: impl Into<String>,
    ) -> Self {
        Self { loc: loc.into_iter().map(Into::into).collect(), msg: msg.into(), kind: kind.into() }
    }
}

impl Problem {
    /// A problem with `status`, told to the caller as `detail`.
    ///
    /// A status that is no error (below 400) becomes 500: there is no such thing as a successful problem.
    pub fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        let status = if status.is_client_error() || status.is_server_error() {
            status
        } else {
            StatusCode::INTERNAL_SERVER_ERROR
        };
        Self(Box::new(Inner {
            status,
            detail: detail.into(),
            errors: Vec::new(),
            headers: HeaderMap::new(),
            denial: None,
            presented: None,
            internal: None,
            foreign: None,
            decision: None,
            explanation: None,
        }))
    }

    /// 404, as where no route matches: what is not there, and what is to look like it.
    pub(crate) fn nothing_here() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is nothing at this path")
    }

    /// 500: something on our side failed. `internal` goes to the log, the caller learns only that it failed.
    pub fn internal(internal: impl fmt::Display) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side").because(internal)
    }

    /// 503: a part this answer depends on did not answer. `internal` goes to the log.
    pub fn unavailable(internal: impl fmt::Display) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "A part of this service does not answer, try again later")
            .because(internal)
    }

    /// 422: the input does not have the documented form; every fault is listed.
    pub fn invalid_input(errors: Vec<FieldError>) -> Self {
        let detail: Cow<'static, str> = match &errors[..] {
            [only] => only.msg.clone().into(),
            many => format!("{} parts of the input are not valid, `errors` lists them", many.len()).into(),
        };
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail);
        problem.0.errors = errors;
        problem
    }

    /// Adds the cause, for the log only.
    #[must_use]
    pub fn because(mut self, internal: impl fmt::Display) -> Self {
        self.0.internal = Some(internal.to_string().into());
        self
    }

    /// Adds a header to the response.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.append(name, value);
        self
    }

    /// The status of the response; always an error.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// What the caller is told.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The faults of the input, if that is the problem.
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// Why the caller was denied, if that is the problem.
    pub fn denial(&self) -> Option<&Denial> {
        self.0.denial.as_ref()
    }

    /// The cause, which only the log may see.
    pub fn cause(&self) -> Option<&str> {
        self.0.internal.as_deref()
    }

    /// The id of the decision by which the caller was refused, if one was kept. The caller is told it.
    pub fn decision(&self) -> Option<DecisionId> {
        self.0.decision
    }

    pub(crate) fn decided(mut self, decision: Option<DecisionId>) -> Self {
        self.0.decision = decision;
        self
    }

    pub(crate) fn explained(mut self, explanation: Option<Explanation>) -> Self {
        self.0.explanation = explanation;
        self
    }

    pub(crate) fn presented(mut self, challenge: Option<Cow<'static, str>>) -> Self {
        self.0.presented = challenge;
        self
    }

    /// The challenge of the credential that was refused, where that is known.
    pub(crate) fn presented_challenge(&self) -> Option<&str> {
        self.0.presented.as_deref()
    }

    pub(crate) fn denied(mut self, denial: Denial) -> Self {
        self.0.denial = Some(denial);
        self
    }

    /// Turns what an extractor refused with into a problem: ours is taken as it is. A foreign one keeps its status and its
    /// headers; its text becomes the detail. A JSON document stays as it is: an extractor that writes one follows a
    /// standard of its own, as those of token endpoints do (RFC 6749, section 5.2). Of both, at most 4 KiB.
    pub(crate) fn from_rejection(rejection: impl IntoResponse) -> Self {
        let mut response = rejection.into_response();
        if let Some(problem) = response.extensions_mut().remove::<Self>() {
            return problem;
        }
        let (mut parts, body) = response.into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        let content_type = parts.headers.remove(header::CONTENT_TYPE);
        let json = content_type.filter(|media_type| media_type.as_bytes().starts_with(b"application/json"));
        let body = foreign_body(body);
        let in_general = Cow::Borrowed(parts.status.canonical_reason().unwrap_or("Refused"));
        let mut problem = match body.as_deref().and_then(text) {
            Some(_) if json.is_some() => Self::new(parts.status, in_general),
            Some(text) if parts.status.is_client_error() => {
                Self::new(parts.status, without_values(text).into_owned())
            }
            // What broke on our side is for the log.
            Some(text) => Self::new(parts.status, in_general).because(text),
            None => Self::new(parts.status, in_general),
        };
        problem.0.foreign = json.zip(body);
        problem.0.headers = parts.headers;
        problem
    }
}

/// The words in which serde and axum's extractors refuse, without the refused value, which they quote: `invalid type:
/// string "hunter2", expected u32` becomes `expected u32`.
pub(crate) fn without_values(words: &str) -> Cow<'_, str> {
    const QUOTING: [&str; 6] = [
        "invalid type: ",
        "invalid value: ",
        "unknown variant ",
        "unknown field ",
        "invalid length ",
        "Cannot parse ",
    ];
    let Some(quoted) = QUOTING.iter().filter_map(|quoting| words.find(quoting)).min() else {
        return Cow::Borrowed(words);
    };
    let before = words[..quoted].trim_end_matches([' ', ':']);
    // The last one: the value itself may contain the word.
    match words[quoted..].rsplit_once(", expected ") {
        Some((_, expected)) if before.is_empty() => format!("expected {expected}").into(),
        Some((_, expected)) => format!("{before}: expected {expected}").into(),
        None if before.is_empty() => Cow::Borrowed("the value is not valid"),
        None => before.to_owned().into(),
    }
}

/// A rejection's body. It is in memory already, so it is there at the first look; one that would have to be waited for is
/// none.
fn foreign_body(body: Body) -> Option<Bytes> {
    let mut collected = pin!(Limited::new(body, 4096).collect());
    let Poll::Ready(collected) = collected.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        return None;
    };
    Some(collected.ok()?.to_bytes())
}

fn text(body: &[u8]) -> Option<&str> {
    std::str::from_utf8(body).ok().map(str::trim).filter(|text| !text.is_empty())
}

/// The document as it is sent (RFC 9457, section 3.1).
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Problem")]
pub(crate) struct ProblemDocument<'a> {
    /// What kind of problem this is; `about:blank` says no more than `status`.
    r#type: &'static str,
    /// The status in words.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What went wrong and what to do, as a sentence.
    detail: &'a str,
    /// Each fault of the input, where that is the problem.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    /// The id under which it was written down why the caller was refused, where it was: say it when you ask about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "DecisionId")]
    decision: Option<DecisionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    explanation: Option<&'a Explanation>,
}

impl Problem {
    /// The document, or that of another standard, and its media type.
    fn document(&self) -> (HeaderValue, Bytes) {
        let document = ProblemDocument {
            r#type: "about:blank",
            title: self.0.status.canonical_reason().unwrap_or("Error"),
            status: self.0.status.as_u16(),
            detail: &self.0.detail,
            errors: &self.0.errors,
            decision: self.0.decision,
            explanation: self.0.explanation.as_ref(),
        };
        self.0.foreign.clone().unwrap_or_else(|| {
            // Strings, numbers and lists of them always serialise.
            let body = serde_json::to_vec(&document).unwrap_or_default();
            (HeaderValue::from_static("application/problem+json"), body.into())
        })
    }

    /// Gives the problem in `response` the id of a decision. What was made of it on the way, such as a page, is left as it is.
    pub(crate) fn decide_in(response: &mut Response, decision: DecisionId) {
        let Some(problem) = response.extensions_mut().remove::<Self>() else { return };
        let problem = problem.decided(Some(decision));
        let (media_type, document) = problem.document();
        let headers = response.headers_mut();
        if headers.get(header::CONTENT_TYPE) == Some(&media_type) && problem.0.foreign.is_none() {
            headers.remove(header::CONTENT_LENGTH);
            *response.body_mut() = Body::from(document);
        }
        response.extensions_mut().insert(problem);
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if self.0.status.is_server_error() {
            tracing::error!(status = self.0.status.as_u16(), cause = self.cause(), "{}", self.0.detail);
        } else if let Some(cause) = self.cause() {
            tracing::debug!(status = self.0.status.as_u16(), cause, "{}", self.0.detail);
        }
        let (content_type, body) = self.document();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.0.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, content_type);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.0.headers.clone());
        response.extensions_mut().insert(self);
        response
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem")
            .field("status", &self.0.status)
            .field("detail", &self.0.detail)
            .field("errors", &self.0.errors)
            .field("denial", &self.0.denial)
            .field("decision", &self.0.decision)
            .field("internal", &self.0.internal)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.status, self.0.detail)
    }
}

impl std::error::Error for Problem {}
