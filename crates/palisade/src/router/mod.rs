//! The router: takes only routes that say who may call them, and knows what it serves.
//!
//! A [`Router`] keeps its routes as a list until [`Router::into_axum`] (or [`Router::build`]) checks all of them together
//! and makes an axum router of them. One router, one principal type; routers of other principals merge and nest.

mod admission;
mod arguments;
mod build;
mod dangerous;
mod dispatch;
mod endpoint;
mod fallback;
mod faults;
mod guard;
mod methods;
mod mount;
mod operation;

use std::{marker::PhantomData, time::Duration};

use axum::{extract::Request, response::IntoResponse};
use tower::{Layer, Service};

pub(crate) use self::operation::{Described, Kind, Operation, Rule};
pub use self::{
    build::Built,
    dangerous::DangerousRouter,
    dispatch::{RouterFuture, RouterService},
    endpoint::{Declared, IntoEndpoint, NoMethod, Undeclared, any, delete, get, options, patch, post, put},
    faults::StartupErrors,
};
use self::{methods::Methods, mount::EnterMount, operation::Mounted};
use crate::{
    authority::Nobody,
    clock::SharedClock,
    decision::Decisions,
    edge::TrustedOrigins,
    exchange::{App, Tasks, next_mount},
    openapi::{Document, Info},
    random::SharedRandom,
    table::AccessTable,
};

/// Routes that say who may call them. `S` is the state their handlers get, `P` the principal their requirements are
/// checked for.
pub struct Router<S = (), P = Nobody> {
    routes: Vec<Route<S>>,
    fallback: Route<S>,
    /// Whether the fallback was given, rather than being the 404 that every router begins with.
    has_fallback: bool,
    /// Whose state the layers added here resolve from.
    mounted: Mounted,
    app: App,
    document: Option<Info>,
    faults: Vec<String>,
    principal: PhantomData<fn() -> P>,
}

/// Where the router's own fallback stands, as far as it stands anywhere.
const UNMATCHED: &str = "/{*unmatched}";

/// The methods of one path that were added together.
#[derive(Clone)]
pub(crate) struct Route<S> {
    pub(crate) path: String,
    methods: Methods<S>,
    operations: Vec<Operation>,
    mounted: Mounted,
    /// The same for each layer around them.
    layers_mounted: Vec<Mounted>,
}

impl<S, P> std::fmt::Debug for Router<S, P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.routes.iter().flat_map(|route| &route.operations)).finish()
    }
}

impl<S: Clone + Send + Sync + 'static, P> Default for Router<S, P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Clone + Send + Sync + 'static, P> Router<S, P> {
    /// A router without routes.
    pub fn new() -> Self {
        Self {
            routes: Vec::new(),
            fallback: fallback::not_found(),
            has_fallback: false,
            mounted: Mounted::default(),
            app: App::default(),
            document: None,
            faults: Vec::new(),
            principal: PhantomData,
        }
    }

    /// Adds a route. `path` is as axum 0.8 writes it: `/items/{id}`, `/files/{*rest}`.
    #[must_use]
    pub fn route<E: IntoEndpoint<P, S>>(mut self, path: &str, endpoint: E) -> Self {
        match Route::of::<P, E>(path, endpoint) {
            Ok(route) => {
                self.has_routes_without_state();
                self.routes.push(route);
            }
            Err(fault) => self.faults.push(fault),
        }
        self
    }

    /// Layers added from now on surround routes that have no state yet: they belong to the state those will get.
    fn has_routes_without_state(&mut self) {
        if size_of::<S>() != 0 && self.mounted.get().is_some() {
            self.mounted = Mounted::default();
        }
    }

    /// Answers what no route matches, instead of 404; where this router is nested, what no route matches below the
    /// prefix.
    #[must_use]
    pub fn fallback<E: IntoEndpoint<P, S>>(mut self, endpoint: E) -> Self {
        match Route::of::<P, E>(UNMATCHED, endpoint) {
            Ok(route) => {
                self.has_routes_without_state();
                self.fallback = route.being(Kind::Fallback);
                self.has_fallback = true;
            }
            Err(fault) => self.faults.push(fault),
        }
        self
    }

    /// Adds all of `other`'s routes, which may have another principal. `other`'s clock and overrides do not count: those
    /// of the router that is built do.
    #[must_use]
    pub fn merge<P2>(mut self, other: Router<S, P2>) -> Self {
        self.takes_in(&other);
        self.routes.extend(other.routes);
        self.faults.extend(other.faults);
        if other.has_fallback {
            if self.has_fallback {
                self.faults.push("two merged routers both have a fallback".into());
            }
            self.fallback = other.fallback;
            self.has_fallback = true;
        }
        if self.document.is_some() && other.document.is_some() {
            self.faults.push("two merged routers both serve a document: say `.document(..)` once".into());
        }
        self.document = self.document.or(other.document);
        self
    }

    /// Adds all of `other`'s routes below `prefix`, which starts with `/` and does not end with one. As for
    /// [`Router::merge`], clock and overrides are those of the router that is built.
    #[must_use]
    pub fn nest<P2>(mut self, prefix: &str, other: Router<S, P2>) -> Self {
        self.takes_in(&other);
        if !prefix.starts_with('/') || prefix.ends_with('/') {
            self.faults.push(format!("`{prefix}` is no prefix to nest below: write it as `/admin`"));
        }
        if other.document.is_some() {
            self.faults.push(format!(
                "the router nested at `{prefix}` serves a document: say `.document(..)` on the outermost router, whose \
                 document has all routes"
            ));
        }
        let unmatched = if other.has_fallback { other.fallback.everywhere_below(prefix) } else { Vec::new() };
        self.routes.extend(other.routes.into_iter().map(|route| route.below(prefix)));
        self.routes.extend(unmatched);
        self.faults.extend(other.faults);
        self
    }

    fn takes_in<P2>(&mut self, other: &Router<S, P2>) {
        if size_of::<S>() == 0 {
            // It gets no state from here, so its layers resolve from states of their own.
            let _ = other.mounted.set(next_mount());
        } else {
            self.has_routes_without_state();
        }
    }

    /// Puts `layer` around all routes added so far, by a name under which the access table lists it: a layer can answer
    /// by itself. It runs for everything those paths are asked, `OPTIONS` and unknown methods too, and for what no route
    /// matches.
    #[must_use]
    pub fn layer_named<L>(mut self, name: &'static str, layer: L) -> Self
    where
        L: Layer<axum::routing::Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request, Error: Into<std::convert::Infallible>> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        let mounted = &self.mounted;
        self.routes =
            self.routes.into_iter().map(|route| route.layered(name, layer.clone(), mounted)).collect();
        self.fallback = self.fallback.layered(name, layer, mounted);
        self
    }

    /// Gives the routes their state. What they resolve from it is kept apart from what routes with another state
    /// resolve, also within one request.
    #[must_use]
    pub fn with_state<S2>(self, state: S) -> Router<S2, P> {
        let number = next_mount();
        let _ = self.mounted.set(number);
        let bound = |route: Route<S>| {
            for mounted in [&route.mounted].into_iter().chain(&route.layers_mounted) {
                // A router nested in this one that already had a state keeps its number, and so do its layers.
                let _ = mounted.set(number);
            }
            Route {
                path: route.path,
                methods: route.methods.with_state(&state),
                operations: route.operations,
                mounted: route.mounted,
                layers_mounted: route.layers_mounted,
            }
        };
        Router {
            routes: self.routes.into_iter().map(bound).collect(),
            fallback: bound(self.fallback),
            has_fallback: self.has_fallback,
            mounted: self.mounted,
            app: self.app,
            document: self.document,
            faults: self.faults,
            principal: PhantomData,
        }
    }

    /// Serves the API document at `/openapi.json` and, with the feature `docs-page`, a page to read and try it at `/docs`.
    #[must_use]
    pub fn document(mut self, info: Info) -> Self {
        self.document = Some(info);
        self
    }

    /// Leaves the routes added so far out of the API document: pages for people, whose refusals are pages too. The access
    /// table has them as it has all others.
    #[must_use]
    pub fn undocumented(mut self) -> Self {
        for operation in self.routes.iter_mut().flat_map(|route| &mut route.operations) {
            operation.documented = false;
        }
        self
    }

    /// Takes the time from `clock`, for requirements that ask for it.
    #[must_use]
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.app.clock = clock;
        self
    }

    /// Draws the ids of decisions from `random`; from the operating system unless it is said here. Without the features `tokens`
    /// and `api-keys` the operating system is not asked, and refusals have no ids unless it is said here.
    #[must_use]
    pub fn random(mut self, random: SharedRandom) -> Self {
        self.app.random = random;
        self
    }

    /// Keeps in `decisions` why callers were refused, in place of a list of its own. As for the clock, those of the router that
    /// is built count.
    #[must_use]
    pub fn decisions(mut self, decisions: Decisions) -> Self {
        self.app.decisions = decisions;
        self
    }

    /// What makes a router weaker, for development.
    pub fn dangerous(self) -> DangerousRouter<S, P> {
        DangerousRouter(self)
    }

    /// Takes credentials that browsers send by themselves from the pages of these origins too, each written as
    /// `https://app.example.org`. What is no origin is a start-up error. As for the clock, those of the router that is
    /// built count.
    #[must_use]
    pub fn trust_origins<I>(mut self, origins: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        match TrustedOrigins::new(origins) {
            Ok(origins) => self.app.trusted_origins = origins,
            Err(fault) => self.faults.push(fault.to_string()),
        }
        self
    }

    /// Asks every `interval` whether the caller of an open [socket](crate::socket) is still allowed; 5 seconds unless it is
    /// said here, and no less than 10 milliseconds. A credential that ends is noticed within it; when nobody can say, the
    /// socket is closed within as long again, or a second.
    #[must_use]
    pub fn recheck_sockets(mut self, interval: Duration) -> Self {
        self.app.recheck = interval.max(Duration::from_millis(10));
        self
    }

    /// Replaces dependencies in this router, for a test.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn overrides(mut self, overrides: crate::testing::Overrides) -> Self {
        self.app.overrides = overrides;
        self
    }

    /// As [`Router::describe`], of a router that goes on.
    pub(crate) fn describe_by_reference(&self) -> Result<(AccessTable, Document), StartupErrors> {
        let same = Self {
            routes: self.routes.clone(),
            fallback: self.fallback.clone(),
            has_fallback: self.has_fallback,
            mounted: self.mounted.clone(),
            app: self.app.clone(),
            document: self.document.clone(),
            faults: self.faults.clone(),
            principal: PhantomData,
        };
        same.describe()
    }

    #[cfg(feature = "testing")]
    pub(crate) fn shared_clock(&self) -> SharedClock {
        self.app.clock.clone()
    }

    pub(crate) fn into_routes(self) -> Vec<Route<S>> {
        self.routes
    }

    /// The tasks that outlive their requests; a shutdown waits for them.
    pub fn tasks(&self) -> Tasks {
        self.app.tasks.clone()
    }
}

impl<S: Clone + Send + Sync + 'static> Route<S> {
    fn of<P, E: IntoEndpoint<P, S>>(path: &str, endpoint: E) -> Result<Self, String> {
        let mounted = Mounted::default();
        let endpoint::Methods { endpoints, operations } = endpoint.methods(path, &mounted);
        for (at, one) in operations.iter().enumerate() {
            if operations[..at].iter().any(|other| other.method == one.method) {
                return Err(format!("{one}: this method is given twice in one chain"));
            }
        }
        let methods = operations.iter().map(|operation| operation.method.clone()).zip(endpoints);
        let methods = Methods::Own(methods.collect());
        Ok(Self { path: path.to_owned(), methods, operations, mounted, layers_mounted: Vec::new() })
    }

    fn being(mut self, kind: Kind) -> Self {
        for operation in &mut self.operations {
            operation.kind = kind;
        }
        self
    }

    pub(crate) fn is(&self, kind: Kind) -> bool {
        self.operations.iter().any(|operation| operation.kind == kind)
    }

    fn below(mut self, prefix: &str) -> Self {
        let joined = |path: &str| match path {
            "/" => prefix.to_owned(),
            path => format!("{prefix}{path}"),
        };
        self.path = joined(&self.path);
        for operation in &mut self.operations {
            operation.path = joined(&operation.path);
        }
        self
    }

    fn layered<L>(mut self, name: &'static str, layer: L, mounted: &Mounted) -> Self
    where
        L: Layer<axum::routing::Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request, Error: Into<std::convert::Infallible>> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        for operation in &mut self.operations {
            operation.layers.push(name);
        }
        // What the layer resolves, it resolves from the state of the router it was added to.
        self.layers_mounted.push(mounted.clone());
        self.methods = self.methods.layer(layer).layer(EnterMount(mounted.clone()));
        self
    }
}
