//! How a request comes to a guarded handler: through Palisade's own routing, or axum's.
//!
//! [`PathService`] answers for the methods of one path. axum's router calls it like any service. A [`RouterService`] calls it
//! directly: axum's router then has nothing to add, and its clones and boxes are saved.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
    routing::future::RouteFuture,
};
use http::{HeaderValue, Method, header};
use matchit::Params;
use percent_encoding::percent_decode_str;
use tower::Service;

use super::{endpoint::Endpoint, fallback, methods::Endpoints};
use crate::{
    describe::path_parameters,
    exchange::{Exchange, ExchangeLayer, ResponseFuture},
    extract::{NotUtf8, ReadPath},
};

/// The methods of one path, without a layer around them but Palisade's own.
#[derive(Clone)]
pub(super) struct PathService(Arc<PathMethods>);

struct PathMethods {
    endpoints: Endpoints<()>,
    allow: HeaderValue,
    layer: ExchangeLayer,
    /// The names of the path's parameters.
    parameters: Box<[Arc<str>]>,
}

impl PathService {
    pub(super) fn new(endpoints: Endpoints<()>, layer: ExchangeLayer) -> Self {
        let allow = allow(endpoints.iter().filter_map(|(method, _)| method.as_ref()));
        let parameters = path_parameters(layer.template()).into_iter().map(Arc::from).collect();
        Self(Arc::new(PathMethods { endpoints, allow, layer, parameters }))
    }

    /// The endpoint of `method`. `HEAD` is answered as `GET` is, without the body (RFC 9110, section 9.3.2).
    fn endpoint(&self, method: &Method) -> Option<&Arc<dyn Endpoint<()>>> {
        let of = |wanted: Option<&Method>| {
            let mut endpoints = self.0.endpoints.iter();
            endpoints.find(|(method, _)| method.as_ref() == wanted).map(|(_, endpoint)| endpoint)
        };
        let get = || if method == Method::HEAD { of(Some(&Method::GET)) } else { None };
        of(Some(method)).or_else(get).or_else(|| of(None))
    }

    fn answer(
        &self,
        request: Request,
        path: Option<ReadPath>,
        endpoint: &Arc<dyn Endpoint<()>>,
    ) -> ResponseFuture {
        self.0.layer.answer(request, path, |request| endpoint.call(request, &()))
    }

    fn method_not_allowed(&self) -> Response {
        let mut response = fallback::method_not_allowed().into_response();
        response.headers_mut().insert(header::ALLOW, self.0.allow.clone());
        response
    }

    /// The parameter called `name`: the router that matched says which value is whose.
    fn name(&self, name: &str) -> Arc<str> {
        self.0.parameters.iter().find(|known| known.as_ref() == name).map_or_else(|| name.into(), Arc::clone)
    }

    /// The values that were matched, decoded.
    fn read_path(&self, matched: &Params<'_, '_>) -> ReadPath {
        let decoded = |value| percent_decode_str(value).decode_utf8().map_err(|_| NotUtf8);
        matched.iter().map(|(name, value)| Ok((self.name(name), decoded(value)?.into()))).collect()
    }
}

/// The value of `Allow` (RFC 9110, section 10.2.1).
fn allow<'a>(methods: impl Iterator<Item = &'a Method>) -> HeaderValue {
    let mut names: Vec<&str> = Vec::new();
    for method in methods {
        names.push(method.as_str());
        if method == Method::GET {
            names.push("HEAD");
        }
    }
    HeaderValue::try_from(names.join(",")).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Called by axum's router, which has read the path's parameters.
impl Service<Request> for PathService {
    type Response = Response;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> ResponseFuture {
        match self.endpoint(request.method()) {
            Some(endpoint) => self.answer(request, None, endpoint),
            None => ResponseFuture::within(Box::pin(std::future::ready(self.method_not_allowed()))),
        }
    }
}

/// A built router as a service: answers as [`Built::router`](super::Built::router) does, and sooner. Cheap to clone.
///
/// A request for a route of Palisade goes to its guard directly. axum's router is asked for the rest: layers, foreign routers,
/// `HEAD`, 405, and whatever reads what it leaves in a request: handlers that say so
/// ([`Description::reads_axums_route`](crate::Description::reads_axums_route)), and routes with a [`check`](crate::check) of your own,
/// which may. A credential of your own ([`FromCredential`](crate::credential::FromCredential)) finds no `MatchedPath` here: ask
/// `api_key::Route::is_of` which route a request is for.
///
/// It is to be served as it is, not below an axum router: for that take [`Built::router`](super::Built::router).
///
/// With axum's server: `axum::serve(listener, tower::make::Shared::new(built.service))`. Without one:
///
/// ```
/// use palisade::{Nobody, prelude::*};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let hello = get(async || "hello").public("a greeting");
/// let built = Router::<(), Nobody>::new().route("/", hello).build()?;
/// let Ok(response) = built.service.answer(http::Request::default()).await;
/// assert_eq!(response.status(), StatusCode::OK);
/// # Ok::<_, palisade::StartupErrors>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RouterService(Arc<Routes>);

struct Routes {
    /// Every path there is, so that one matches here as it does in axum's router. `None` where axum's router is asked.
    paths: matchit::Router<Option<PathService>>,
    /// What answers where no path matches. `None` where axum's router is asked.
    fallback: Option<PathService>,
    axum: axum::Router,
}

/// An endpoint that needs nothing of axum's router, and the parameters of its path.
struct Direct<'r> {
    service: &'r PathService,
    endpoint: &'r Arc<dyn Endpoint<()>>,
    path: Option<ReadPath>,
}

impl RouterService {
    /// `paths` are all that `axum` has. It answers where there is no service.
    pub(super) fn new(
        paths: Vec<(String, Option<PathService>)>,
        fallback: Option<PathService>,
        axum: axum::Router,
    ) -> Self {
        let mut routes = matchit::Router::new();
        let inserted = paths.into_iter().try_for_each(|(path, service)| routes.insert(path, service));
        // Conflicts are start-up errors. Should one get here, axum's router decides about all.
        let (paths, fallback) = match inserted {
            Ok(()) => (routes, fallback),
            Err(_) => (matchit::Router::new(), None),
        };
        Self(Arc::new(Routes { paths, fallback, axum }))
    }

    /// Answers `request`. It is always ready.
    pub fn answer(&self, request: Request) -> RouterFuture {
        RouterFuture(match self.direct(&request) {
            Some(Direct { service, endpoint, path }) => Way::Direct(service.answer(request, path, endpoint)),
            None => Way::Axum(Box::new(self.0.axum.clone().call(request))),
        })
    }

    /// The endpoint to call directly, if there is one.
    fn direct(&self, request: &Request) -> Option<Direct<'_>> {
        // axum's router takes the body off the answer to these, and answers 405.
        let bodiless = [Method::HEAD, Method::CONNECT].contains(request.method());
        // The parameters of the path are left in the exchange, which must be this router's own.
        if bodiless || Exchange::is_in(request.extensions()) {
            return None;
        }
        let (service, path) = match self.0.paths.at(request.uri().path()) {
            Ok(found) => {
                let service = found.value.as_ref()?;
                (service, Some(service.read_path(&found.params)))
            }
            Err(_) => (self.0.fallback.as_ref()?, None),
        };
        Some(Direct { service, endpoint: service.endpoint(request.method())?, path })
    }
}

impl Service<Request> for RouterService {
    type Response = Response;
    type Error = Infallible;
    type Future = RouterFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> RouterFuture {
        self.answer(request)
    }
}

impl fmt::Debug for RouterService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouterService").finish_non_exhaustive()
    }
}

/// The response of a [`RouterService`].
#[must_use = "a future does nothing unless it is awaited"]
pub struct RouterFuture(Way);

enum Way {
    Direct(ResponseFuture),
    Axum(Box<RouteFuture<Infallible>>),
}

impl Future for RouterFuture {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Way::Direct(response) => Pin::new(response).poll(context),
            Way::Axum(response) => Pin::new(&mut **response).poll(context),
        }
    }
}

impl fmt::Debug for RouterFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouterFuture").finish_non_exhaustive()
    }
}
