//! Runs an endpoint within its exchange, to the response that leaves: the endpoint, then the clean-ups, then the headers
//! that dependencies set.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use axum::response::{IntoResponse, Response};
use tokio::task::JoinHandle;

use super::{Exchange, Outcome, catch_panic::caught, cleanup::ToDo};
use crate::problem::Problem;

/// A response in the making.
///
/// It is in a box on purpose. Between a connection and an endpoint a future is moved several times, and each move copies
/// all it holds: by value, the kilobytes of an endpoint's future would be copied with every request.
pub(crate) type BoxedResponse = Pin<Box<dyn Future<Output = Response> + Send>>;

/// The response of the [layer](super::layer), or of a route of a Palisade router.
#[must_use = "a future does nothing unless it is awaited"]
pub struct ResponseFuture(Way);

enum Way {
    /// The endpoint belongs to the exchange of a layer around this one, which ends it.
    Within(BoxedResponse),
    Running(Running),
    /// The endpoint runs to its end in a task, also when this future is dropped.
    Detached(JoinHandle<Response>),
}

impl ResponseFuture {
    pub(crate) fn within(endpoint: BoxedResponse) -> Self {
        Self(Way::Within(endpoint))
    }

    pub(super) fn detached(task: JoinHandle<Response>) -> Self {
        Self(Way::Detached(task))
    }
}

impl From<Running> for ResponseFuture {
    fn from(running: Running) -> Self {
        Self(Way::Running(running))
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let response = match &mut self.0 {
            Way::Within(endpoint) => endpoint.as_mut().poll(context),
            Way::Running(running) => Pin::new(running).poll(context),
            Way::Detached(task) => Pin::new(task).poll(context).map(joined),
        };
        response.map(Ok)
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// An endpoint that runs in its exchange. Dropping it while the endpoint runs leaves the clean-ups to a task; dropping it
/// while they run leaves them running.
///
/// Written by hand, because an async function would hold the endpoint twice: as its argument and as what it awaits.
pub(crate) struct Running {
    // Dropped first: the endpoint goes before its clean-ups run.
    stage: Stage,
    unfinished: Unfinished,
}

enum Stage {
    Endpoint(BoxedResponse),
    Ending(BoxedResponse),
    Finished,
}

impl Running {
    /// Runs what `endpoint` makes. A panic in it is a 500, as one while the future is polled.
    pub(crate) fn new(exchange: Exchange, endpoint: impl FnOnce() -> BoxedResponse) -> Self {
        match caught(endpoint) {
            Ok(endpoint) => Self { stage: Stage::Endpoint(endpoint), unfinished: Unfinished(Some(exchange)) },
            Err(panic) => Self {
                stage: Stage::Ending(Box::pin(ended(exchange, Err(panic)))),
                unfinished: Unfinished(None),
            },
        }
    }

    /// What is left to do when the endpoint has answered, or panicked. Mostly nothing is, and the response leaves.
    fn answered(&mut self, answered: Result<Response, Problem>) -> Option<Response> {
        self.stage = Stage::Finished;
        let exchange = self.unfinished.0.take()?;
        match answered {
            Ok(response) if exchange.ends_quietly(&response) => return Some(response),
            answered => self.stage = Stage::Ending(Box::pin(ended(exchange, answered))),
        }
        None
    }
}

impl Future for Running {
    type Output = Response;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Response> {
        if let Stage::Endpoint(endpoint) = &mut self.stage {
            // The endpoint is not polled again after a panic, and what it shares is behind locks that survive one.
            let answered = match caught(|| endpoint.as_mut().poll(context)) {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(response)) => Ok(response),
                Err(panic) => Err(panic),
            };
            if let Some(response) = self.answered(answered) {
                return Poll::Ready(response);
            }
        }
        match &mut self.stage {
            Stage::Ending(ending) => ending.as_mut().poll(context),
            // Nothing is left after the response.
            Stage::Endpoint(_) | Stage::Finished => Poll::Pending,
        }
    }
}

/// Runs the clean-ups, and adds the headers that dependencies set.
async fn ended(exchange: Exchange, answered: Result<Response, Problem>) -> Response {
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

/// Runs the clean-ups when the request is dropped before it was answered: the client has gone.
struct Unfinished(Option<Exchange>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let Some(exchange) = self.0.take() else { return };
        if exchange.ends_abandoned() {
            exchange.forget();
        } else {
            drop(exchange.clone().spawn(exchange.clean_up_abandoned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server moves this future with each request, see [`BoxedResponse`].
    #[test]
    fn the_future_of_a_response_is_small_whatever_the_endpoint_holds() {
        assert!(size_of::<ResponseFuture>() <= 64, "{}", size_of::<ResponseFuture>());
    }
}
