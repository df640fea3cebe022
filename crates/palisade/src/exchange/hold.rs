//! Holds: what keeps an exchange's clean-ups waiting for a task that goes on after the response.

use tokio_util::task::task_tracker::TaskTrackerToken;

use super::{Cleanup, Exchange, cleanup::Cleanups, lock};

/// Keeps the clean-ups of a request waiting, those of both kinds, until it is dropped: see [`Cleanup::hold`].
#[derive(Debug)]
#[must_use = "the clean-ups wait only as long as this is kept"]
pub struct Hold {
    exchange: Exchange,
    _waited_for: TaskTrackerToken,
}

impl Cleanup {
    /// Makes the clean-ups wait until the hold, and every other one, is dropped: move it into the task that goes on
    /// after the response, such as a WebSocket's. Take it before the endpoint has answered; later there is nothing left to
    /// wait.
    ///
    /// The response does not wait, and so a clean-up that fails no longer changes it. The clean-ups learn the
    /// [`Outcome`](super::Outcome) of the response that was sent (101 is a success), or `Panic` if a hold was dropped by a
    /// panic. A shutdown waits for the hold; its deadline is the only bound there is on one that is never dropped. A
    /// clean-up must not own one, it would wait for itself.
    pub fn hold(&self) -> Hold {
        lock(&self.0.shared.state).cleanups.holds.count += 1;
        Hold { exchange: self.0.clone(), _waited_for: self.0.tasks().token() }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let holds = &mut lock(&self.exchange.shared.state).cleanups.holds;
        holds.count -= 1;
        holds.panicked |= std::thread::panicking();
        self.exchange.shared.changed.notify_waiters();
    }
}

/// Who holds the clean-ups.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Holds {
    pub(super) count: usize,
    /// Whether a hold was dropped by a panic.
    panicked: bool,
}

impl Exchange {
    /// Waits until there is no hold; whether one was dropped by a panic.
    pub(super) async fn released(&self) -> bool {
        let released = |cleanups: &Cleanups| Some(cleanups.holds).filter(|holds| holds.count == 0);
        self.when(released).await.panicked
    }

    /// Waits until the clean-ups have an answer.
    pub(super) async fn when<T>(&self, answer: impl Fn(&Cleanups) -> Option<T>) -> T {
        loop {
            // From here on no change is missed.
            let changed = self.shared.changed.notified();
            if let Some(answer) = answer(&lock(&self.shared.state).cleanups) {
                return answer;
            }
            changed.await;
        }
    }
}
