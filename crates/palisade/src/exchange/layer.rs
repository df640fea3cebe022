//! The layer around a route: makes the exchange, runs the endpoint to its end where that was chosen, and then runs the
//! clean-ups.

use std::{
    convert::Infallible,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::Method;
use tokio::runtime::Handle;
use tower::{Layer, Service};

use super::{
    App, Exchange, Outcome, Tasks,
    catch_panic::{CatchPanic, caught},
    cleanup::ToDo,
    next_mount,
};
use crate::problem::Problem;

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
    ExchangeLayer {
        app: Arc::default(),
        plain: true,
        number: next_mount(),
        template: Arc::default(),
        cancellable: Arc::from([]),
    }
}

/// See [`layer`].
#[derive(Clone, Debug)]
pub struct ExchangeLayer {
    app: Arc<App>,
    /// Whether it is no router's: then the app is that of a layer around it, if there is one.
    plain: bool,
    number: u64,
    /// The path it is around, as the router has it.
    template: Arc<str>,
    /// The unsafe methods that may be cancelled all the same.
    cancellable: Arc<[Method]>,
}

impl ExchangeLayer {
    /// The layer of a router, around the routes of one path.
    pub(crate) fn of(app: Arc<App>, template: &str, cancellable: Vec<Method>) -> Self {
        let (template, cancellable) = (template.into(), cancellable.into());
        Self { app, plain: false, number: next_mount(), template, cancellable }
    }

    /// The tasks that go on when a request is dropped; a shutdown waits for them. Of nested layers, the outermost has them.
    pub fn tasks(&self) -> Tasks {
        self.app.tasks.clone()
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
        if !self.plain {
            outer.app = self.app.clone();
            outer.template = self.template.clone();
        }
        outer.layer = self.number;
        outer.mount = self.number;
        true
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
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        if self.layer.joins(&mut request) {
            return Box::pin(self.inner.call(request));
        }
        let runtime = Handle::current();
        let bodiless = request.method() == Method::HEAD;
        let mut exchange =
            Exchange::new(self.layer.app.clone(), self.layer.number, Some(runtime.clone()), bodiless);
        exchange.template = self.layer.template.clone();
        request.extensions_mut().insert(exchange.clone());
        #[cfg(feature = "api-keys")]
        crate::signature::watch(&mut request);
        let runs_to_end = self.layer.runs_to_end(request.method());
        let endpoint = caught(|| self.inner.call(request));
        let answer = run(exchange, endpoint);
        if runs_to_end {
            let task = self.layer.app.tasks.spawn_on(answer, &runtime);
            Box::pin(async move { Ok(joined(task.await)) })
        } else {
            Box::pin(async move { Ok(answer.await) })
        }
    }
}

/// Runs the endpoint, then its clean-ups, then adds the headers. Dropping this future while the endpoint runs leaves
/// the clean-ups to a task; dropping it while they run leaves them running.
pub(crate) async fn run<F>(exchange: Exchange, endpoint: Result<F, Problem>) -> Response
where
    F: Future<Output = Result<Response, Infallible>> + Send,
{
    let mut abandoned = WhenAbandoned(Some(exchange.clone()));
    let answered = match endpoint {
        // It is dropped here, before the clean-ups.
        Ok(endpoint) => CatchPanic(pin!(endpoint)).await.map(|Ok(response)| response),
        Err(panic) => Err(panic),
    };
    abandoned.0 = None;
    let (response, outcome) = match answered {
        Ok(response) => {
            let outcome = Outcome::of(&response);
            (response, outcome)
        }
        Err(panic) => (panic.into_response(), Outcome::Panic),
    };
    match exchange.to_clean_up(outcome) {
        ToDo::Nothing => finished(&exchange, response, false),
        ToDo::WhenReleased => {
            let response = finished(&exchange, response, true);
            drop(exchange.spawn(exchange.clone().clean_up_when_released(outcome)));
            response
        }
        ToDo::Now => {
            let ending = exchange.clone();
            let cleaning =
                async move { finished(&ending, ending.clone().clean_up(response, outcome).await, false) };
            match exchange.spawn(cleaning) {
                Some(task) => joined(task.await),
                None => Problem::internal("the exchange has no runtime").into_response(),
            }
        }
    }
}

/// The response with the headers that dependencies set, ready to leave.
fn finished(exchange: &Exchange, mut response: Response, held: bool) -> Response {
    exchange.add_headers(response.headers_mut());
    exchange.forget();
    exchange.watch(response, held)
}

fn joined(joined: Result<Response, tokio::task::JoinError>) -> Response {
    joined.unwrap_or_else(|error| Problem::internal(error).into_response())
}

/// Runs the clean-ups when the request is dropped before it was answered: the client is gone.
struct WhenAbandoned(Option<Exchange>);

impl Drop for WhenAbandoned {
    fn drop(&mut self) {
        let Some(exchange) = self.0.take() else { return };
        if exchange.ends_abandoned() {
            exchange.forget();
        } else {
            drop(exchange.clone().spawn(exchange.clean_up_abandoned()));
        }
    }
}
