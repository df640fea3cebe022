//! Work that outlives its request: endpoints that run to their end, and clean-ups.

use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

/// The tasks an app has running. A shutdown waits for them.
#[derive(Clone, Debug, Default)]
pub struct Tasks(TaskTracker);

impl Tasks {
    pub(super) fn spawn<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.0.spawn(work.in_current_span())
    }

    /// Waits until no task is running. Call it when no new request is accepted, and under a deadline of your own.
    pub async fn finished(&self) {
        self.0.close();
        self.0.wait().await;
    }
}
