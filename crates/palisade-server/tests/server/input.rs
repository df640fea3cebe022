//! Bad input over HTTP: a clear refusal, and nothing is lost.

use std::{io::Write as _, net::Shutdown, thread};

use serde_json::json;

use crate::{
    client::{connect, exchange, read_to_end, request},
    program::{PASSWORD, Place},
};

const JSON: (&str, &str) = ("content-type", "application/json");

#[test]
fn a_body_that_will_not_do() {
    let place = Place::new();
    let server = place.serve();
    let good = r#"{"username": "ada", "email": "a@example.org", "password": "a long enough password"}"#;
    let long = "x".repeat(100_000);
    let cases: Vec<(&str, u16, Vec<u8>)> = vec![
        ("malformed JSON", 422, b"{\"username\": ".to_vec()),
        ("no body", 422, Vec::new()),
        ("not an object", 422, b"[]".to_vec()),
        ("missing fields", 422, b"{}".to_vec()),
        ("an empty name", 422, good.replace("ada", "").into()),
        ("an empty password", 422, good.replace(PASSWORD, "").into()),
        ("a wrong type", 422, good.replace("\"ada\"", "7").into()),
        ("an unknown field", 422, good.replace("{", r#"{"role": "admin", "#).into()),
        ("no UTF-8", 422, [b"{\"username\": \"", &[0xff][..], b"\"}"].concat()),
        ("NUL in the name", 422, good.replace("ada", "a\\u0000a").into()),
        ("NUL in the password", 422, good.replace(PASSWORD, "a long enough\\u0000password").into()),
        ("a raw NUL", 422, good.replace("ada", "a\0a").into()),
        ("an over-long name", 422, good.replace("ada", &long).into()),
        ("an over-long password", 422, good.replace(PASSWORD, &long).into()),
        ("nested too deep", 422, "[".repeat(50_000).into()),
    ];
    for (what, status, body) in cases {
        let answer = server.send("POST", "/signup", &[JSON], &body);
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        assert!(!answer.problem().is_empty(), "{what}");
    }
    let missing = server.send("POST", "/signup", &[JSON], b"{}").json();
    let places: Vec<_> = missing["errors"].as_array().unwrap().iter().map(|error| &error["loc"]).collect();
    assert_eq!(json!(places), json!([["body", "username"], ["body", "email"], ["body", "password"]]));
    assert_eq!(server.send("POST", "/signup", &[JSON], good.as_bytes()).status, 201);
    assert_eq!(place.ok(&["account", "list"]).lines().count(), 2, "a heading and one account");
}

#[test]
fn a_wrong_content_type() {
    let server = Place::new().serve();
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "application/json, text/plain", "", "\u{1f}"]
    {
        let headers = [("content-type", content_type)];
        let answer = server.send("POST", "/signup", &headers, b"{}");
        assert!([400, 415].contains(&answer.status), "{content_type}: {answer:?}");
    }
    let answer = server.send("POST", "/token", &[JSON], b"{}");
    assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("invalid_request")));
}

#[test]
fn a_token_request_that_will_not_do() {
    let server = Place::new().serve();
    let form = ("content-type", "application/x-www-form-urlencoded");
    for (body, status, error) in [
        ("", 400, "invalid_request"),
        ("grant_type=password", 400, "invalid_request"),
        ("grant_type=password&username=ada&password=", 400, "invalid_request"),
        ("grant_type=password&username=ada&password=x&password=y", 400, "invalid_request"),
        ("grant_type=password&username=ada&password=wrong+one", 400, "invalid_grant"),
        ("grant_type=password&username=%00&password=wrong+one", 400, "invalid_grant"),
        ("grant_type=password&username=ada&password=x&scope=%22", 400, "invalid_scope"),
        ("grant_type=magic&username=ada&password=x", 400, "unsupported_grant_type"),
        ("grant_type=password&username=ada&password=x&client_id=me", 401, "invalid_client"),
    ] {
        let answer = server.send("POST", "/token", &[form], body.as_bytes());
        assert_eq!(answer.status, status, "{body}: {answer:?}");
        assert_eq!(answer.json()["error"], error, "{body}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[test]
fn attack_body_of_ten_megabytes() {
    let place = Place::new();
    let server = place.serve();
    let host = server.address.to_string();
    let body = vec![b' '; 10 * 1024 * 1024];
    let headers = [("host", host.as_str()), JSON];
    assert_eq!(exchange(server.address, &request("POST", "/signup", &headers, &body)).status, 413);

    let mut stream = connect(server.address);
    let head = format!(
        "POST /signup HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    for chunk in body.chunks(65_536) {
        stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).unwrap();
        stream.write_all(chunk).unwrap();
        stream.write_all(b"\r\n").unwrap();
    }
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_to_end(&mut stream).status, 413);
    assert_eq!(server.sign_up("ada").status, 201);
}

#[test]
fn attack_dns_rebinding() {
    let server = Place::new().set("SERVER__HOSTS", r#"["probe.example"]"#).serve();
    let own = server.address.to_string();
    let status = |hosts: &[&str]| {
        let headers: Vec<_> = hosts.iter().map(|host| ("host", *host)).collect();
        let answer = exchange(server.address, &request("GET", "/healthz", &headers, b""));
        if answer.status != 200 {
            assert!(answer.problem().contains("Host"), "{answer:?}");
        }
        answer.status
    };
    assert_eq!(status(&[&own]), 200);
    assert_eq!(status(&["id.example.org"]), 200, "the issuer's");
    assert_eq!(status(&["probe.example"]), 200, "said in the configuration");
    assert_eq!(status(&["evil.example"]), 421);
    assert_eq!(status(&["localhost:1"]), 421);
    assert_eq!(status(&[]), 400);
    assert_eq!(status(&[&own, "evil.example"]), 400);
}

#[test]
fn two_sign_ups_at_once() {
    let server = Place::new().serve();
    let statuses = thread::scope(|scope| {
        let both: Vec<_> = (0..2).map(|_| scope.spawn(|| server.sign_up("ada").status)).collect();
        let mut statuses: Vec<_> = both.into_iter().map(|one| one.join().unwrap()).collect();
        statuses.sort_unstable();
        statuses
    });
    assert_eq!(statuses, [201, 409]);
    assert_eq!(server.sign_up("ADA").status, 409, "without regard to case");
}

#[test]
fn attack_spoofed_client_address() {
    let failures = |place: Place| {
        let server = place.set("LIMITS__SIGN_IN_BURST", "2").serve();
        let fail = |at: u8| {
            let from = format!("198.51.100.{at}");
            server.sign_in_as(
                "ada",
                "wrong one",
                &[("x-forwarded-for", &from), ("forwarded", &format!("for={from}"))],
            )
        };
        (1..=4).map(fail).map(|answer| answer.status).collect::<Vec<_>>()
    };
    assert_eq!(failures(Place::new()), [400, 400, 429, 429], "the header is anybody's word");
    let trusted = Place::new().set("SERVER__BEHIND_PROXY", r#"["127.0.0.0/8"]"#);
    assert_eq!(failures(trusted), [400, 400, 400, 400], "the header is a trusted proxy's word");
}

#[test]
fn what_is_not_there() {
    let server = Place::new().serve();
    let answer = server.send("GET", "/nothing", &[], b"");
    assert_eq!((answer.status, answer.header("x-content-type-options")), (404, "nosniff"));
    assert!(!answer.problem().is_empty());
    assert_eq!(server.send("DELETE", "/me", &[], b"").status, 405);
    assert_eq!(server.send("GET", "/me", &[], b"").header("cache-control"), "no-store");
}
