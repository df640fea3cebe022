//! Bodies that are no input: broken, of another type, too large, too deep, too many.

use axum::extract::DefaultBodyLimit;
use palisade::{prelude::*, testing::Client};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::support::{Api, App};

async fn numbers(Json(list): Json<Vec<u8>>) -> Json<usize> {
    Json(list.len())
}

async fn anything(Json(value): Json<Value>) -> Json<Value> {
    Json(value)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Strict {
    _name: Option<String>,
}

async fn strict(_: Json<Strict>) {}

async fn form(_: Form<Strict>) {}

async fn raw(body: axum::body::Bytes) -> Json<usize> {
    Json(body.len())
}

fn client() -> Client {
    let api = Api::new()
        .route("/numbers", post(numbers).public("t"))
        .route("/anything", post(anything).public("t"))
        .route("/strict", post(strict).public("t"))
        .route("/form", post(form).public("t"))
        .route("/small", post(raw).public("t"))
        .layer_named("limit", DefaultBodyLimit::max(4 * 1024 * 1024));
    Client::new(api.with_state(App::default()).into_axum().unwrap())
}

async fn sent(path: &str, body: impl Into<axum::body::Body>) -> palisade::testing::Response {
    client().post(path).header("content-type", "application/json").body(body).send().await
}

#[tokio::test]
async fn a_body_of_another_type_is_415() {
    for types in [
        &[][..],
        &["text/plain"],
        &["application/x-www-form-urlencoded"],
        &["multipart/form-data"],
        &[""],
        &["application/jsonx"],
        &["text/json"],
        &["application/+json/x"],
        &["application/json", "text/plain"],
        &["application/json, text/plain"],
    ] {
        let request = types
            .iter()
            .fold(client().post("/anything"), |request, value| request.header("content-type", value));
        let answer = request.body("1").send().await;
        assert_eq!(answer.status, 415, "{types:?}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    }
    for media_type in ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"]
    {
        let answer = client().post("/anything").header("content-type", media_type).body("1").send().await;
        assert_eq!(answer.status, 200, "{media_type}");
    }
    assert_eq!(sent("/form", "{}").await.status, 415);
}

#[tokio::test]
async fn a_body_that_is_no_json_is_told_where_it_breaks() {
    let broken: [&[u8]; 14] = [
        b"",
        b"{",
        b"{\"a\":}",
        b"nul",
        b"'a'",
        b"[1,]",
        b"1 2",
        b"\xff\xfe1",
        b"\"\xff\"",
        b"\xef\xbb\xbf1",
        b"\"\\ud800\"",
        b"\"\0\"",
        b"NaN",
        b"1e999",
    ];
    for body in broken {
        let answer = sent("/anything", body.to_vec()).await;
        assert_eq!(answer.status, 422, "{body:?}");
        assert_eq!(answer.json()["errors"][0]["type"], "json_invalid", "{body:?}");
        assert_eq!(answer.json()["errors"][0]["loc"], serde_json::json!(["body"]));
    }
    assert_eq!(
        sent("/anything", "{\n \"a\": x}").await.json()["detail"],
        "The body is not valid JSON at line 2, column 7"
    );
    // An escaped NUL is text like any other: what may stand in a field, its schema says.
    assert_eq!(sent("/anything", "\"\\u0000\"").await.json(), "\0");
}

#[tokio::test]
async fn depth_and_number_are_bounded() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
        assert_eq!(sent("/anything", nested(100)).await.status, 200);
        assert_eq!(sent("/anything", nested(129)).await.status, 422);
        assert_eq!(sent("/anything", nested(100_000)).await.status, 422);
        assert_eq!(sent("/anything", open.repeat(500_000)).await.status, 422);
    }
    let many = |number: usize| format!("[{}0]", "300,".repeat(number));
    let answer = sent("/numbers", many(1000)).await;
    assert_eq!((answer.status.as_u16(), answer.json()["errors"].as_array().unwrap().len()), (422, 32));
    let answer = sent("/numbers", many(900_000)).await;
    assert_eq!((answer.status.as_u16(), answer.json()["errors"].as_array().unwrap().len()), (422, 1));
    assert_eq!(sent("/numbers", format!("[{}0]", "1,".repeat(900_000))).await.json(), 900_001);
}

#[tokio::test]
async fn what_is_told_of_an_input_stays_small() {
    let long = "n".repeat(100_000);
    let unknown: String = (0..5000).map(|at| format!("\"x{at}\":1,")).collect();
    for body in [format!("{{\"{long}\":1}}"), format!("{{{unknown}\"y\":1}}")] {
        let answer = sent("/strict", body).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.len() < 8192, "{}", answer.body.len());
        assert_eq!(answer.json()["errors"][0]["type"], "unknown");
    }
    let typed = || client().post("/form").header("content-type", "application/x-www-form-urlencoded");
    let repeated: String = (0..20_000).map(|at| format!("a{at}=1&a{at}=1&")).collect();
    for body in [repeated, format!("{long}=%ff"), format!("{long}=1&{long}=1"), "a=1&".repeat(100_000)] {
        let answer = typed().body(body).send().await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.len() < 8192, "{}", answer.body.len());
    }
}

#[tokio::test]
async fn text_that_is_not_utf8_is_refused_not_replaced() {
    let typed = || client().post("/form").header("content-type", "application/x-www-form-urlencoded");
    for body in [&b"_name=%ff"[..], b"_name=\xff", b"%ff=1", b"_name=%c3%28"] {
        let answer = typed().body(body.to_vec()).send().await;
        assert_eq!(answer.status, 422);
        assert_eq!(answer.json()["errors"][0]["type"], "encoding");
    }
}

#[tokio::test]
async fn a_body_too_large_is_413() {
    for path in ["/anything", "/small"] {
        let answer = sent(path, vec![b' '; 4 * 1024 * 1024 + 1]).await;
        assert_eq!(answer.status, 413, "{path}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
        assert_eq!(answer.json()["status"], 413);
    }
}
