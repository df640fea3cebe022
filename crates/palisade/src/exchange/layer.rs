//! The layer around a route: makes the exchange, runs the endpoint to its end where that was chosen, and then runs the
//! clean-ups.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::Method;
use tower::{Layer, Service};

use super::{App, Exchange, Tasks, catch_panic::CatchPanic};
use crate::problem::Problem;

/// The layer that makes Palisade's extractors whole in a plain axum router: clean-ups run, headers set by dependencies
/// reach the response, and endpoints of unsafe methods run to their end though the client goes away.
///
/// A [`Router`](crate::Router) of Palisade brings it along.
pub fn layer() -> ExchangeLayer {
    ExchangeLayer { app: Arc::default(), cancellable: Arc::from([]) }
}

/// See [`layer`].
#[derive(Clone, Debug)]
pub struct ExchangeLayer {
    pub(crate) app: Arc<App>,
    /// The unsafe methods that may be cancelled all the same.
    pub(crate) cancellable: Arc<[Method]>,
}

impl ExchangeLayer {
    /// The tasks that go on when a request is dropped; a shutdown waits for them.
    pub fn tasks(&self) -> Tasks {
        self.app.tasks.clone()
    }

    fn runs_to_end(&self, method: &Method) -> bool {
        !method.is_safe() && !self.cancellable.contains(method)
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
        // A layer inside a layer is the same exchange.
        if request.extensions().get::<Exchange>().is_some_and(|exchange| exchange.0.layered) {
            return Box::pin(self.inner.call(request));
        }
        let exchange = Exchange::new(self.layer.app.clone(), true);
        request.extensions_mut().insert(exchange.clone());
        let runs_to_end = self.layer.runs_to_end(request.method());
        let endpoint = self.inner.call(request);
        if runs_to_end {
            let task = exchange.app().tasks.spawn(run(exchange.clone(), endpoint));
            Box::pin(async move { Ok(joined(task.await)) })
        } else {
            Box::pin(async move { Ok(run(exchange, endpoint).await) })
        }
    }
}

/// Runs the endpoint, then its clean-ups, then adds the headers. Dropping this future while the endpoint runs leaves
/// the clean-ups to a task; dropping it while they run leaves them running.
async fn run<F>(exchange: Exchange, endpoint: F) -> Response
where
    F: Future<Output = Result<Response, Infallible>> + Send,
{
    let abandoned = WhenAbandoned(Some(exchange));
    let answered = CatchPanic::new(endpoint).await.map(|Ok(response)| response);
    let Some(exchange) = abandoned.disarm() else {
        return Problem::internal("an exchange ended twice").into_response();
    };
    let mut response = match answered {
        answered if exchange.has_cleanups() => {
            let tasks = exchange.app().tasks.clone();
            joined(tasks.spawn(exchange.clone().clean_up(answered)).await)
        }
        Ok(response) => response,
        Err(panic) => panic.into_response(),
    };
    exchange.add_headers(response.headers_mut());
    response
}

fn joined(joined: Result<Response, tokio::task::JoinError>) -> Response {
    joined.unwrap_or_else(|error| Problem::internal(error).into_response())
}

/// Runs the clean-ups when the request is dropped before it was answered: the client is gone.
struct WhenAbandoned(Option<Exchange>);

impl WhenAbandoned {
    fn disarm(mut self) -> Option<Exchange> {
        self.0.take()
    }
}

impl Drop for WhenAbandoned {
    fn drop(&mut self) {
        if let Some(exchange) = self.0.take()
            && exchange.has_cleanups()
        {
            // Without a runtime there is nothing left to run them on: the process is ending.
            if tokio::runtime::Handle::try_current().is_ok() {
                let tasks = exchange.app().tasks.clone();
                drop(tasks.spawn(exchange.clean_up_abandoned()));
            }
        }
    }
}
