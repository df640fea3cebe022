//! Work that outlives its request: endpoints that run to their end, and clean-ups.

use tokio::{runtime::Handle, task::JoinHandle};
use tokio_util::task::TaskTracker;
use tracing::Instrument;

/// The tasks an app has running. A shutdown waits for them.
#[derive(Clone, Debug, Default)]
pub struct Tasks(TaskTracker);

impl Tasks {
    pub(super) fn spawn_on<F>(&self, work: F, runtime: &Handle) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.0.spawn_on(work.in_current_span(), runtime)
    }

    /// Waits until no task is running. Call it when no new request is accepted, and under a deadline of your own.
    pub async fn finished(&self) {
        self.0.close();
        self.0.wait().await;
    }
}
