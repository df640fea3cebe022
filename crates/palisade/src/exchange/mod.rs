//! One request and its response, seen as a whole: what dependencies have resolved to, the clean-ups they registered
//! and the headers they set.
//!
//! An exchange travels in the request's extensions. The [layer](crate::layer) puts it there before routing and, when
//! the endpoint has answered, runs the clean-ups and adds the headers. Nothing here knows what is being resolved.

mod catch_panic;
mod cleanup;
mod headers;
mod layer;
mod tasks;

use std::{
    any::{Any, TypeId},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use http::{HeaderMap, request::Parts};

pub use self::{
    cleanup::{Cleanup, Outcome},
    headers::ResponseHeaders,
    layer::{ExchangeLayer, ExchangeService, layer},
    tasks::Tasks,
};
use crate::{
    clock::{SharedClock, SystemClock},
    problem::Problem,
};

/// What all exchanges of one app share.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) clock: SharedClock,
    pub(crate) tasks: Tasks,
    #[cfg(feature = "testing")]
    pub(crate) overrides: crate::testing::Overrides,
}

impl Default for App {
    fn default() -> Self {
        Self {
            clock: SystemClock::shared(),
            tasks: Tasks::default(),
            #[cfg(feature = "testing")]
            overrides: crate::testing::Overrides::default(),
        }
    }
}

/// One request and its response.
#[derive(Clone)]
pub(crate) struct Exchange(Arc<Inner>);

struct Inner {
    app: Arc<App>,
    /// Whether the layer runs around this request; without it nobody would run clean-ups or add headers.
    layered: bool,
    mount: AtomicU64,
    kept: Mutex<Vec<Kept>>,
    cleanups: Mutex<Vec<cleanup::Registered>>,
    headers: Mutex<HeaderMap>,
}

/// What identifies a dependency's value within an exchange: its type, the state it was resolved from, and the router
/// that state belongs to (two nested routers may have states of one type).
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    dependency: TypeId,
    state: TypeId,
    mount: u64,
}

struct Kept {
    key: Key,
    /// A `Result<T, Problem>`.
    value: Box<dyn Any + Send>,
}

impl Exchange {
    fn new(app: Arc<App>, layered: bool) -> Self {
        Self(Arc::new(Inner {
            app,
            layered,
            mount: AtomicU64::new(0),
            kept: Mutex::default(),
            cleanups: Mutex::default(),
            headers: Mutex::default(),
        }))
    }

    /// The exchange this request belongs to; one without a layer is made where none is.
    pub(crate) fn of(head: &mut Parts) -> Self {
        if let Some(exchange) = head.extensions.get::<Self>() {
            return exchange.clone();
        }
        let exchange = Self::new(Arc::default(), false);
        head.extensions.insert(exchange.clone());
        exchange
    }

    pub(crate) fn app(&self) -> &App {
        &self.0.app
    }

    /// Says which router's state is used from here on.
    pub(crate) fn enter(&self, mount: u64) {
        self.0.mount.store(mount, Ordering::Relaxed);
    }

    /// What `T` resolved to from a state of type `S`, if it was resolved before.
    pub(crate) fn kept<T, S>(&self) -> Option<Result<T, Problem>>
    where
        T: Clone + Send + 'static,
        S: 'static,
    {
        let key = self.key::<T, S>();
        let kept = lock(&self.0.kept);
        let found = kept.iter().find(|kept| kept.key == key)?;
        found.value.downcast_ref::<Result<T, Problem>>().cloned()
    }

    /// Keeps what `T` resolved to, success or failure.
    pub(crate) fn keep<T, S>(&self, value: Result<T, Problem>)
    where
        T: Clone + Send + 'static,
        S: 'static,
    {
        let key = self.key::<T, S>();
        lock(&self.0.kept).push(Kept { key, value: Box::new(value) });
    }

    fn key<T: 'static, S: 'static>(&self) -> Key {
        Key {
            dependency: TypeId::of::<T>(),
            state: TypeId::of::<S>(),
            mount: self.0.mount.load(Ordering::Relaxed),
        }
    }

    /// This exchange, if the layer runs around it; else the problem that says so.
    fn layered(self, what: &str) -> Result<Self, Problem> {
        if self.0.layered {
            return Ok(self);
        }
        Err(Problem::internal(format_args!(
            "a dependency asks for `{what}`, but no Palisade layer runs around this route: add `.layer(palisade::layer())` \
             to the axum router"
        )))
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("layered", &self.0.layered).finish_non_exhaustive()
    }
}

/// A panic while the lock was held leaves lists of whole values behind: they stay usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
