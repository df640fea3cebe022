//! Turns a panic while polling a future into a value.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use crate::problem::Problem;

/// Awaits a pinned future; a panic becomes `Err` with the problem the caller is told.
pub(crate) struct CatchPanic<'f, F>(pub(crate) Pin<&'f mut F>);

impl<F: Future> Future for CatchPanic<'_, F> {
    type Output = Result<F::Output, Problem>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let future = self.0.as_mut();
        // The future is not polled again after a panic, and what it shares is behind locks that survive one.
        match caught(|| future.poll(context)) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }
}

/// Calls `work`; a panic becomes `Err` with the problem the caller is told.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Problem> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| problem(panic.as_ref()))
}

fn problem(panic: &(dyn Any + Send)) -> Problem {
    let message =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Problem::internal(format_args!("panic: {}", message.unwrap_or("without a message")))
}
