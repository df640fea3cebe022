//! Ending and starting again: in order, by force, and what is left.

use std::{fs, io::Write as _, net::TcpStream};

use serde_json::json;

use crate::{
    client::{connect, read_to_end},
    program::{PASSWORD, Place},
};

#[test]
fn a_shutdown_finishes_what_is_in_flight() {
    let place = Place::new();
    let mut server = place.serve();
    let idle = connect(server.address);
    let body = json!({"username": "ada", "email": "a@example.org", "password": PASSWORD}).to_string();
    let mut stream = connect(server.address);
    write!(
        stream,
        "POST /signup HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        server.address,
        body.len()
    )
    .unwrap();
    // The handler has begun to wait for the body once it asks for it.
    let mut told = [0; 25];
    std::io::Read::read_exact(&mut stream, &mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");

    server.signal("-TERM");
    // Nobody is let in any more; until then the system still takes connections for it.
    while TcpStream::connect(server.address).is_ok() {
        std::thread::yield_now();
    }
    stream.write_all(body.as_bytes()).unwrap();
    assert_eq!(read_to_end(&mut stream).status, 201);
    assert_eq!(server.ended().0, Some(0));
    drop(idle);
    assert!(place.ok(&["account", "list"]).contains("ada"));
}

#[test]
fn a_shutdown_does_not_wait_for_ever() {
    let place = Place::new().set("SERVER__SHUTDOWN_SECONDS", "0");
    let mut server = place.serve();
    let mut stream = connect(server.address);
    write!(stream, "POST /signup HTTP/1.1\r\nhost: {}\r\ncontent-length: 9\r\n\r\n", server.address).unwrap();
    server.signal("-INT");
    assert_eq!(server.ended().0, Some(0));
}

#[test]
fn a_kill_loses_no_acknowledged_account() {
    let place = Place::new();
    let server = place.serve();
    for name in ["ada", "bob", "eve"] {
        assert_eq!(server.sign_up(name).status, 201);
    }
    let token = server.sign_in("ada");
    drop(server);
    let server = place.serve();
    for name in ["ada", "bob", "eve"] {
        server.sign_in(name);
    }
    assert_eq!(server.get("/me", &token).status, 200, "the keys were kept too");
}

#[test]
fn the_first_admin_is_made_once() {
    let place = Place::new();
    let server = place.serve();
    let path = place.data().join("first-admin");
    let secret = fs::read_to_string(&path).unwrap();
    drop(server);
    let server = place.serve();
    assert_eq!(fs::read_to_string(&path).unwrap(), secret, "a restart does not void it");
    let claim = |name: &str, secret: &str| {
        let body = json!({"username": name, "email": "a@example.org", "password": PASSWORD, "first_admin_secret": secret});
        server.post_json("/signup", &body)
    };
    assert_eq!(claim("eve", "a guess").status, 403);
    assert_eq!(claim("root", secret.trim()).json()["roles"], json!(["admin"]));
    assert_eq!(claim("eve", secret.trim()).status, 403);
    assert_eq!(server.get("/admin/accounts", &server.sign_in("root")).status, 200);
    assert_eq!(server.stop(), Some(0));
    assert!(!path.exists(), "it is good for nothing now");
    place.serve();
    assert!(!path.exists());
}

#[test]
fn sign_up_can_be_off() {
    let server = Place::new().set("ACCOUNTS__SIGNUP", "off").serve();
    assert_eq!(server.sign_up("ada").status, 403);
}
