//! When to stop: at the first signal in order, at the second at once.

use std::io;

use anyhow::{Context as _, Result};
use tokio_util::sync::CancellationToken;

/// Says when to stop. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Shutdown(CancellationToken);

impl Shutdown {
    /// Stops at SIGINT (Ctrl-C) or SIGTERM; a second one ends the process on the spot.
    pub(crate) fn on_signal() -> Result<Self> {
        let token = CancellationToken::new();
        let mut signals = Signals::new().context("signals cannot be heard")?;
        tokio::spawn({
            let token = token.clone();
            async move {
                signals.next().await;
                tracing::info!(
                    "stopping: requests in flight are finished first; a second signal stops at once"
                );
                token.cancel();
                signals.next().await;
                std::process::exit(1);
            }
        });
        Ok(Self(token))
    }

    /// Returns once it is time to stop.
    pub(crate) async fn asked(&self) {
        self.0.cancelled().await;
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
