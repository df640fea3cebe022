//! Palisade's extractors in a plain axum router.

use axum::{Router, middleware, routing::get};
use palisade::{
    prelude::{dependency, *},
    testing::Client,
};

use crate::common::Log;

#[derive(Clone)]
struct Logged;

#[dependency(state = Log)]
async fn logged(State(log): State<Log>) -> Logged {
    log.say("resolved");
    Logged
}

#[derive(Clone)]
struct Cleaned;

#[dependency(state = Log)]
async fn cleaned(State(log): State<Log>, cleanup: Cleanup, headers: ResponseHeaders) -> Cleaned {
    headers.append(http::header::VARY, http::HeaderValue::from_static("cookie"));
    cleanup.defer(move |outcome| async move {
        log.say(format!("{outcome:?}"));
        Ok(())
    });
    Cleaned
}

#[tokio::test]
async fn under_the_layer_clean_ups_and_headers_work() {
    let log = Log::default();
    let router = Router::new().route("/", get(|_: Cleaned| async { "good" })).with_state(log.clone());
    let response = Client::new(router.layer(palisade::layer())).get("/").send().await;
    assert_eq!((response.status, response.header("vary")), (StatusCode::OK, Some("cookie")));
    assert_eq!(log.all(), ["Success"]);
}

#[tokio::test]
async fn without_the_layer_they_refuse_and_the_cause_names_it() {
    let log = Log::default();
    let mut head = http::Request::new(()).into_parts().0;
    let refused = palisade::resolve::<Cleaned, Log>(&mut head, &log).await.map(drop).unwrap_err();
    assert!(refused.cause().unwrap().contains("palisade::layer()"), "{:?}", refused.cause());
    assert!(!refused.detail().contains("layer"), "the caller is not told");

    let router = Router::new().route("/", get(|_: Cleaned| async { "good" })).with_state(log.clone());
    let response = Client::new(router).get("/").send().await;
    assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(log.all().is_empty());
}

#[tokio::test]
async fn a_dependency_runs_once_for_a_middleware_and_its_handler_with_and_without_the_layer() {
    async fn middle(
        _: Logged,
        request: axum::extract::Request,
        next: middleware::Next,
    ) -> axum::response::Response {
        next.run(request).await
    }
    let log = Log::default();
    let router = Router::new()
        .route("/", get(|_: Logged, _: Logged| async { "good" }))
        .layer(middleware::from_fn_with_state(log.clone(), middle))
        .with_state(log.clone());
    Client::new(router.clone()).get("/").send().await;
    assert_eq!(log.count("resolved"), 1);
    Client::new(router.layer(palisade::layer())).get("/").send().await;
    assert_eq!(log.count("resolved"), 2);
}

#[tokio::test]
async fn a_nested_router_with_a_layer_of_its_own_resolves_its_own() {
    async fn middle(
        _: Logged,
        request: axum::extract::Request,
        next: middleware::Next,
    ) -> axum::response::Response {
        next.run(request).await
    }
    let (outer, inner) = (Log::default(), Log::default());
    let nested = Router::new()
        .route("/", get(|_: Logged, _: Cleaned| async { "good" }))
        .with_state(inner.clone())
        .layer(palisade::layer());
    let router = Router::new()
        .nest("/inner", nested)
        .layer(middleware::from_fn_with_state(outer.clone(), middle))
        .layer(palisade::layer());
    Client::new(router).get("/inner").send().await;
    assert_eq!(outer.all(), ["resolved"]);
    assert_eq!(inner.all(), ["resolved", "Success"], "its own value, and clean-ups run once, at the end");
}
