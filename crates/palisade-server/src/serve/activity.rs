//! Whether a connection is busy: a request is being answered, or bytes wait until the client takes them.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll},
};

use http_body::{Body, Frame, SizeHint};

/// What happens on one connection, counted by its parts. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Activity(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    begun: AtomicU32,
    ended: AtomicU32,
}

/// Keeps its connection busy until it is dropped.
#[derive(Debug)]
pub(super) struct Busy(Activity);

impl Activity {
    pub(super) fn begin(&self) -> Busy {
        self.0.begun.fetch_add(1, Ordering::Relaxed);
        Busy(self.clone())
    }

    /// Only the connection's own task begins, so it always sees what has begun. It may see an end late, never early.
    pub(super) fn is_busy(&self) -> bool {
        self.ended() != self.0.begun.load(Ordering::Relaxed)
    }

    /// How often the connection ended something.
    pub(super) fn ended(&self) -> u32 {
        self.0.ended.load(Ordering::Relaxed)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// The body of a response: its connection is busy until it is dropped.
pub(super) struct BusyBody<B> {
    body: B,
    _busy: Option<Busy>,
}

impl<B> BusyBody<B> {
    pub(super) fn new(body: B, busy: Option<Busy>) -> Self {
        Self { body, _busy: busy }
    }
}

impl<B: Body + Unpin> Body for BusyBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_until_all_that_began_has_ended() {
        let activity = Activity::default();
        assert!(!activity.is_busy());
        let (first, second) = (activity.begin(), activity.begin());
        drop(first);
        assert!(activity.is_busy());
        drop(second);
        assert!(!activity.is_busy());
        assert_eq!(activity.ended(), 2);
    }

    #[test]
    fn a_panic_ends_what_began() {
        let activity = Activity::default();
        let busy = activity.begin();
        std::thread::spawn(move || {
            let _busy = busy;
            std::panic::resume_unwind(Box::new("a handler"));
        })
        .join()
        .unwrap_err();
        assert!(!activity.is_busy());
    }
}
