//! One request and its response, seen as a whole: what dependencies have resolved to, the clean-ups they registered
//! and the headers they set.
//!
//! An exchange travels in the request's extensions. The [layer](crate::layer) puts it there before routing and, when
//! the endpoint has answered, runs the clean-ups and adds the headers. Nothing here knows what is being resolved.

mod after_body;
mod catch_panic;
mod cleanup;
mod headers;
mod hold;
mod layer;
mod run;
mod tasks;

use std::{
    any::{Any, TypeId},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{Extensions, request::Parts};
use tokio::{runtime::Handle, sync::Notify, task::JoinHandle};

pub use self::{
    after_body::BodyEnd,
    cleanup::{Cleanup, Outcome},
    headers::ResponseHeaders,
    hold::Hold,
    layer::{ExchangeLayer, ExchangeService, layer},
    run::ResponseFuture,
    tasks::Tasks,
};
pub(crate) use self::{
    catch_panic::CatchPanic,
    run::{BoxedResponse, Running},
};
use crate::{
    clock::{SharedClock, SystemClock},
    decision::Decisions,
    edge::TrustedOrigins,
    extract::ReadPath,
    object::Policies,
    problem::Problem,
    random::{self, SharedRandom},
};

/// What all exchanges of one app share.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) clock: SharedClock,
    pub(crate) random: SharedRandom,
    pub(crate) decisions: Decisions,
    /// Whether refusals of this machine say why, in development.
    pub(crate) explains: bool,
    pub(crate) tasks: Tasks,
    pub(crate) trusted_origins: TrustedOrigins,
    /// How often it is asked whether an open connection is still allowed.
    pub(crate) recheck: Duration,
    pub(crate) policies: Policies,
    #[cfg(feature = "testing")]
    pub(crate) overrides: crate::testing::Overrides,
}

impl Default for App {
    fn default() -> Self {
        Self {
            clock: SystemClock::shared(),
            random: random::of_the_system(),
            decisions: Decisions::default(),
            explains: false,
            tasks: Tasks::default(),
            trusted_origins: TrustedOrigins::default(),
            recheck: Duration::from_secs(5),
            policies: Policies::default(),
            #[cfg(feature = "testing")]
            overrides: crate::testing::Overrides::default(),
        }
    }
}

/// One request and its response, as one part of the app sees it: what is shared by all parts, and whose app and state
/// is used here. It travels by value, so that what an inner router enters does not change what an outer layer holds.
#[derive(Clone)]
pub(crate) struct Exchange {
    shared: Arc<Shared>,
    /// The place of the innermost layer, unless the outermost is the only one.
    inner: Option<Arc<Place>>,
    /// The number of the router whose state is used.
    mount: u64,
}

/// What a layer knows of where a request is. Made once, for all requests of the layer.
#[derive(Debug)]
struct Place {
    app: Arc<App>,
    /// The path of the layer's route, as the router has it; empty without a router.
    template: Arc<str>,
    /// The number of the layer.
    layer: u64,
}

struct Shared {
    /// The place of the outermost layer, whose tasks these are.
    outermost: Arc<Place>,
    /// Where clean-ups run. None without a layer; then nobody would run clean-ups or add headers.
    runtime: Option<Handle>,
    /// What the path's parameters are, where Palisade's own routing read them.
    path: Option<ReadPath>,
    state: Mutex<State>,
    /// Says that a hold is gone or that clean-ups are over.
    changed: Notify,
    /// Whether the request is a `HEAD`: the body of the response is not sent.
    bodiless: bool,
}

/// What changes while a request is answered. One lock for all of it: a request that does little takes it seldom.
#[derive(Default)]
struct State {
    kept: Kept,
    cleanups: cleanup::Cleanups,
    headers: Vec<headers::Change>,
}

impl State {
    /// Ends an exchange of which nothing is left to do, and gives what it kept.
    fn end_quietly(&mut self, outcome: Outcome, end: BodyEnd) -> Option<Kept> {
        if !self.cleanups.is_quiet() || !self.headers.is_empty() {
            return None;
        }
        self.cleanups.end(outcome, end);
        Some(self.kept.end())
    }
}

/// What dependencies resolved to. The first, mostly the principal, is kept without a list.
#[derive(Default)]
struct Kept {
    first: Option<KeptValue>,
    more: Vec<KeptValue>,
    /// Values may hold the exchange, so that one that has ended keeps nothing.
    ended: bool,
}

impl Kept {
    fn find(&self, key: Key) -> Option<&KeptValue> {
        self.first.iter().chain(&self.more).find(|kept| kept.key == key)
    }

    /// Keeps `value`, or gives it back when this has ended: to be dropped without the lock.
    fn add(&mut self, value: KeptValue) -> Option<KeptValue> {
        match &self.first {
            _ if self.ended => return Some(value),
            None => self.first = Some(value),
            Some(_) => self.more.push(value),
        }
        None
    }

    /// Keeps nothing from here on, and gives what was kept: to be dropped without the lock.
    fn end(&mut self) -> Self {
        std::mem::replace(self, Self { ended: true, ..Self::default() })
    }
}

/// What identifies a dependency's value within an exchange: its type, the state it was resolved from, and the router
/// that state belongs to (two nested routers may have states of one type).
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    dependency: TypeId,
    state: TypeId,
    mount: u64,
}

struct KeptValue {
    key: Key,
    /// A `Result<T, Problem>`.
    value: Box<dyn Any + Send>,
}

/// A number no other layer and no other router with a state has.
pub(crate) fn next_mount() -> u64 {
    static MOUNTS: AtomicU64 = AtomicU64::new(1);
    MOUNTS.fetch_add(1, Ordering::Relaxed)
}

impl Exchange {
    fn new(place: Arc<Place>, runtime: Option<Handle>, bodiless: bool, path: Option<ReadPath>) -> Self {
        let mount = place.layer;
        let (state, changed) = (Mutex::default(), Notify::new());
        let shared = Shared { outermost: place, runtime, path, state, changed, bodiless };
        Self { shared: Arc::new(shared), inner: None, mount }
    }

    /// The exchange this request belongs to; one without a layer is made where none is.
    pub(crate) fn of(head: &mut Parts) -> Self {
        Self::entered(&mut head.extensions).clone()
    }

    /// As [`of`](Self::of), by reference.
    pub(crate) fn entered(extensions: &mut Extensions) -> &Self {
        extensions.get_or_insert_with(|| {
            let place = Place { app: Arc::default(), template: Arc::default(), layer: 0 };
            Self::new(Arc::new(place), None, false, None)
        })
    }

    /// Whether a layer has made an exchange for the request already.
    pub(crate) fn is_in(extensions: &Extensions) -> bool {
        extensions.get::<Self>().is_some()
    }

    fn place(&self) -> &Arc<Place> {
        self.inner.as_ref().unwrap_or(&self.shared.outermost)
    }

    pub(crate) fn app(&self) -> &App {
        &self.place().app
    }

    /// The path of the route, as the router has it; empty without a router.
    pub(crate) fn template(&self) -> &str {
        &self.place().template
    }

    /// What the path's parameters are, where Palisade's own routing read them.
    pub(crate) fn path(&self) -> Option<&ReadPath> {
        self.shared.path.as_ref()
    }

    /// The tasks of the outermost layer.
    pub(crate) fn tasks(&self) -> &Tasks {
        &self.shared.outermost.app.tasks
    }

    /// An exchange for the same part of the app that has resolved nothing yet.
    pub(crate) fn afresh(&self) -> Self {
        let (runtime, path) = (self.shared.runtime.clone(), self.shared.path.clone());
        let mut exchange = Self::new(Arc::clone(self.place()), runtime, false, path);
        exchange.mount = self.mount;
        exchange
    }

    /// Says which router's state is used from here on, for this request on its way inwards. Without a number it is that
    /// of the layer.
    pub(crate) fn enter(extensions: &mut Extensions, mount: Option<u64>) {
        if let Some(exchange) = extensions.get_mut::<Self>() {
            exchange.mount = mount.unwrap_or(exchange.place().layer);
        }
    }

    /// What `T` resolved to from a state of type `S`, if it was resolved before.
    pub(crate) fn kept<T, S>(&self) -> Option<Result<T, Problem>>
    where
        T: Clone + Send + 'static,
        S: 'static,
    {
        let state = lock(&self.shared.state);
        state.kept.find(self.key::<T, S>())?.value.downcast_ref::<Result<T, Problem>>().cloned()
    }

    /// Keeps what `T` resolved to, success or failure.
    pub(crate) fn keep<T, S>(&self, value: Result<T, Problem>)
    where
        T: Clone + Send + 'static,
        S: 'static,
    {
        let value = KeptValue { key: self.key::<T, S>(), value: Box::new(value) };
        let too_late = lock(&self.shared.state).kept.add(value);
        drop(too_late);
    }

    /// Lets go of everything kept.
    fn forget(&self) {
        let kept = lock(&self.shared.state).kept.end();
        drop(kept);
    }

    fn key<T: 'static, S: 'static>(&self) -> Key {
        // Two states without content cannot differ: what is resolved from them is shared by all routers of a layer.
        let mount = if size_of::<S>() == 0 { self.place().layer } else { self.mount };
        Key { dependency: TypeId::of::<T>(), state: TypeId::of::<S>(), mount }
    }

    /// This exchange, if the layer runs around it; else the problem that says so.
    fn layered(self, what: &str) -> Result<Self, Problem> {
        if self.shared.runtime.is_some() {
            return Ok(self);
        }
        Err(Problem::internal(format_args!(
            "a dependency asks for `{what}`, but no Palisade layer runs around this route: add `.layer(palisade::layer())` \
             to the axum router"
        )))
    }

    /// Runs `work` in a task of its own.
    fn spawn<F>(&self, work: F) -> Option<JoinHandle<F::Output>>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        // Given, and not the current one: a request may be dropped where no runtime is.
        self.shared.runtime.as_ref().map(|runtime| self.tasks().spawn_on(work, runtime))
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("mount", &self.mount).finish_non_exhaustive()
    }
}

/// A panic while the lock was held leaves lists of whole values behind: they stay usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
