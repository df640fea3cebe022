//! Bodies that go on for long, such as event streams: cut off when their caller is no longer allowed.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes},
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;
use http_body::{Frame, SizeHint};

use super::{Closed, watch::Watch};
use crate::{
    describe::{Describe, Description},
    problem::Problem,
};

/// As an argument: lets a handler give an answer that ends when its caller is no longer allowed, as a
/// [socket](super) does. What is cut off ends as a broken body does, so that nobody takes it for the whole.
///
/// ```
/// use axum::{body::Body, response::Response};
/// use palisade::{prelude::*, socket::WhileAllowed};
///
/// async fn events(while_allowed: WhileAllowed) -> Undescribed<Response> {
///     # let events = Body::empty();
///     Undescribed(while_allowed.answer(Response::new(events)))
/// }
/// ```
#[derive(Debug)]
#[must_use = "give it the answer to guard"]
pub struct WhileAllowed(Watch);

impl WhileAllowed {
    /// `answer`, whose body lasts only as long as the caller is allowed.
    pub fn answer(self, answer: impl IntoResponse) -> Response {
        let ended = Some(Box::pin(self.0.ended()) as Pin<Box<dyn Future<Output = Closed> + Send>>);
        answer.into_response().map(|body| Body::new(Guarded { body, ended }))
    }
}

impl<S: Sync> FromRequestParts<S> for WhileAllowed {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(Watch::of(head)))
    }
}

impl<S> Describe<S> for WhileAllowed {
    fn describe(description: &mut Description<'_>) {
        description.rechecked = true;
    }
}

/// A body and what cuts it off; none when it has.
struct Guarded {
    body: Body,
    ended: Option<Pin<Box<dyn Future<Output = Closed> + Send>>>,
}

impl http_body::Body for Guarded {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let Some(ended) = &mut this.ended else { return Poll::Ready(None) };
        if let Poll::Ready(why) = ended.as_mut().poll(context) {
            this.ended = None;
            this.body = Body::empty();
            return Poll::Ready(Some(Err(axum::Error::new(why))));
        }
        Pin::new(&mut this.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
