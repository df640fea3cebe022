//! Work that outlives its request: endpoints that run to their end, clean-ups, and open sockets.

use tokio::{runtime::Handle, task::JoinHandle};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};
use tracing::Instrument;

/// The tasks an app has running. A shutdown waits for them.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    running: TaskTracker,
    stopping: CancellationToken,
}

impl Tasks {
    pub(super) fn spawn_on<F>(&self, work: F, runtime: &Handle) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.running.spawn_on(work.in_current_span(), runtime)
    }

    /// What is waited for as a task is, while it is kept.
    pub(crate) fn token(&self) -> TaskTrackerToken {
        self.running.token()
    }

    /// Says that a shutdown has begun: open [sockets](crate::socket) are closed with 1001, and what is answered
    /// [while it is allowed](crate::socket::WhileAllowed) is cut off. Everything else goes on.
    pub fn stop(&self) {
        self.stopping.cancel();
    }

    pub(crate) fn stopping(&self) -> CancellationToken {
        self.stopping.clone()
    }

    /// [Stops](Self::stop) what does not end by itself, and waits until no task is running. Call it when no new request is
    /// accepted, and under a deadline of your own.
    pub async fn finished(&self) {
        self.stop();
        self.running.close();
        self.running.wait().await;
    }
}
