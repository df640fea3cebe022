//! Builds the axum router: checks everything, then hands over.

use std::sync::Arc;

use axum::routing::any_service;
use http::Method;
use tower::util::MapResponseLayer;

use super::{
    Kind, Operation, Route, Router, StartupErrors,
    dispatch::{PathService, RouterService},
    fallback, faults,
    methods::Methods,
};
use crate::{
    decision::Decisions,
    describe::Schemas,
    exchange::{ExchangeLayer, Tasks},
    openapi::{self, Document},
    table::AccessTable,
};

/// A router that was checked and is ready to serve.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Built {
    /// The axum router. What is added to it afterwards is listed by nobody.
    pub router: axum::Router,
    /// The same as a service, with a shorter way to Palisade's own routes: what a server serves best.
    pub service: RouterService,
    /// Who may call what.
    pub table: AccessTable,
    /// The API document.
    pub openapi: Document,
    /// The tasks that outlive their requests; a shutdown waits for them.
    pub tasks: Tasks,
    /// Why callers were refused.
    pub decisions: Decisions,
}

impl<S: Clone + Send + Sync + 'static, P> Router<S, P> {
    /// Checks the routes and tells who may call what, and the API document: also of a router without its state, which
    /// cannot serve yet.
    ///
    /// # Errors
    ///
    /// As [`Router::into_axum`].
    pub fn describe(mut self) -> Result<(AccessTable, Document), StartupErrors> {
        self.checked()
    }

    fn checked(&mut self) -> Result<(AccessTable, Document), StartupErrors> {
        fallback::outranked(&mut self.routes);
        // The document's content follows from all routes, so its own are known before it is.
        let documentation: Vec<Route<()>> = self.document.iter().flat_map(|_| documentation(None)).collect();
        let documentation = documentation.iter().flat_map(|route| &route.operations);
        let own = self.routes.iter().chain([&self.fallback]).flat_map(|route| &route.operations);
        let operations: Vec<Operation> = own.chain(documentation).cloned().collect();
        let mut schemas = Schemas::default();
        let described: Vec<_> =
            operations.iter().map(|operation| operation.described(&mut schemas)).collect();
        faults::check(std::mem::take(&mut self.faults), &described)?;
        let info = self.document.clone().unwrap_or_default();
        let document = Document::of(&info, &described, schemas);
        Ok((AccessTable::of(&described), document))
    }
}

impl<P> Router<(), P> {
    /// Checks the routes and makes an axum router of them. Here Palisade's promise ends: what is added to the result is
    /// listed by nobody.
    ///
    /// # Errors
    ///
    /// [`StartupErrors`], all of them together: a public handler that needs a principal, clashing scheme names, an
    /// impossible negation, a path parameter the route does not have, paths that conflict, and the like.
    pub fn into_axum(self) -> Result<axum::Router, StartupErrors> {
        self.build().map(|built| built.router)
    }

    /// As [`Router::into_axum`], with what is known of the router beside it.
    ///
    /// # Errors
    ///
    /// As [`Router::into_axum`].
    pub fn build(mut self) -> Result<Built, StartupErrors> {
        let (table, openapi) = self.checked()?;
        if self.document.is_some() {
            self.routes.extend(documentation(Some(&openapi)));
        }
        let (tasks, decisions) = (self.tasks(), self.app.decisions.clone());
        let (router, service) = self.assemble();
        Ok(Built { router, service, table, openapi, tasks, decisions })
    }

    fn assemble(self) -> (axum::Router, RouterService) {
        let app = Arc::new(self.app);
        let layer =
            |path: &str, cancellable: &[Method]| ExchangeLayer::of(Arc::clone(&app), path, cancellable);
        let (mounts, routes): (Vec<_>, Vec<_>) =
            self.routes.into_iter().partition(|route| route.is(Kind::Mount));
        let mut router = axum::Router::new();
        let mut paths = Vec::new();
        for PathRoute { path, methods, cancellable, reads_axums_route } in by_path(routes) {
            let around = layer(&path, &cancellable);
            let direct;
            (router, direct) = match methods {
                Methods::Own(endpoints) => {
                    let service = PathService::new(endpoints, around);
                    let direct = (!reads_axums_route).then(|| service.clone());
                    // As `any`, so that axum's router takes the body off the answer to `HEAD`.
                    (router.route(&path, any_service(service)), direct)
                }
                Methods::Layered(methods) => {
                    // As one layer: axum boxes the future of each.
                    let layers = (around, MapResponseLayer::new(fallback::explained));
                    (router.route(&path, methods.layer(layers)), None)
                }
            };
            paths.push((path, direct));
        }
        for mount in mounts {
            // axum takes the prefix off the path, and keeps the original beside it.
            let below: Vec<String> = mount.operations.iter().flat_map(Operation::paths).collect();
            let template = below.last().cloned().unwrap_or_default();
            router = router.nest_service(&mount.path, mount.methods.into_axum().layer(layer(&template, &[])));
            paths.extend(below.into_iter().map(|path| (path, None)));
        }
        let unmatched = layer(&self.fallback.path, &[]);
        let fallback = match &self.fallback.methods {
            Methods::Own(endpoints) if !self.fallback.operations.iter().any(Operation::reads_axums_route) => {
                Some(PathService::new(endpoints.clone(), unmatched.clone()))
            }
            Methods::Own(_) | Methods::Layered(_) => None,
        };
        let router = router.fallback_service(self.fallback.methods.into_axum().layer(unmatched));
        (router.clone(), RouterService::new(paths, fallback, router))
    }
}

/// One path, however its methods were added.
struct PathRoute {
    path: String,
    methods: Methods<()>,
    /// The methods that may be cancelled.
    cancellable: Vec<Method>,
    reads_axums_route: bool,
}

impl From<Route<()>> for PathRoute {
    fn from(route: Route<()>) -> Self {
        let cancellable = route.operations.iter().filter(|operation| operation.cancellable);
        Self {
            cancellable: cancellable.filter_map(|operation| operation.method.clone()).collect(),
            reads_axums_route: route.operations.iter().any(Operation::reads_axums_route),
            path: route.path,
            methods: route.methods,
        }
    }
}

fn documentation(document: Option<&Document>) -> impl Iterator<Item = Route<()>> {
    openapi::routes(document).into_iter().map(|route| route.being(Kind::Documentation))
}

fn by_path(routes: Vec<Route<()>>) -> Vec<PathRoute> {
    let mut paths: Vec<PathRoute> = Vec::new();
    for route in routes.into_iter().map(PathRoute::from) {
        match paths.iter_mut().find(|known| known.path == route.path) {
            Some(known) => {
                let methods = std::mem::replace(&mut known.methods, Methods::Own(Vec::new()));
                known.methods = methods.merge(route.methods);
                known.cancellable.extend(route.cancellable);
                known.reads_axums_route |= route.reads_axums_route;
            }
            None => paths.push(route),
        }
    }
    paths
}
