//! A refused request never has its body read.

use axum::body::Body;
use palisade::prelude::*;

use crate::common::{Caller, client};

/// A body that panics when it is read.
struct Panics;

impl http_body::Body for Panics {
    type Data = axum::body::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        panic!("the body was read");
    }
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Input {
    #[expect(dead_code, reason = "it is only read from the request")]
    name: String,
}

async fn add(_: Json<Input>) -> NoContent {
    NoContent
}

#[tokio::test]
async fn a_refused_request_does_not_have_its_body_read() {
    let router = Router::<(), Caller>::new()
        .route("/signed-in", post(add).requires(signed_in()))
        .route("/scoped", post(add).requires(scope("items:write")));
    let client = client(router, ());
    let send = async |client: palisade::testing::Client, path: &'static str| {
        let request = client.post(path).header("content-type", "application/json");
        request.body(Body::new(Panics)).send().await.status
    };
    assert_eq!(send(client.clone(), "/signed-in").await, StatusCode::UNAUTHORIZED);
    assert_eq!(send(client.bearer("bad"), "/signed-in").await, StatusCode::UNAUTHORIZED);
    assert_eq!(send(client.bearer("ada"), "/scoped").await, StatusCode::FORBIDDEN);
    assert_eq!(
        send(client.bearer("ada"), "/signed-in").await,
        StatusCode::INTERNAL_SERVER_ERROR,
        "an allowed one does, which shows that this body would tell"
    );
}

#[tokio::test]
async fn who_is_calling_comes_before_what_is_sent() {
    let router = Router::<(), Caller>::new().route("/", post(add).requires(signed_in()));
    let client = client(router, ());
    let large = "x".repeat(10 << 20);
    for (content_type, body, signed_in) in [
        ("text/plain", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("application/json", "{", StatusCode::UNPROCESSABLE_ENTITY),
        ("application/json", "{}", StatusCode::UNPROCESSABLE_ENTITY),
        ("application/json", &large, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let send = async |client: palisade::testing::Client| {
            client.post("/").header("content-type", content_type).body(body.to_owned()).send().await.status
        };
        assert_eq!(send(client.clone()).await, StatusCode::UNAUTHORIZED, "{content_type}");
        assert_eq!(send(client.bearer("ada")).await, signed_in, "{content_type}");
    }
}
