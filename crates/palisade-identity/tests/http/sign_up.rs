//! `POST /signup`.

use std::sync::atomic::Ordering;

use http::StatusCode;
use palisade_identity::{http::SignUpIs, password::Queue, role::Role};
use serde_json::{Value, json};

use crate::{
    app::{App, PASSWORD, Settings, application, assert_faults, assert_problem},
    world::Asked,
};

#[tokio::test]
async fn whoever_signs_up_gets_an_account_and_never_sees_a_password_or_its_hash() {
    let app = App::new().await;
    let answer = app.sign_up(&application("Ada")).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let made = &app.accounts().await[0];
    assert_eq!(
        answer.json(),
        json!({
            "id": made.id.to_string(),
            "username": "ada",
            "kind": "person",
            "email": "somebody@example.org",
            "email_verified": false,
            "status": "active",
            "roles": ["user"],
            "created_at": "2023-11-14T22:13:20Z",
            "updated_at": "2023-11-14T22:13:20Z",
        })
    );
    for secret in [PASSWORD, "argon2", "password", "hash", "generation"] {
        assert!(!answer.text().contains(secret), "{secret}");
    }
    assert!(app.lets_in(&app.token("ada").await).await);
}

#[tokio::test]
async fn attack_a_name_that_is_taken_but_for_case_width_or_composition() {
    let app = App::new().await;
    app.sign_up(&application("åda")).await;
    app.world.hashing.asked();
    for name in ["åda", "ÅDA", "a\u{30a}da", "åＤa"] {
        let answer = app.sign_up(&application(name)).await;
        assert_problem(&answer, StatusCode::CONFLICT);
        assert_eq!(answer.json()["detail"], "This username is taken");
    }
    assert_eq!(app.world.hashing.asked(), [], "no hash for a name that is taken");
    assert_eq!(app.usernames().await, ["åda"]);
}

#[tokio::test]
async fn every_field_that_will_not_do_is_told_at_once() {
    let app = App::new().await;
    for (input, places) in [
        (json!({}), &["body.email", "body.password", "body.username"][..]),
        (
            json!({ "username": "a b", "email": "nobody", "password": "short" }),
            &["body.email", "body.password", "body.username"],
        ),
        (
            json!({ "username": "", "email": "", "password": "" }),
            &["body.email", "body.password", "body.username"],
        ),
        (
            json!({ "username": 1, "email": null, "password": ["x"] }),
            &["body.email", "body.password", "body.username"],
        ),
        // What only RFC 8265 knows.
        (json!({ "username": "ada\u{2460}", "email": "a@b", "password": PASSWORD }), &["body.username"]),
        (json!({ "username": "ada", "email": "a@b", "password": "ada" }), &["body.password"]),
    ] {
        assert_faults(&app.sign_up(&input).await, places);
    }
    assert_eq!(app.usernames().await, [""; 0]);
}

#[tokio::test]
async fn what_is_wrong_is_said_to_a_person() {
    let app = App::new().await;
    let input = json!({ "username": "a b", "email": "a@-b", "password": "short" });
    for error in app.sign_up(&input).await.json()["errors"].as_array().unwrap() {
        let sentence = error["msg"].as_str().unwrap();
        assert!(sentence.starts_with(char::is_uppercase) && !sentence.contains("[^"), "{sentence}");
    }
    let answer =
        app.sign_up(&json!({ "username": "ada\u{2460}", "email": "a@b", "password": PASSWORD })).await;
    let sentence = "A username is made of letters, digits and ASCII signs, without spaces (RFC 8265)";
    assert_eq!(answer.json()["detail"], sentence);
    assert_eq!(answer.json()["errors"][0]["msg"], sentence);
}

#[tokio::test]
async fn a_weak_password_is_a_fault_of_its_field_and_is_not_repeated() {
    let app = App::new().await;
    let answer =
        app.sign_up(&json!({ "username": "adalovelace", "email": "a@b", "password": "adalovelace" })).await;
    assert_faults(&answer, &["body.password"]);
    assert!(!answer.text().contains("adalovelace"));
    assert_eq!(app.world.hashing.asked(), []);
}

#[tokio::test]
async fn attack_over_long_input_is_refused_before_anything_is_hashed() {
    let app = App::new().await;
    let long = |field: &str, length: usize| {
        let mut input = application("ada");
        input[field] = Value::from("a".repeat(length));
        input
    };
    assert_faults(&app.sign_up(&long("username", 65)).await, &["body.username"]);
    assert_faults(&app.sign_up(&long("password", 129)).await, &["body.password"]);
    assert_faults(&app.sign_up(&long("email", 255)).await, &["body.email"]);
    assert_faults(&app.sign_up(&long("first_admin_secret", 257)).await, &["body.first_admin_secret"]);
    assert_problem(&app.sign_up(&long("password", 10_000_000)).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(app.world.hashing.asked(), []);
    assert_eq!(app.usernames().await, [""; 0]);
}

#[tokio::test]
async fn attack_mass_assignment_by_fields_that_sign_up_does_not_have() {
    let app = App::new().await;
    for (field, value) in [
        ("roles", json!(["admin"])),
        ("role", json!("admin")),
        ("id", json!("018bcfe5-6800-7000-8000-00000000000a")),
        ("status", json!("active")),
        ("generation", json!(7)),
        ("is_admin", json!(true)),
        ("__proto__", json!({ "roles": ["admin"] })),
    ] {
        let mut input = application("eve");
        input[field] = value;
        let answer = app.sign_up(&input).await;
        assert_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains(field), "{}", answer.text());
    }
    assert_eq!(app.usernames().await, [""; 0]);
}

#[tokio::test]
async fn attack_one_field_given_twice() {
    let app = App::new().await;
    let twice = r#"{"username":"ada","username":"root","email":"a@b.example","password":"correct horse"}"#;
    let answer =
        app.client.post("/signup").header("content-type", "application/json").body(twice).send().await;
    assert_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.usernames().await, [""; 0]);
}

#[tokio::test]
async fn a_body_that_is_no_json_or_does_not_say_so_is_refused() {
    let app = App::new().await;
    let send = async |kind: &str, body: &[u8]| {
        app.client.post("/signup").header("content-type", kind).body(body.to_vec()).send().await
    };
    let good = application("ada").to_string();
    assert_problem(&send("application/json", b"{").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_problem(&send("application/json", b"").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_problem(
        &send("application/json", b"{\"username\":\"\xff\"}").await,
        StatusCode::UNPROCESSABLE_ENTITY,
    );
    assert_problem(&send("application/json", b"[]").await, StatusCode::UNPROCESSABLE_ENTITY);
    // What the forms of another site can send.
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json"] {
        assert_problem(&send(kind, good.as_bytes()).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    assert_problem(
        &app.client.post("/signup").body(good.clone()).send().await,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
    );
    assert_eq!(app.usernames().await, [""; 0]);
    let with_charset = send("Application/JSON; charset=utf-8", good.as_bytes()).await;
    assert_eq!(with_charset.status, StatusCode::CREATED);
}

#[tokio::test]
async fn while_sign_up_is_off_only_an_admin_makes_accounts() {
    let app = App::with(Settings { sign_up: SignUpIs::Off, ..Settings::default() }).await;
    assert_problem(&app.sign_up(&application("ada")).await, StatusCode::FORBIDDEN);
    assert_eq!(app.usernames().await, [""; 0]);
    assert_eq!(app.world.hashing.asked(), []);

    app.make("root", Role::Admin).await;
    let admin = app.client.bearer(app.token("root").await);
    let made = admin.post("/admin/create").json(&application("ada")).send().await;
    assert_eq!(made.status, StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_two_sign_up_as_one_at_once() {
    let app = App::new().await;
    let send = |name: &str| tokio::spawn(app.client.post("/signup").json(&application(name)).send());
    // The first has seen that the name is free, and hashes; the second overtakes it.
    let (begun, release) = app.world.hashing.hold_next_hash();
    let first = send("ada");
    begun.await.unwrap();
    let second = send("ADA").await.unwrap();
    release.send(()).unwrap();
    assert_eq!(second.status, StatusCode::CREATED);
    assert_problem(&first.await.unwrap(), StatusCode::CONFLICT);
    assert_eq!(app.usernames().await, ["ada"]);
}

#[tokio::test]
async fn a_hasher_that_is_busy_is_503_and_says_when_to_come_back() {
    let app = App::new().await;
    app.world.hashing.overloaded.store(true, Ordering::SeqCst);
    let answer = app.sign_up(&application("ada")).await;
    assert_problem(&answer, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), Some("2"));
    assert_eq!(app.world.hashing.asked(), [Asked::Hash(Queue::SignUp)]);
    assert_eq!(app.usernames().await, [""; 0]);
}
