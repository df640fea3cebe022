//! When to stop: at the first signal in order, at the second at once.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
};

use anyhow::{Context as _, Result};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Says when to stop. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shutdown(Arc<Signal>);

#[derive(Debug, Default)]
struct Signal {
    /// Set before the token is cancelled.
    asked: AtomicBool,
    token: CancellationToken,
}

impl Shutdown {
    /// Stops at SIGINT (Ctrl-C) or SIGTERM; a second one ends the process on the spot.
    pub(crate) fn on_signal() -> Result<Self> {
        let shutdown = Self::default();
        let mut signals = Signals::new().context("signals cannot be heard")?;
        tokio::spawn({
            let shutdown = shutdown.clone();
            async move {
                signals.next().await;
                tracing::info!(
                    "stopping: requests in flight are finished first; a second signal stops at once"
                );
                shutdown.ask();
                signals.next().await;
                std::process::exit(1);
            }
        });
        Ok(shutdown)
    }

    /// Makes it time to stop.
    pub(crate) fn ask(&self) {
        self.0.asked.store(true, Ordering::Release);
        self.0.token.cancel();
    }

    /// Returns once it is time to stop.
    pub(crate) fn asked(&self) -> Asked {
        Asked {
            signal: Arc::clone(&self.0),
            cancelled: Box::pin(self.0.token.clone().cancelled_owned()),
            waker: None,
        }
    }
}

/// Ready once it is time to stop. To poll it again costs one load, so that a connection can do so each time it runs.
#[derive(Debug)]
pub(crate) struct Asked {
    signal: Arc<Signal>,
    cancelled: Pin<Box<WaitForCancellationFutureOwned>>,
    /// What `cancelled` wakes.
    waker: Option<Waker>,
}

impl Future for Asked {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.signal.asked.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        let registered = self.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker()));
        if registered {
            return Poll::Pending;
        }
        self.waker = Some(context.waker().clone());
        // The token looks again once the waker is registered: what is asked in between is not lost.
        self.cancelled.as_mut().poll(context)
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

#[cfg(test)]
mod tests {
    use std::{
        sync::{Barrier, atomic::AtomicU32},
        task::Wake,
        time::Duration,
    };

    use tokio::time::timeout;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicU32);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn poll(asked: &mut Asked, counter: &Arc<Count>) -> Poll<()> {
        let waker = Waker::from(Arc::clone(counter));
        Pin::new(asked).poll(&mut Context::from_waker(&waker))
    }

    #[test]
    fn the_waker_of_the_last_poll_is_woken_once() {
        let shutdown = Shutdown::default();
        let mut asked = shutdown.asked();
        let (first, last) = (Arc::new(Count::default()), Arc::new(Count::default()));
        for counter in [&first, &last, &last] {
            assert!(poll(&mut asked, counter).is_pending());
        }
        shutdown.ask();
        assert_eq!((first.0.load(Ordering::Relaxed), last.0.load(Ordering::Relaxed)), (0, 1));
        assert!(poll(&mut asked, &last).is_ready());
    }

    #[test]
    fn what_was_asked_before_the_first_poll_is_seen_by_it() {
        let shutdown = Shutdown::default();
        let mut asked = shutdown.asked();
        shutdown.ask();
        assert!(poll(&mut asked, &Arc::default()).is_ready());
        assert!(poll(&mut shutdown.asked(), &Arc::default()).is_ready());
    }

    #[test]
    fn no_wake_up_is_lost_between_check_and_registration() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        for _ in 0..2_000 {
            let shutdown = Shutdown::default();
            let start = Arc::new(Barrier::new(2));
            let asking = std::thread::spawn({
                let (shutdown, start) = (shutdown.clone(), Arc::clone(&start));
                move || {
                    start.wait();
                    shutdown.ask();
                }
            });
            let asked = shutdown.asked();
            start.wait();
            runtime.block_on(async { timeout(Duration::from_secs(30), asked).await.unwrap() });
            asking.join().unwrap();
        }
    }
}
