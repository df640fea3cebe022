//! What was granted is asked for again: when a body took long, and while an answer goes on.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http_body_util::BodyExt;
use palisade::{clock::ManualClock, prelude::*, socket::WhileAllowed, testing::Client};
use tower::ServiceExt;

use crate::support::{Api, App, Doc, Edit, Page, Read, anybody};

async fn edit(page: Granted<Edit, Page>, State(app): State<App>, _: String) -> String {
    app.ran.count();
    page.id().clone()
}

/// What is answered when the document changes hands while its body is `long` in coming.
async fn answered(long: Duration, then: Doc) -> (u16, usize) {
    let app = App::holding([Doc::of("plan", "ada")]);
    let clock = ManualClock::at(1_700_000_000);
    let router = Api::new()
        .route("/pages/{page}", put(edit).requires(anybody()))
        .clock(clock.clone())
        .with_state(app.clone())
        .into_axum();
    let (store, mut then) = (app.clone(), Some(then));
    let chunks = futures_util::stream::poll_fn(move |_| {
        if let Some(doc) = then.take() {
            clock.advance(long);
            store.put(doc);
        }
        std::task::Poll::Ready(None::<Result<Bytes, std::io::Error>>)
    });
    let client = Client::new(router.unwrap()).bearer("ada");
    let answer =
        client.request(http::Method::PUT, "/pages/plan").body(Body::from_stream(chunks)).send().await;
    (answer.status.as_u16(), app.ran.times())
}

#[tokio::test]
async fn a_document_that_changed_hands_while_its_body_came_is_not_edited() {
    let changed = || Doc::of("plan", "gil");
    assert_eq!(answered(Duration::from_secs(2), changed()).await, (404, 0));
    assert_eq!(answered(Duration::from_secs(2), Doc::of("plan", "ada")).await, (200, 1));
    assert_eq!(
        answered(Duration::ZERO, changed()).await,
        (200, 1),
        "what comes at once costs no second question"
    );
}

async fn watched(while_allowed: WhileAllowed, _: Granted<Read, Page>) -> Undescribed<Response> {
    let endless = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
    Undescribed(while_allowed.answer(Response::new(Body::from_stream(endless))))
}

#[tokio::test(start_paused = true)]
async fn attack_a_stream_goes_on_after_its_object_was_taken_away() {
    let app = App::holding([Doc::of("plan", "ada").read_by("tim")]);
    let router = Api::new().route("/pages/{page}", get(watched).requires(anybody())).with_state(app.clone());
    let request = http::Request::get("/pages/plan").header("authorization", "Bearer tim").body(Body::empty());
    let response = router.into_axum().unwrap().oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    let mut reading = std::pin::pin!(response.into_body().collect());
    tokio::select! {
        _ = &mut reading => panic!("it is still his"),
        () = app.looked.reaches(3) => app.put(Doc::of("plan", "ada")),
    }
    assert_eq!(reading.await.unwrap_err().to_string(), "the caller is no longer allowed");
}
