//! Bodies that must arrive in time. The header timeout ends with the headers: without this, a client could hold a
//! connection and an endpoint for ever by sending a body byte by byte.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// A body that fails if it has not arrived when its time is over.
pub(super) struct Timely<B> {
    body: B,
    deadline: Pin<Box<Sleep>>,
    lateness: Lateness,
}

/// Whether a body was too late; one that is not there never is.
#[derive(Clone, Debug, Default)]
pub(super) struct Lateness(Option<Arc<AtomicBool>>);

impl Lateness {
    pub(super) fn is_established(&self) -> bool {
        self.0.as_ref().is_some_and(|late| late.load(Ordering::Relaxed))
    }
}

impl<B> Timely<B> {
    pub(super) fn new(body: B, time: Duration) -> (Self, Lateness) {
        let lateness = Lateness(Some(Arc::default()));
        (Self { body, deadline: Box::pin(sleep(time)), lateness: lateness.clone() }, lateness)
    }
}

impl<B> Body for Timely<B>
where
    B: Body<Data = Bytes, Error: Into<axum::BoxError>> + Unpin,
{
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        self.deadline.as_mut().poll(context).map(|()| {
            if let Some(late) = &self.lateness.0 {
                late.store(true, Ordering::Relaxed);
            }
            Some(Err("the body did not arrive in time".into()))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
