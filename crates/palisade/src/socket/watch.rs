//! Watches over what is open: asks again whether it is still allowed, and knows when the server stops.

use std::{fmt, future::pending, pin::Pin, sync::Arc, time::Duration};

use axum::response::Response;
use http::{StatusCode, request::Parts};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::Closed;
use crate::exchange::Exchange;

/// How often it is asked whether a caller is still allowed, while nobody can say.
const TRIES: u32 = 3;

/// How long these tries may take at least, however short the interval.
const SHORTEST_SEARCH: Duration = Duration::from_secs(1);

/// In the extensions of a request's head: this is not a request but the question whether the caller of one, whose
/// connection is open or whose body took long, is still allowed. A credential that sees it judges whether the session,
/// key, token and account still hold, and nothing that belonged to the moment of the request: it renews no session,
/// uses up no nonce, and does not mind the age of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rechecking;

impl Rechecking {
    /// Whether `head` is such a question.
    pub fn is_in(head: &Parts) -> bool {
        head.extensions.get::<Self>().is_some()
    }
}

/// The question a guard asked, to be asked again.
#[derive(Clone)]
pub(crate) struct Recheck(Arc<Ask>);

impl fmt::Debug for Recheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recheck")
    }
}

type Ask = dyn Fn() -> Pin<Box<dyn Future<Output = Response> + Send>> + Send + Sync;

impl Recheck {
    /// `ask` answers as the guard would: with a success, or with the refusal.
    pub(crate) fn new<F, W>(ask: F) -> Self
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output = Response> + Send + 'static,
    {
        Self(Arc::new(move || Box::pin(ask())))
    }

    /// What the guard would answer now.
    pub(crate) async fn answer(&self) -> Response {
        (self.0)().await
    }

    /// Whether the caller is still allowed; none when that could not be found out.
    async fn ask(&self) -> Option<bool> {
        match self.answer().await.status() {
            status if status.is_success() => Some(true),
            // Not found is an object that is gone, or hidden by now.
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Some(false),
            _ => None,
        }
    }

    /// Asks until there is an answer: a few times, and no longer than until it would be asked again anyway.
    async fn ask_for_long(&self, every: Duration) -> Option<bool> {
        let asking = async {
            for _ in 1..TRIES {
                let allowed = self.ask().await;
                if allowed.is_some() {
                    return allowed;
                }
                sleep(every / TRIES).await;
            }
            self.ask().await
        };
        timeout(every.max(SHORTEST_SEARCH), asking).await.ok().flatten()
    }
}

/// What ends an open connection from outside.
#[derive(Debug)]
pub(super) struct Watch {
    /// None for a public route.
    recheck: Option<Recheck>,
    every: Duration,
    stopping: CancellationToken,
}

impl Watch {
    pub(super) fn of(head: &mut Parts) -> Self {
        let exchange = Exchange::of(head);
        Self {
            recheck: head.extensions.get().cloned(),
            every: exchange.app().recheck,
            stopping: exchange.tasks().stopping(),
        }
    }

    /// Waits until the connection must end, and says why.
    pub(super) async fn ended(self) -> Closed {
        let Self { recheck, every, stopping } = self;
        let disallowed = async {
            match recheck {
                Some(recheck) => disallowed(&recheck, every).await,
                None => pending().await,
            }
        };
        stopping.run_until_cancelled(disallowed).await.unwrap_or(Closed::Stopping)
    }
}

/// Waits until the caller is no longer allowed, or nobody can say.
async fn disallowed(recheck: &Recheck, every: Duration) -> Closed {
    loop {
        sleep(every).await;
        match recheck.ask_for_long(every).await {
            Some(true) => {}
            Some(false) => return Closed::NotAllowed,
            None => return Closed::Undecided,
        }
    }
}
