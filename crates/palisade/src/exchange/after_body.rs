//! The second kind of clean-ups: what is done when the body of the response has been let go of.
//!
//! Only a response with such work has its body watched; others leave as they are.

use std::{
    mem::take,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http::{HeaderMap, header};
use http_body::{Frame, SizeHint};
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::{
    Cleanup, Exchange, Outcome,
    cleanup::{Doing, done},
    lock,
};
use crate::problem::Problem;

/// How the body of a response ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyEnd {
    /// The server took all of it, or there was none to take (a `HEAD`, a 204). Whether the client received it nobody can
    /// know.
    Complete,
    /// The server let go of it before its end: the client went away, the body failed, or there was no response to send.
    CutOff,
}

type Work = Box<dyn FnOnce(Outcome, BodyEnd) -> Doing + Send>;

/// What is registered for after the body and has not run yet.
#[derive(Default)]
pub(super) struct AfterBody {
    registered: Vec<Work>,
    /// How the body ended, once there was nothing left to run.
    ended: Option<BodyEnd>,
}

impl AfterBody {
    pub(super) fn is_empty(&self) -> bool {
        self.registered.is_empty()
    }

    pub(super) fn end(&mut self, end: BodyEnd) {
        self.ended = Some(end);
    }
}

impl Cleanup {
    /// Registers `work` to be done when the server has let go of the response's body, complete or cut off: for what a
    /// streamed body reads from. It learns the [`Outcome`] and the [`BodyEnd`]; the response has left, so that an error
    /// only goes to the log. It runs after all that [`Cleanup::defer`] registered, and also when there is no body, no
    /// response, or the response is a refusal.
    ///
    /// When it is over already, `work` is done at once; when the response left with nothing registered, nobody looked at
    /// its body, and `work` is told `CutOff` unless the body was empty.
    pub fn after_body<F, W>(&self, work: F)
    where
        F: FnOnce(Outcome, BodyEnd) -> W + Send + 'static,
        W: Future<Output = Result<(), Problem>> + Send + 'static,
    {
        let mut state = lock(&self.0.shared.state);
        let cleanups = &mut state.cleanups;
        let (Some(outcome), Some(end)) = (cleanups.ended, cleanups.after_body.ended) else {
            let work: Work = Box::new(move |outcome, end| Box::pin(work(outcome, end)));
            cleanups.after_body.registered.push(work);
            return;
        };
        drop(state);
        self.0.spawn(async move { done(move || work(outcome, end)).await.is_ok() });
    }
}

impl Exchange {
    /// The response, with its body watched if something is to be done after it, or may be while it is `held`.
    pub(super) fn watch(&self, response: Response, held: bool) -> Response {
        let empty = self.is_empty(&response);
        let mut state = lock(&self.shared.state);
        let cleanups = &mut state.cleanups;
        if cleanups.after_body.registered.is_empty() && !held {
            cleanups.after_body.ended = Some(if empty { BodyEnd::Complete } else { BodyEnd::CutOff });
            return response;
        }
        drop(state);
        let (head, body) = response.into_parts();
        let watched = Watched {
            left: content_length(&head.headers),
            body,
            state: if empty { State::Ended } else { State::Open },
            exchange: self.clone(),
            _waited_for: self.tasks().token(),
        };
        Response::from_parts(head, Body::new(watched))
    }

    /// Runs what is registered for after the body, last first, when the first kind of clean-ups is over.
    pub(super) async fn clean_up_after_body(self, end: BodyEnd) {
        let outcome = self.cleaned_up().await;
        while let Some(work) = self.next_after_body(end) {
            // Nobody is left to be told; the log was.
            let _ = done(move || work(outcome, end)).await;
        }
    }

    fn is_empty(&self, response: &Response) -> bool {
        self.shared.bodiless || http_body::Body::is_end_stream(response.body())
    }

    /// Ends the exchange if nothing is left to do but to send the response; whether that is so, as it mostly is.
    pub(super) fn ends_quietly(&self, response: &Response) -> bool {
        let end = if self.is_empty(response) { BodyEnd::Complete } else { BodyEnd::CutOff };
        let kept = lock(&self.shared.state).end_quietly(Outcome::of(response), end);
        // What was kept is dropped here, without the lock: values may hold the exchange.
        kept.is_some()
    }

    /// For a client that is gone, where nothing is registered.
    pub(super) fn ends_abandoned(&self) -> bool {
        let cleanups = &mut lock(&self.shared.state).cleanups;
        let nothing = cleanups.is_empty() && cleanups.after_body.registered.is_empty();
        if nothing {
            cleanups.ended = Some(Outcome::ClientGone);
            cleanups.after_body.ended = Some(BodyEnd::CutOff);
        }
        nothing
    }

    /// Runs everything that is registered, for a client that is gone.
    pub(super) async fn clean_up_abandoned(self) {
        self.clone().clean_up_when_released(Outcome::ClientGone).await;
        self.clone().clean_up_after_body(BodyEnd::CutOff).await;
        self.forget();
    }

    fn next_after_body(&self, end: BodyEnd) -> Option<Work> {
        let after_body = &mut lock(&self.shared.state).cleanups.after_body;
        let next = after_body.registered.pop();
        if next.is_none() {
            after_body.ended = Some(end);
        }
        next
    }

    /// How the request ended, when the first kind of clean-ups is over.
    async fn cleaned_up(&self) -> Outcome {
        self.when(|cleanups| cleanups.ended).await
    }
}

/// A body that says when it is let go of.
struct Watched {
    body: Body,
    /// How many bytes are missing of the length that was announced: a server need not ask for more than those.
    left: Option<u64>,
    state: State,
    exchange: Exchange,
    _waited_for: TaskTrackerToken,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Ended,
    Failed,
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

impl Watched {
    fn end(&self) -> BodyEnd {
        let complete = match self.state {
            State::Ended => true,
            State::Failed => false,
            State::Open => self.left == Some(0) || http_body::Body::is_end_stream(&self.body),
        };
        if complete { BodyEnd::Complete } else { BodyEnd::CutOff }
    }
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let polled = ready!(Pin::new(&mut this.body).poll_frame(context));
        match &polled {
            None => this.state = State::Ended,
            Some(Err(_)) => this.state = State::Failed,
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                this.left = this.left.map(|left| left.saturating_sub(length));
            }
        }
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let end = self.end();
        // What the body holds is gone before the work begins.
        drop(take(&mut self.body));
        drop(self.exchange.spawn(self.exchange.clone().clean_up_after_body(end)));
    }
}
