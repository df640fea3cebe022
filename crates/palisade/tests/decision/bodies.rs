//! Who is told why: the developer, at the machine itself, and nobody else.

use axum::Extension;
use palisade::{
    edge::ClientAddress,
    prelude::*,
    testing::{Client, Response},
};

use crate::support::{Api, ada, built, by, done};

fn client(from: &str, explains: bool) -> Client {
    let api = Api::new().route("/", get(done).requires(scope("a")));
    let api = if explains { api.dangerous().explain_in_bodies() } else { api };
    let router = built(api).router;
    let router = match from {
        "nowhere" => router,
        address => router.layer(Extension(ClientAddress(address.parse().unwrap()))),
    };
    by(&Client::new(router), &ada())
}

async fn asked(from: &str, host: &str, forwarded: &[(&str, &str)]) -> Response {
    let request = client(from, true).get("/").header("host", host);
    let answer =
        forwarded.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await;
    assert_eq!(answer.status, 403);
    assert!(answer.json()["decision"].is_string());
    answer
}

async fn explains(from: &str, host: &str, forwarded: &[(&str, &str)]) -> bool {
    asked(from, host, forwarded).await.json().get("explanation").is_some()
}

#[tokio::test]
async fn the_developer_is_told_why() {
    for (from, host) in [
        ("127.0.0.1", "127.0.0.1:8000"),
        ("127.0.0.1", "localhost"),
        ("::1", "[::1]:8000"),
        ("::ffff:127.0.0.1", "LocalHost:3000"),
    ] {
        let answer = asked(from, host, &[]).await.json();
        assert_eq!(answer["explanation"]["leaf"]["scope"], "a", "{from} {host}");
        assert_eq!(answer["explanation"]["verdict"], "false");
    }
}

#[tokio::test]
async fn nobody_is_told_why_unless_it_was_switched_on() {
    let answer = client("127.0.0.1", false).get("/").header("host", "localhost").send().await;
    assert_eq!((answer.status.as_u16(), answer.json().get("explanation")), (403, None));
}

#[tokio::test]
async fn attack_explanation_through_a_proxy() {
    assert!(!explains("203.0.113.7", "localhost:8000", &[]).await, "whom a proxy speaks for");
    assert!(!explains("nowhere", "localhost:8000", &[]).await, "an address nobody noted");
    for header in [
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1"),
        ("via", "1.1 proxy"),
        ("x-real-ip", "127.0.0.1"),
        ("x-forwarded-host", "localhost"),
        ("x-forwarded-proto", "https"),
    ] {
        assert!(!explains("127.0.0.1", "localhost:8000", &[header]).await, "{header:?}");
    }
}

#[tokio::test]
async fn attack_explanation_with_a_foreign_host() {
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "x@localhost",
        "0.0.0.0",
        "local host",
        "",
    ] {
        assert!(!explains("127.0.0.1", host, &[]).await, "{host}");
    }
    let twice = client("127.0.0.1", true).get("/").header("host", "localhost").header("host", "localhost");
    assert!(twice.send().await.json().get("explanation").is_none());
    let without = client("127.0.0.1", true).get("/").send().await;
    assert!(without.json().get("explanation").is_none());
    let target = client("127.0.0.1", true).get("http://evil.example/").header("host", "localhost");
    assert!(target.send().await.json().get("explanation").is_none());
}
