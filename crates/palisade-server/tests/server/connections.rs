//! Connections: limits hold, and what breaks the protocol is shown out.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use serde_json::json;

use crate::{
    client::{connect, exchange, read_one, read_to_end, request},
    program::{PASSWORD, Place},
};

#[test]
fn a_connection_serves_many_requests() {
    let server = Place::new().serve();
    let mut stream = connect(server.address);
    for path in ["/healthz", "/me", "/nothing"] {
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", server.address).unwrap();
        assert_eq!(
            read_one(&mut stream).status,
            match path {
                "/healthz" => 200,
                "/me" => 401,
                _ => 404,
            }
        );
    }
}

#[test]
fn pipelined_requests_are_all_answered() {
    let server = Place::new().serve();
    let host = server.address.to_string();
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n");
    let mut bytes = [get("/me"), get("/nothing"), get("/healthz")].concat().into_bytes();
    bytes.extend(request("GET", "/healthz", &[("host", &host)], b""));
    let mut stream = connect(server.address);
    stream.write_all(&bytes).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    let statuses: Vec<_> = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["401", "404", "200", "200"]);
}

#[test]
fn attack_slowloris() {
    let server = Place::new().set("SERVER__HEADER_SECONDS", "1").serve();
    for started in ["", "GET /healthz HTTP/1.1\r\nhost: exa"] {
        let mut stream = connect(server.address);
        stream.write_all(started.as_bytes()).unwrap();
        assert_cut_off(&mut stream);
    }
    assert_eq!(server.send("GET", "/healthz", &[], b"").status, 200);
}

#[test]
fn attack_slowloris_byte_by_byte_after_a_request() {
    let server = Place::new().set("SERVER__HEADER_SECONDS", "1").serve();
    let mut stream = connect(server.address);
    write!(stream, "GET /healthz HTTP/1.1\r\nhost: {}\r\n\r\n", server.address).unwrap();
    assert_eq!(read_one(&mut stream).status, 200);
    let mut writer = stream.try_clone().unwrap();
    let trickle = std::thread::spawn(move || {
        while writer.write_all(b"G").is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    assert_cut_off(&mut stream);
    drop(stream);
    trickle.join().unwrap();
}

/// The server closes the connection without a response.
fn assert_cut_off(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, b"");
}

#[test]
fn a_body_may_take_longer_than_a_head() {
    let server = Place::new().set("SERVER__HEADER_SECONDS", "1").serve();
    let body = json!({"username": "ada", "email": "a@example.org", "password": PASSWORD}).to_string();
    let mut stream = connect(server.address);
    let headers = [("host", &*server.address.to_string()), ("content-type", "application/json")];
    let bytes = request("POST", "/signup", &headers, body.as_bytes());
    let (early, late) = bytes.split_at(bytes.len() - 1);
    stream.write_all(early).unwrap();
    // Two idle connections, one after the other, are cut off meanwhile.
    for _ in 0..2 {
        assert_cut_off(&mut connect(server.address));
    }
    stream.write_all(late).unwrap();
    assert_eq!(read_to_end(&mut stream).status, 201);
}

#[test]
fn attack_body_that_never_comes() {
    let server = Place::new().set("SERVER__REQUEST_SECONDS", "1").serve();
    let mut stream = connect(server.address);
    write!(
        stream,
        "POST /signup HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{",
        server.address
    )
    .unwrap();
    assert_eq!(read_to_end(&mut stream).status, 408);
}

#[test]
fn attack_garbage_and_smuggling() {
    let server = Place::new().serve();
    let host = server.address;
    for bytes in [
        "\0\u{1}\u{2}nonsense\r\n\r\n".to_owned(),
        "GET\r\n\r\n".to_owned(),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        format!("GET / HTTP/1.1\r\nhost : {host}\r\n\r\n"),
        format!("POST /signup HTTP/1.1\r\nhost: {host}\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n"),
        format!("POST /signup HTTP/1.1\r\nhost: {host}\r\ncontent-length: -1\r\n\r\n"),
    ] {
        let answer = exchange(server.address, bytes.as_bytes());
        assert_eq!(answer.status, 400, "{bytes:?}");
    }
    assert_eq!(server.send("GET", "/healthz", &[], b"").status, 200);
}

#[test]
fn attack_headers_without_end() {
    let server = Place::new().serve();
    let long = "x".repeat(20_000);
    let host = server.address.to_string();
    let bytes = request("GET", "/healthz", &[("host", &host), ("x-long", &long)], b"");
    assert_eq!(exchange(server.address, &bytes).status, 431);
    let many: Vec<_> = std::iter::once(("host", host.as_str())).chain((0..200).map(|_| ("x", "y"))).collect();
    assert_eq!(exchange(server.address, &request("GET", "/healthz", &many, b"")).status, 431);
}

#[test]
fn attack_more_connections_than_there_is_room_for() {
    let server = Place::new().set("SERVER__CONNECTIONS", "1").serve();
    let mut first = connect(server.address);
    write!(first, "GET /healthz HTTP/1.1\r\nhost: {}\r\n\r\n", server.address).unwrap();
    assert_eq!(read_one(&mut first).status, 200);
    // The second waits for the first to go, and is then served.
    let mut second = connect(server.address);
    write!(second, "GET /healthz HTTP/1.1\r\nhost: {}\r\n\r\n", server.address).unwrap();
    second.set_nonblocking(true).unwrap();
    assert!(second.read(&mut [0]).is_err(), "nothing has come yet");
    second.set_nonblocking(false).unwrap();
    drop(first);
    assert_eq!(read_one(&mut second).status, 200);
}

#[test]
fn attack_answer_that_is_never_read() {
    let server = Place::new().set("SERVER__REQUEST_SECONDS", "1").set("SERVER__CONNECTIONS", "1").serve();
    let mut deaf = connect(server.address);
    // More than sockets hold.
    for _ in 0..32 {
        write!(deaf, "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: {}\r\n\r\n", server.address).unwrap();
    }
    assert_eq!(server.send("GET", "/healthz", &[], b"").status, 200, "its place was given to the next");
}
