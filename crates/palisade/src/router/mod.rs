//! The router: takes only routes that say who may call them, and knows what it serves.
//!
//! A [`Router`] keeps its routes as a list until [`Router::into_axum`] (or [`Router::build`]) checks all of them together
//! and makes an axum router of them. One router, one principal type; routers of other principals merge and nest.

mod arguments;
mod build;
mod endpoint;
mod faults;
mod guard;
mod mount;
mod operation;

use std::{
    marker::PhantomData,
    sync::atomic::{AtomicU64, Ordering},
};

use axum::{extract::Request, response::IntoResponse, routing::MethodRouter};
use tower::{Layer, Service};

pub(crate) use self::operation::{Described, Kind, Operation, Rule};
pub use self::{
    build::Built,
    endpoint::{Declared, IntoEndpoint, NoMethod, Undeclared, any, delete, get, options, patch, post, put},
    faults::StartupErrors,
};
use self::{mount::EnterMount, operation::Mounted};
use crate::{
    authority::Nobody,
    clock::SharedClock,
    exchange::{App, Tasks},
    openapi::Info,
};

/// Routes that say who may call them. `S` is the state their handlers get, `P` the principal their requirements are
/// checked for.
pub struct Router<S = (), P = Nobody> {
    routes: Vec<Route<S>>,
    fallback: Option<Route<S>>,
    app: App,
    document: Option<Info>,
    faults: Vec<String>,
    principal: PhantomData<fn() -> P>,
}

/// The methods of one path that were added together.
pub(crate) struct Route<S> {
    pub(crate) path: String,
    methods: MethodRouter<S>,
    operations: Vec<Operation>,
    mounted: Mounted,
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
            fallback: None,
            app: App::default(),
            document: None,
            faults: Vec::new(),
            principal: PhantomData,
        }
    }

    /// Adds a route. `path` is as axum 0.8 writes it: `/items/{id}`, `/files/{*rest}`.
    #[must_use]
    pub fn route<E: IntoEndpoint<P, S>>(mut self, path: &str, endpoint: E) -> Self {
        match self.made(path, endpoint) {
            Some(route) => self.routes.push(route),
            None => self.faults.push(format!("{path}: a method is given twice")),
        }
        self
    }

    /// Answers what no route matches, instead of 404. Below a prefix where it is nested.
    #[must_use]
    pub fn fallback<E: IntoEndpoint<P, S>>(mut self, endpoint: E) -> Self {
        self.fallback = self.made("/{*unmatched}", endpoint).map(|mut route| {
            for operation in &mut route.operations {
                operation.kind = Kind::Fallback;
            }
            route
        });
        self
    }

    fn made<E: IntoEndpoint<P, S>>(&self, path: &str, endpoint: E) -> Option<Route<S>> {
        let mounted = Mounted::default();
        let endpoint::Methods { routers, operations } = endpoint.methods(path, &mounted);
        let twice = operations
            .iter()
            .enumerate()
            .any(|(at, one)| operations[..at].iter().any(|other| other.method == one.method));
        if twice {
            return None;
        }
        let methods = routers.into_iter().fold(MethodRouter::new(), MethodRouter::merge);
        Some(Route { path: path.to_owned(), methods, operations, mounted })
    }

    /// Adds all of `other`'s routes, which may have another principal.
    #[must_use]
    pub fn merge<P2>(mut self, other: Router<S, P2>) -> Self {
        self.routes.extend(other.routes);
        self.faults.extend(other.faults);
        if other.fallback.is_some() {
            if self.fallback.is_some() {
                self.faults.push("two merged routers both have a fallback".into());
            }
            self.fallback = other.fallback;
        }
        self
    }

    /// Adds all of `other`'s routes below `prefix`, which starts with `/` and does not end with one.
    #[must_use]
    pub fn nest<P2>(mut self, prefix: &str, other: Router<S, P2>) -> Self {
        if !prefix.starts_with('/') || prefix.ends_with('/') {
            self.faults.push(format!("`{prefix}` is no prefix to nest below: write it as `/admin`"));
        }
        let below = other.routes.into_iter().chain(other.fallback);
        self.routes.extend(below.map(|route| route.below(prefix)));
        self.faults.extend(other.faults);
        self
    }

    /// Puts `layer` around all routes added so far, by a name under which the access table lists it: a layer can answer
    /// by itself.
    #[must_use]
    pub fn layer_named<L>(mut self, name: &'static str, layer: L) -> Self
    where
        L: Layer<axum::routing::Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request, Error: Into<std::convert::Infallible>> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.routes = self.routes.into_iter().map(|route| route.layered(name, layer.clone())).collect();
        self.fallback = self.fallback.map(|route| route.layered(name, layer));
        self
    }

    /// Gives the routes their state. What they resolve from it is kept apart from what routes with another state
    /// resolve, also within one request.
    #[must_use]
    pub fn with_state<S2>(self, state: S) -> Router<S2, P> {
        /// Numbers the routers that were given a state.
        static MOUNTS: AtomicU64 = AtomicU64::new(1);
        let mount = MOUNTS.fetch_add(1, Ordering::Relaxed);
        let bound = |route: Route<S>| {
            // A router nested in this one that already had a state keeps its number.
            let _ = route.mounted.set(mount);
            Route {
                path: route.path,
                methods: route.methods.with_state(state.clone()),
                operations: route.operations,
                mounted: route.mounted,
            }
        };
        Router {
            routes: self.routes.into_iter().map(bound).collect(),
            fallback: self.fallback.map(bound),
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

    /// Takes the time from `clock`, for requirements that ask for it.
    #[must_use]
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.app.clock = clock;
        self
    }

    /// Replaces dependencies in this router, for a test.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn overrides(mut self, overrides: crate::testing::Overrides) -> Self {
        self.app.overrides = overrides;
        self
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

    fn layered<L>(mut self, name: &'static str, layer: L) -> Self
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
        self.methods = self.methods.layer(layer).layer(EnterMount(self.mounted.clone()));
        self
    }
}
