//! A socket that does not wait for ever for a client to read. An answer that is never read would hold its connection,
//! and with as many as there may be, the server.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::{Sleep, sleep};

use super::activity::{Activity, Busy};

/// What is no longer than this is copied together: to gather it costs the system more.
const SMALL: usize = 1024;

/// Fails a write during which nothing could be written for as long as its patience.
pub(super) struct Patient<T> {
    io: T,
    patience: Duration,
    activity: Activity,
    /// While a write waits: a timer of the patience, and what keeps the connection busy.
    waiting: Option<(Pin<Box<Sleep>>, Busy)>,
}

impl<T> Patient<T> {
    pub(super) fn new(io: T, patience: Duration, activity: Activity) -> Self {
        Self { io, patience, activity, waiting: None }
    }

    pub(super) fn into_inner(self) -> T {
        self.io
    }

    fn bounded<R>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let (timer, _) =
            self.waiting.get_or_insert_with(|| (Box::pin(sleep(self.patience)), self.activity.begin()));
        timer.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<T: Read + Unpin> Read for Patient<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<T: Write + Unpin> Write for Patient<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.bounded(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length = slices.iter().map(|slice| slice.len()).sum();
        let mut together = [0; SMALL];
        if let Some(together) = together.get_mut(..length) {
            let mut rest = &mut *together;
            for slice in slices {
                let (here, after) = rest.split_at_mut(slice.len());
                here.copy_from_slice(slice);
                rest = after;
            }
            return self.poll_write(context, together);
        }
        let written = Pin::new(&mut self.io).poll_write_vectored(context, slices);
        self.bounded(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
