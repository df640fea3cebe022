//! The layer around a route: makes the exchange, and chooses whether the endpoint runs to its end when the client goes
//! away.

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{extract::Request, response::Response};
use http::Method;
use tokio::runtime::Handle;
use tower::{Layer, Service};

use super::{App, BoxedResponse, Exchange, Place, ResponseFuture, Running, Tasks, next_mount};
use crate::extract::ReadPath;

/// The layer that makes Palisade's extractors whole in a plain axum router: clean-ups run, headers set by dependencies
/// reach the response, and endpoints of unsafe methods run to their end though the client goes away (in a task of their
/// own, so that task-locals do not reach them).
///
/// A [`Router`](crate::Router) of Palisade brings it along. Of nested layers the outermost runs the clean-ups. A
/// dependency is resolved once per request, per layer and per type of state: in axum, give a nested router whose state is
/// of the same type and not the same a layer of its own.
///
/// ```
/// use axum::{Router, routing::get};
/// use palisade::prelude::*;
///
/// # #[derive(Clone)] struct Greeting(&'static str);
/// #[dependency]
/// async fn greeting(cleanup: Cleanup) -> Greeting {
///     cleanup.defer(|outcome| async move {
///         println!("over: {outcome:?}");
///         Ok(())
///     });
///     Greeting("hello")
/// }
///
/// let app: Router = Router::new()
///     .route("/", get(|greeting: Greeting| async move { greeting.0 }))
///     .layer(palisade::layer());
/// ```
pub fn layer() -> ExchangeLayer {
    ExchangeLayer::new(Arc::default(), "", true, &[])
}

/// See [`layer`].
#[derive(Clone, Debug)]
pub struct ExchangeLayer {
    place: Arc<Place>,
    /// Whether it is no router's: then the app is that of a layer around it, if there is one.
    plain: bool,
    /// The unsafe methods that may be cancelled all the same.
    cancellable: Arc<[Method]>,
}

impl ExchangeLayer {
    /// The layer of a router, around the routes of one path.
    pub(crate) fn of(app: Arc<App>, template: &str, cancellable: &[Method]) -> Self {
        Self::new(app, template, false, cancellable)
    }

    fn new(app: Arc<App>, template: &str, plain: bool, cancellable: &[Method]) -> Self {
        let place = Place { app, template: template.into(), layer: next_mount() };
        Self { place: Arc::new(place), plain, cancellable: cancellable.into() }
    }

    /// The tasks that go on when a request is dropped; a shutdown waits for them. Of nested layers, the outermost has them.
    pub fn tasks(&self) -> Tasks {
        self.place.app.tasks.clone()
    }

    /// The path it is around, as the router has it.
    pub(crate) fn template(&self) -> &str {
        &self.place.template
    }

    /// Answers `request` by `endpoint`, in an exchange of its own unless a layer around this one has made one. `path` has
    /// the path's parameters where axum's router has not read them.
    pub(crate) fn answer(
        &self,
        mut request: Request,
        path: Option<ReadPath>,
        endpoint: impl FnOnce(Request) -> BoxedResponse,
    ) -> ResponseFuture {
        if self.joins(&mut request) {
            return ResponseFuture::within(endpoint(request));
        }
        let runtime = Handle::current();
        let runs_to_end = self.runs_to_end(request.method()).then(|| runtime.clone());
        let bodiless = request.method() == Method::HEAD;
        let exchange = Exchange::new(Arc::clone(&self.place), Some(runtime), bodiless, path);
        request.extensions_mut().insert(exchange.clone());
        #[cfg(feature = "api-keys")]
        crate::signature::watch(&mut request);
        let running = Running::new(exchange, || endpoint(request));
        match runs_to_end {
            Some(runtime) => ResponseFuture::detached(self.place.app.tasks.spawn_on(running, &runtime)),
            None => running.into(),
        }
    }

    fn runs_to_end(&self, method: &Method) -> bool {
        !method.is_safe() && !self.cancellable.contains(method)
    }

    /// Makes the exchange of a layer around this one that of this one too; whether there is one.
    fn joins(&self, request: &mut Request) -> bool {
        let Some(outer) = request.extensions_mut().get_mut::<Exchange>() else { return false };
        if outer.shared.runtime.is_none() {
            return false;
        }
        outer.inner = Some(if self.plain { self.within(outer.place()) } else { Arc::clone(&self.place) });
        outer.mount = self.place.layer;
        true
    }

    /// The place of this layer, which is no router's, within `outer`: the app is that of the layer around it.
    fn within(&self, outer: &Place) -> Arc<Place> {
        let (app, template) = (Arc::clone(&outer.app), Arc::clone(&outer.template));
        Arc::new(Place { app, template, layer: self.place.layer })
    }
}

impl<I> Layer<I> for ExchangeLayer {
    type Service = ExchangeService<I>;

    fn layer(&self, inner: I) -> Self::Service {
        ExchangeService { inner, layer: self.clone() }
    }
}

/// The service [`layer`] makes.
#[derive(Clone, Debug)]
pub struct ExchangeService<I> {
    inner: I,
    layer: ExchangeLayer,
}

impl<I> Service<Request> for ExchangeService<I>
where
    I: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    I::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> ResponseFuture {
        self.layer.answer(request, None, |request| {
            let answer = self.inner.call(request);
            Box::pin(async move {
                let Ok(response) = answer.await;
                response
            })
        })
    }
}
