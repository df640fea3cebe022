//! The response to one request, within the request's time.

use std::{
    convert::Infallible,
    future::Ready,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{Method, StatusCode};
use palisade::{Problem, edge::secure_headers, router::RouterFuture};
use tokio::{
    task::unconstrained,
    time::{Sleep, sleep},
};

use super::{
    activity::{Busy, BusyBody},
    timely::Lateness,
};

/// Resolves to the response. The connection is busy until that, or this, is dropped.
///
/// It is `Unpin`, as hyper demands of a connection that is taken apart at its end; so the future of the router is too.
pub(super) struct ResponseFuture {
    outcome: Outcome,
    deadline: Deadline,
    log: Option<Box<(Method, String)>>,
    busy: Option<Busy>,
}

pub(super) enum Outcome {
    Refused(Ready<Problem>),
    Routed(RouterFuture, Lateness),
}

impl ResponseFuture {
    pub(super) fn new(
        outcome: Outcome,
        time: Duration,
        log: Option<Box<(Method, String)>>,
        busy: Busy,
    ) -> Self {
        Self { outcome, deadline: Deadline { time, timer: None }, log, busy: Some(busy) }
    }

    fn poll_response(&mut self, context: &mut Context<'_>) -> Poll<Response> {
        match &mut self.outcome {
            Outcome::Refused(problem) => Pin::new(problem).poll(context).map(Problem::into_response),
            Outcome::Routed(routed, lateness) => match Pin::new(routed).poll(context) {
                // Whatever the endpoint made of half a body.
                Poll::Ready(Ok(_)) if lateness.is_established() => Poll::Ready(late_body()),
                Poll::Ready(Ok(response)) => Poll::Ready(response),
                Poll::Pending => self.deadline.poll(context).map(|()| took_too_long()),
            },
        }
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response<BusyBody<Body>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut response = ready!(self.poll_response(context));
        secure_headers(response.headers_mut());
        if let Some((method, path)) = self.log.take().map(|log| *log) {
            tracing::debug!(%method, path, status = response.status().as_u16(), "answered");
        }
        let busy = self.busy.take();
        Poll::Ready(Ok(response.map(|body| BusyBody::new(body, busy))))
    }
}

/// A deadline whose timer is made when it is first polled. hyper polls a response as soon as it has the request, so the
/// time counts from when the request came in, and a response that is ready at once makes no timer.
struct Deadline {
    time: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(self.time)));
        // A handler that uses up its task's budget does not escape the deadline.
        pin!(unconstrained(timer.as_mut())).poll(context)
    }
}

fn late_body() -> Response {
    Problem::new(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time").into_response()
}

fn took_too_long() -> Response {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "This took too long, try again later")
        .because("the request's time was over")
        .into_response()
}

#[cfg(test)]
mod tests {
    use std::{
        future::{pending, poll_fn},
        task::Waker,
    };

    use axum::{Router, routing::get};
    use http::Request;
    use tokio::{
        task::coop::{has_budget_remaining, poll_proceed},
        time::{Instant, timeout},
    };

    use super::*;
    use crate::serve::{activity::Activity, foreign::served};

    const TIME: Duration = Duration::from_secs(30);

    fn response(router: Router, time: Duration, activity: &Activity) -> ResponseFuture {
        let routed = served(router).answer(Request::new(Body::empty()));
        let outcome = Outcome::Routed(routed, Lateness::default());
        ResponseFuture::new(outcome, time, None, activity.begin())
    }

    /// The runtime here has no timers: to make one would panic.
    #[test]
    fn a_response_that_is_ready_makes_no_timer_and_keeps_its_connection_busy_until_its_body_is_dropped() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _entered = runtime.enter();
        let activity = Activity::default();
        let mut future = response(Router::new().route("/", get(|| async { "done" })), TIME, &activity);
        let polled = Pin::new(&mut future).poll(&mut Context::from_waker(Waker::noop()));
        let Poll::Ready(Ok(response)) = polled else { panic!("it is ready") };
        assert_eq!(response.status(), 200);
        drop(future);
        assert!(activity.is_busy());
        drop(response);
        assert!(!activity.is_busy());
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_that_is_dropped_before_it_is_ready_ends_the_request() {
        let activity = Activity::default();
        let future = response(Router::new().route("/", get(pending::<()>)), TIME, &activity);
        timeout(TIME / 2, future).await.err().unwrap();
        assert!(!activity.is_busy());
    }

    #[tokio::test(start_paused = true)]
    async fn attack_handler_that_never_answers() {
        let start = Instant::now();
        let router = Router::new().route("/", get(pending::<()>));
        let response = response(router, TIME, &Activity::default()).await;
        assert_eq!(response.unwrap().status(), 503);
        assert_eq!(start.elapsed().as_secs(), TIME.as_secs());
    }

    async fn use_up_the_budget() {
        poll_fn(|context| {
            while has_budget_remaining() {
                let _ = poll_proceed(context).map(|budget| budget.made_progress());
            }
            Poll::<()>::Pending
        })
        .await;
    }

    /// The clock is not paused: it would stand still while a task runs without end.
    #[tokio::test]
    async fn attack_handler_that_uses_up_the_budget() {
        let router = Router::new().route("/", get(use_up_the_budget));
        let future = response(router, Duration::from_millis(10), &Activity::default());
        assert_eq!(timeout(TIME, future).await.unwrap().unwrap().status(), 503);
    }
}
