//! API keys, and keys derived from them on the command line.

use serde_json::json;

use crate::program::{Place, Server};

/// A key of `ada` with all a user may.
fn key(server: &Server) -> String {
    server.sign_up("ada");
    let token = format!("Bearer {}", server.sign_in("ada"));
    let headers = [("Authorization", token.as_str()), ("Content-Type", "application/json")];
    let input = json!({ "name": "ci", "scopes": ["me:read", "me:write"] }).to_string();
    let answer = server.send("POST", "/me/api-keys", &headers, input.as_bytes());
    assert_eq!((answer.status, answer.header("cache-control")), (201, "no-store"));
    answer.json()["key"].as_str().unwrap().to_owned()
}

fn me(server: &Server, method: &str, key: &str) -> u16 {
    let headers = [("X-API-Key", key), ("Content-Type", "application/json")];
    server.send(method, "/me", &headers, if method == "GET" { b"" } else { b"{}" }).status
}

#[test]
fn a_key_works_as_long_as_it_lives_also_after_a_restart() {
    let place = Place::new();
    let server = place.serve();
    let key = key(&server);
    assert_eq!(me(&server, "GET", &key), 200);
    assert_eq!(server.stop(), Some(0));
    let server = place.serve();
    assert_eq!((me(&server, "GET", &key), me(&server, "PATCH", &key)), (200, 200));
    let secret = key.rsplit('_').next().unwrap();
    assert!(!place.log().contains(&secret[..16]), "{}", place.log());
}

#[test]
fn a_narrower_key_is_derived_without_a_server() {
    let place = Place::new();
    let server = place.serve();
    let key = key(&server);
    let derive = |arguments: &[&str], from: &str| {
        let all = [&["api-key", "derive"], arguments].concat();
        place.ok_with(&all, &format!("{from}\n")).trim().to_owned()
    };
    let read = derive(&["--scopes", "me:read"], &key);
    assert_eq!((me(&server, "GET", &read), me(&server, "PATCH", &read)), (200, 403));
    let never = derive(&["--expires", "2020-01-31T12:00:00Z"], &read);
    assert_eq!(me(&server, "GET", &never), 401);
    let change = derive(&["--route", "PATCH /me"], &key);
    assert_eq!((me(&server, "GET", &change), me(&server, "PATCH", &change)), (403, 200));

    let output = place.run_with(&["api-key", "derive"], &format!("{key}x"));
    assert!(!output.status.success());
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.contains("checksum") || complaint.contains("not a key"), "{complaint}");
    let argument = place.run(&["api-key", "derive", &key]);
    assert!(!argument.status.success(), "a key is no argument");
}

#[test]
fn a_derived_key_is_revoked_by_the_link_that_was_printed() {
    let place = Place::new();
    let server = place.serve();
    let key = key(&server);
    let output = place.run_with(&["api-key", "derive"], &key);
    let (derived, told) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let link = told.trim().rsplit(' ').next().unwrap();
    assert_eq!(me(&server, "GET", derived.trim()), 200);

    let token = format!("Bearer {}", server.sign_in("ada"));
    let headers = [("Authorization", token.as_str())];
    let listed = server.send("GET", "/me/api-keys", &headers, b"").json();
    let id = listed["api_keys"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/me/api-keys/{id}/links/{link}");
    assert_eq!(server.send("DELETE", &path, &headers, b"").status, 204);
    assert_eq!((me(&server, "GET", derived.trim()), me(&server, "GET", &key)), (401, 200));
}
