//! The body of a signed request, compared with the digest the signature covers while it is read.

use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

use aws_lc_rs::digest::{self, SHA256};
use axum::{
    body::{Body, Bytes},
    extract::Request,
};
use http::request::Parts;
use http_body::{Frame, SizeHint};

use super::{
    Refused, SIGNATURE_INPUT,
    content_digest::{self, Digest},
};

/// Says that the body is watched, and of which digest it must be once somebody knows.
#[derive(Clone)]
struct Watched {
    has_body: bool,
    expected: Arc<OnceLock<Digest>>,
}

/// Watches the body of a request that may turn out to be signed.
pub(crate) fn watch(request: &mut Request) {
    if !request.headers().contains_key(SIGNATURE_INPUT) {
        return;
    }
    let has_body = !http_body::Body::is_end_stream(request.body());
    let expected = Arc::new(OnceLock::new());
    if has_body {
        let inner = std::mem::take(request.body_mut());
        let so_far = Some(digest::Context::new(&SHA256));
        *request.body_mut() = Body::new(Watching { inner, so_far, expected: expected.clone() });
    }
    request.extensions_mut().insert(Watched { has_body, expected });
}

/// Whether the request has a body.
pub(super) fn has_body(head: &Parts) -> Result<bool, Refused> {
    head.extensions.get::<Watched>().map(|watched| watched.has_body).ok_or(Refused::NoLayer)
}

/// From here on, the body is one of the digest `digest`, or breaks off.
pub(super) fn expect(head: &Parts, digest: Digest) -> Result<(), Refused> {
    let watched = head.extensions.get::<Watched>().ok_or(Refused::NoLayer)?;
    let expected = watched.expected.get_or_init(|| digest);
    let possible = watched.has_body || digest == content_digest::of(b"");
    if *expected == digest && possible { Ok(()) } else { Err(Refused::OtherBody) }
}

/// A body that ends with an error when it is not of the digest that is expected by then.
struct Watching {
    inner: Body,
    /// `None` when the end was reached.
    so_far: Option<digest::Context>,
    expected: Arc<OnceLock<Digest>>,
}

impl Watching {
    fn end(&mut self) -> Result<(), axum::Error> {
        let Some(so_far) = self.so_far.take() else { return Ok(()) };
        let digest = content_digest::finished(so_far.finish());
        let is_expected = self.expected.get().is_none_or(|expected| *expected == digest);
        if is_expected { Ok(()) } else { Err(axum::Error::new(Refused::OtherBody)) }
    }
}

impl http_body::Body for Watching {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let frame = match std::task::ready!(Pin::new(&mut this.inner).poll_frame(context)) {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => return Poll::Ready(this.end().err().map(Err)),
        };
        if let (Some(so_far), Some(data)) = (&mut this.so_far, frame.data_ref()) {
            so_far.update(data);
        }
        // Who is told that this was all need not ask again: the last frame is handed out only when the whole is right.
        if http_body::Body::is_end_stream(&this.inner)
            && let Err(error) = this.end()
        {
            return Poll::Ready(Some(Err(error)));
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.so_far.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        http_body::Body::size_hint(&self.inner)
    }
}
