//! Long answers: cut off when their caller is no longer allowed.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http::Request;
use http_body::Frame;
use http_body_util::BodyExt;
use palisade::{exchange::Tasks, prelude::*, socket::WhileAllowed};
use tower::ServiceExt;

use crate::app::{App, Caller};

/// One event, and then nothing for ever.
struct Events(bool);

impl http_body::Body for Events {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if std::mem::take(&mut self.0) {
            return Poll::Ready(Some(Ok(Frame::data("data: hello\n\n".into()))));
        }
        Poll::Pending
    }
}

async fn events(
    while_allowed: WhileAllowed,
    State(app): State<App>,
    cleanup: Cleanup,
) -> Undescribed<Response> {
    cleanup.after_body(move |_, end| async move {
        app.say(format!("{end:?}"));
        Ok(())
    });
    Undescribed(while_allowed.answer(Response::new(Body::new(Events(true)))))
}

async fn short(while_allowed: WhileAllowed) -> Undescribed<Response> {
    Undescribed(while_allowed.answer("short"))
}

fn built(app: &App) -> (axum::Router, Tasks) {
    let router = Router::<App, Caller>::new()
        .route("/events", get(events).requires(signed_in()))
        .route("/short", get(short).requires(signed_in()))
        .with_state(app.clone());
    let built = router.build().unwrap();
    (built.router, built.tasks)
}

async fn opened(router: axum::Router, path: &str) -> Body {
    let request = Request::get(path).header("authorization", "Bearer ada").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body()
}

#[tokio::test(start_paused = true)]
async fn attack_a_revoked_token_keeps_its_event_stream() {
    let app = App::default();
    let mut body = opened(built(&app).0, "/events").await;
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "data: hello\n\n");
    let reading = tokio::spawn(async move { body.collect().await.map(http_body_util::Collected::to_bytes) });
    app.said("asked again", 3).await;
    app.revoke("ada");
    let fault = reading.await.unwrap().unwrap_err();
    assert_eq!(fault.to_string(), "the caller is no longer allowed", "not as if it had been whole");
    app.said("CutOff", 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_cuts_an_event_stream_off() {
    let app = App::default();
    let (router, tasks) = built(&app);
    let body = opened(router, "/events").await;
    tasks.stop();
    assert_eq!(body.collect().await.unwrap_err().to_string(), "the server stops");
    tasks.finished().await;
}

#[tokio::test(start_paused = true)]
async fn what_ends_by_itself_is_left_alone() {
    let body = opened(built(&App::default()).0, "/short").await;
    assert_eq!(http_body::Body::size_hint(&body).exact(), Some(5));
    assert_eq!(body.collect().await.unwrap().to_bytes(), "short");
}
