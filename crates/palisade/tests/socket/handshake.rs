//! Who gets no socket gets an ordinary answer, and the handler does not run.

use http::StatusCode;
use palisade::testing::Client;
use serde_json::json;

use crate::{
    app::{App, Health},
    client::Refused,
};

fn refused(status: u16, challenge: Option<&str>) -> Refused {
    let challenge = challenge.map(str::to_owned);
    Refused { status, challenge, media_type: "application/problem+json".into() }
}

#[tokio::test(start_paused = true)]
async fn nobody_and_an_unknown_token_are_401_with_a_challenge() {
    let app = App::default();
    let server = app.serve().await;
    assert_eq!(server.open("/echo", &[]).await.unwrap_err(), refused(401, Some("Bearer")));
    let unknown = server.open_as("eve", "/echo").await.unwrap_err();
    assert_eq!(unknown, refused(401, Some("Bearer error=\"invalid_token\"")));
    assert_eq!(app.count("the handler ran"), 0);
}

#[tokio::test(start_paused = true)]
async fn somebody_who_may_not_is_403_and_undecided_is_503() {
    let app = App::default();
    let server = app.serve().await;
    assert_eq!(server.open_as("ben", "/admin").await.unwrap_err(), refused(403, None));
    app.is(Health::Down);
    assert_eq!(server.open_as("ada", "/admin").await.unwrap_err(), refused(503, None));
    assert_eq!(app.count("the handler ran"), 0);
}

#[tokio::test]
async fn what_is_no_handshake_is_told_how_to_make_one() {
    let app = App::default();
    let client = Client::new(app.router().with_state(app.clone()).into_axum().unwrap());
    let whole = [
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let with = |name: &'static str, value: Option<&'static str>| {
        whole.iter().fold(client.get("/public"), move |request, (known, given)| match value {
            Some(value) if *known == name => request.header(known, value),
            None if *known == name => request,
            _ => request.header(known, given),
        })
    };
    for (name, value, status) in [
        ("connection", None, 426),
        ("connection", Some("close"), 426),
        ("upgrade", None, 426),
        ("upgrade", Some("h2c"), 426),
        ("sec-websocket-version", None, 426),
        ("sec-websocket-version", Some("12"), 426),
        ("sec-websocket-key", None, 400),
        ("sec-websocket-key", Some("c2hvcnQ="), 400),
        ("sec-websocket-key", Some("!"), 400),
        // Whole, but there is no connection to upgrade.
        ("", None, 426),
    ] {
        let answer = with(name, value).send().await;
        assert_eq!(answer.status.as_u16(), status, "{name}: {value:?}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        if status == 426 && !name.is_empty() {
            assert_eq!(answer.header("upgrade"), Some("websocket"));
            assert_eq!(answer.header("connection"), Some("upgrade"));
        }
        let version = answer.header("sec-websocket-version");
        assert_eq!(version, (name == "sec-websocket-version").then_some("13"));
    }
    let twice = with("", None).header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==").send().await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST);
    assert_eq!(client.post("/public").send().await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(app.count("the handler ran"), 0);
}

#[tokio::test]
async fn whoever_is_not_allowed_is_told_that_before_the_handshake_is_looked_at() {
    let app = App::default();
    let client = Client::new(app.router().with_state(app).into_axum().unwrap());
    assert_eq!(client.get("/echo").send().await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(client.bearer("ben").get("/admin").send().await.status, StatusCode::FORBIDDEN);
    assert_eq!(client.bearer("ada").get("/admin").send().await.status, StatusCode::UPGRADE_REQUIRED);
}

#[test]
fn the_document_tells_of_the_socket_and_its_refusals() {
    let (_, document) = App::default().router().describe().unwrap();
    let document = serde_json::to_value(&document).unwrap();
    let operation = &document["paths"]["/echo"]["get"];
    let statuses: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
    assert_eq!(statuses, ["101", "400", "401", "403", "426", "503"]);
    let words = "From here on the connection speaks WebSocket (RFC 6455)";
    assert_eq!(operation["responses"]["101"], json!({ "description": words }));
    assert_eq!(operation.get("parameters"), None);
}
