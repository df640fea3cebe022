//! Builds the axum router: checks everything, then hands over.

use std::sync::Arc;

use axum::routing::MethodRouter;
use http::Method;
use tower::util::MapResponseLayer;

use super::{Kind, Operation, Route, Router, StartupErrors, fallback, faults};
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
        Ok(Built { router: self.assemble(), table, openapi, tasks, decisions })
    }

    fn assemble(self) -> axum::Router {
        let app = Arc::new(self.app);
        let layer = |path: &str, cancellable: Vec<Method>| ExchangeLayer::of(app.clone(), path, cancellable);
        let (mounts, routes): (Vec<_>, Vec<_>) =
            self.routes.into_iter().partition(|route| route.is(Kind::Mount));
        let mut router = axum::Router::new();
        for (path, methods, cancellable) in by_path(routes) {
            // As one layer: axum boxes the future of each.
            let layers = (layer(&path, cancellable), MapResponseLayer::new(fallback::explained));
            router = router.route(&path, methods.layer(layers));
        }
        for mount in mounts {
            // axum takes the prefix off the path, and keeps the original beside it.
            let template = mount.operations.iter().flat_map(Operation::paths).next_back().unwrap_or_default();
            router = router.nest_service(&mount.path, mount.methods.layer(layer(&template, Vec::new())));
        }
        let unmatched = layer(&self.fallback.path, Vec::new());
        router.fallback_service(self.fallback.methods.layer(unmatched))
    }
}

fn documentation(document: Option<&Document>) -> impl Iterator<Item = Route<()>> {
    openapi::routes(document).into_iter().map(|route| route.being(Kind::Documentation))
}

/// The methods of each path, however they were added, and which of them may be cancelled.
fn by_path(routes: Vec<Route<()>>) -> Vec<(String, MethodRouter<()>, Vec<Method>)> {
    let mut paths: Vec<(String, MethodRouter<()>, Vec<Method>)> = Vec::new();
    for route in routes {
        let cancellable = route.operations.iter().filter(|operation| operation.cancellable);
        let cancellable: Vec<Method> = cancellable.filter_map(|operation| operation.method.clone()).collect();
        match paths.iter_mut().find(|(path, ..)| *path == route.path) {
            Some((_, methods, known)) => {
                *methods = std::mem::take(methods).merge(route.methods);
                known.extend(cancellable);
            }
            None => paths.push((route.path, route.methods, cancellable)),
        }
    }
    paths
}
