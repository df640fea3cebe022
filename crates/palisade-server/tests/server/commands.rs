//! Commands beside a running server, which notices at once.

use serde_json::{Value, json};

use crate::program::{PASSWORD, Place};

fn add(place: &Place, name: &str, role: &str) -> String {
    place.ok_with(
        &["account", "add", name, "--email", "a@example.org", "--role", role],
        &format!("{PASSWORD}\n"),
    )
}

#[test]
fn an_account_from_the_command_line_signs_in() {
    let place = Place::new();
    add(&place, "root", "admin");
    let server = place.serve();
    assert!(!server.first_lines.contains("First admin"), "there is one");
    let token = server.sign_in("root");
    assert_eq!(server.get("/me", &token).json()["roles"], json!(["admin"]));
    let listed: Value = serde_json::from_str(&place.ok(&["account", "list", "--json"])).unwrap();
    assert_eq!(listed[0]["username"], "root");
    assert!(listed[0].get("password").is_none());
}

#[test]
fn disabling_ends_a_token_at_once() {
    let place = Place::new();
    let server = place.serve();
    server.sign_up("ada");
    let token = server.sign_in("ada");
    assert_eq!(server.get("/me", &token).status, 200);
    place.ok(&["account", "disable", "ada"]);
    assert_eq!(server.get("/me", &token).status, 401);
    assert_eq!(server.sign_in_as("ada", PASSWORD, &[]).status, 400);
    place.ok(&["account", "enable", "ada"]);
    assert_eq!(server.get("/me", &token).status, 401, "it stays ended");
    server.sign_in("ada");
}

#[test]
fn a_role_counts_from_the_next_request_on() {
    let place = Place::new();
    add(&place, "root", "admin");
    let server = place.serve();
    server.sign_up("ada");
    let token = server.sign_in("ada");
    assert_eq!(server.get("/admin/accounts", &token).status, 403);
    place.ok(&["account", "role", "ada", "admin"]);
    assert_eq!(server.get("/admin/accounts", &token).status, 200);
    place.ok(&["account", "role", "ada", "user"]);
    assert_eq!(server.get("/admin/accounts", &token).status, 403);
}

#[test]
fn a_new_password_ends_the_old_and_its_tokens() {
    let place = Place::new();
    let server = place.serve();
    server.sign_up("ada");
    let token = server.sign_in("ada");
    let file = place.file("password", "another long password\nand a second line\n");
    place.ok(&["account", "password", "ada", "--password-file", file.to_str().unwrap()]);
    assert_eq!(server.get("/me", &token).status, 401);
    assert_eq!(server.sign_in_as("ada", PASSWORD, &[]).status, 400);
    assert_eq!(server.sign_in_as("ada", "another long password", &[]).status, 200);
}

#[test]
fn the_last_admin_stays() {
    let place = Place::new();
    add(&place, "root", "admin");
    for arguments in [&["account", "disable", "root"][..], &["account", "role", "root", "user"]] {
        let error = place.fails(arguments);
        assert!(error.contains("last active admin") && error.contains("account add"), "{error}");
    }
}

#[test]
fn a_mistake_is_explained() {
    let place = Place::new();
    add(&place, "ada", "user");
    let error = place.fails(&["account", "disable", "adda"]);
    assert!(error.contains("no account `adda`") && error.contains("account list"), "{error}");
    let error = place.fails(&["keys", "retire", "nothing"]);
    assert!(error.contains("no key `nothing`") && error.contains("keys list"), "{error}");
    let output = place.run_with(&["account", "add", "bob", "--email", "b@example.org"], "short\n");
    assert!(String::from_utf8_lossy(&output.stderr).contains("at least 8 characters"), "{output:?}");
    let output =
        place.run_with(&["account", "add", "ada", "--email", "b@example.org"], &format!("{PASSWORD}\n"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("taken"), "{output:?}");
    let error = place.fails(&["account", "add", "bob"]);
    assert!(error.contains("--email"), "{error}");
}

#[test]
fn rotating_keys_beside_a_running_server() {
    let place = Place::new();
    let server = place.serve();
    server.sign_up("ada");
    let before = server.sign_in("ada");
    let old: Value = serde_json::from_str(&place.ok(&["keys", "list", "--json"])).unwrap();
    place.ok(&["keys", "rotate"]);
    let after = server.sign_in("ada");
    assert_ne!(before.split('.').next(), after.split('.').next(), "another key signs");
    assert_eq!(server.get("/me", &before).status, 200, "the one before is still accepted");
    let published = server.send("GET", "/.well-known/jwks.json", &[], b"").json();
    assert_eq!(published["keys"].as_array().unwrap().len(), 2);

    place.ok(&["keys", "retire", old[0]["kid"].as_str().unwrap()]);
    assert_eq!(server.get("/me", &before).status, 401);
    assert_eq!(server.get("/me", &after).status, 200);
}

#[test]
fn what_is_served_is_what_is_printed() {
    let place = Place::new();
    let printed: Value = serde_json::from_str(&place.ok(&["openapi"])).unwrap();
    assert_eq!(place.serve().send("GET", "/openapi.json", &[], b"").json(), printed);
    let routes: Value = serde_json::from_str(&place.ok(&["routes", "--json"])).unwrap();
    let me =
        routes.as_array().unwrap().iter().find(|row| row["path"] == "/me" && row["method"] == "GET").unwrap();
    assert_eq!(me["requires"], "scope(me:read)");
    assert!(me.get("schemes").is_some() && me.get("principal").is_some() && me.get("public").is_none());
    assert!(place.ok(&["routes"]).lines().any(|line| line.starts_with("POST") && line.contains("/token")));
}

#[test]
fn a_token_is_looked_at_and_verified_offline() {
    let place = Place::new();
    let server = place.serve();
    server.sign_up("ada");
    let token = server.sign_in("ada");
    assert!(place.ok(&["token", "inspect", &token]).contains("me:read"));
    assert!(place.ok_with(&["token", "inspect", "-"], &token).contains("me:read"));
    let keys = server.send("GET", "/.well-known/jwks.json", &[], b"").json();
    let context = json!({"iss": "http://id.example.org", "aud": "http://id.example.org"});
    let line = json!({"profile": "access_token", "token": token, "keys": keys, "context": context});
    let answers = place.ok_with(&["token", "verify"], &format!("{line}\nnonsense\n"));
    let answers: Vec<_> = answers.lines().collect();
    assert_eq!(answers[0], "accept");
    assert!(answers[1].starts_with("reject input "), "{answers:?}");
}

#[test]
fn an_operator_hands_over_a_link_that_sets_another_password() {
    let place = Place::new();
    let server = place.serve();
    assert!(server.first_lines.contains("Data in"));
    assert_eq!(server.sign_up("ada").status, 201);
    let token = server.sign_in("ada");
    let link = place.ok(&["account", "reset-link", "ada"]);
    let secret = link.strip_prefix("http://id.example.org/reset-password?token=").unwrap().trim_end();
    let reset = serde_json::json!({ "token": secret, "new_password": "another long enough password" });
    assert_eq!(server.post_json("/password/reset", &reset).status, 204);
    assert_eq!(server.get("/me", &token).status, 401);
    assert_eq!(server.post_json("/password/reset", &reset).status, 400);
    assert!(place.fails(&["account", "reset-link", "nobody"]).contains("there is no account `nobody`"));
    place.ok(&["account", "disable", "ada"]);
    assert!(place.fails(&["account", "reset-link", "ada"]).contains("palisade account enable"));
    let forgotten = serde_json::json!({ "username_or_email": "ada" });
    assert_eq!(server.post_json("/password/forgot", &forgotten).status, 403, "no mail is sent here");
}
