//! How often an address may fail to sign in, and how often it may sign up.

use std::{sync::atomic::Ordering, time::Duration};

use http::StatusCode;
use palisade::testing::Response;
use palisade_identity::role::Role;
use serde_json::json;

use crate::app::{App, PASSWORD, Settings, application, assert_problem, from};

async fn three_at_once() -> App {
    let app = App::with(Settings { burst: 3, ..Settings::default() }).await;
    app.make("ada", Role::User).await;
    app
}

async fn sign_in(app: &App, address: u8, password: &str) -> Response {
    let fields = [("grant_type", "password"), ("username", "ada"), ("password", password)];
    app.client.post("/token").form(&fields).extension(from(address)).send().await
}

#[tokio::test]
async fn attack_guessing_passwords_from_one_address() {
    let app = three_at_once().await;
    for _ in 0..3 {
        assert_eq!(sign_in(&app, 1, "wrong").await.status, StatusCode::BAD_REQUEST);
    }
    app.world.hashing.asked();
    let answer = sign_in(&app, 1, PASSWORD).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "the right password too");
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
    assert_eq!(app.world.hashing.asked(), [], "nothing is hashed for it");

    assert_eq!(sign_in(&app, 2, PASSWORD).await.status, StatusCode::OK, "others are let in");
    app.world.clock.advance(Duration::from_secs(1));
    assert_eq!(sign_in(&app, 1, PASSWORD).await.status, StatusCode::OK, "after `Retry-After`");
}

#[tokio::test]
async fn whoever_signs_in_rightly_may_do_so_as_often_as_they_like() {
    let app = three_at_once().await;
    for _ in 0..10 {
        assert_eq!(sign_in(&app, 1, PASSWORD).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_server_that_could_not_look_at_the_password_charges_nobody() {
    let app = three_at_once().await;
    let overloaded = &app.world.hashing.overloaded;
    for _ in 0..5 {
        overloaded.store(true, Ordering::SeqCst);
        assert_eq!(sign_in(&app, 1, PASSWORD).await.status, StatusCode::SERVICE_UNAVAILABLE);
        overloaded.store(false, Ordering::SeqCst);
        app.store.fail(true);
        assert_eq!(sign_in(&app, 1, PASSWORD).await.status, StatusCode::SERVICE_UNAVAILABLE);
        app.store.fail(false);
    }
    assert_eq!(sign_in(&app, 1, PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn attack_a_header_that_names_another_address() {
    let app = three_at_once().await;
    let fields = [("grant_type", "password"), ("username", "ada"), ("password", "wrong")];
    let attempt = async |header: &str| {
        let request = app.client.post("/token").form(&fields).extension(from(1));
        request.header("x-forwarded-for", header).header("forwarded", format!("for={header}")).send().await
    };
    for address in ["198.51.100.1", "198.51.100.2", "198.51.100.3"] {
        attempt(address).await;
    }
    assert_eq!(attempt("198.51.100.4").await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn attack_guessing_the_password_with_a_stolen_token() {
    let app = three_at_once().await;
    let token = app.token("ada").await;
    let guess = async |password: &str| {
        let input = json!({ "current_password": password, "new_password": "battery staple" });
        app.client.bearer(&token).post("/me/password").json(&input).extension(from(1)).send().await
    };
    for _ in 0..3 {
        assert_problem(&guess("wrong").await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = guess(PASSWORD).await;
    assert_problem(&answer, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert!(app.lets_in(&token).await);
    assert_eq!(sign_in(&app, 2, PASSWORD).await.status, StatusCode::OK, "the password is the same");
}

#[tokio::test]
async fn attack_many_accounts_from_one_address() {
    let app = three_at_once().await;
    let sign_up = async |name: &str, address: u8| {
        app.client.post("/signup").json(&application(name)).extension(from(address)).send().await
    };
    assert_eq!(sign_up("one", 1).await.status, StatusCode::CREATED);
    assert_problem(&sign_up("one", 1).await, StatusCode::CONFLICT);
    assert_eq!(sign_up("two", 1).await.status, StatusCode::CREATED);
    let answer = sign_up("three", 1).await;
    assert_problem(&answer, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(app.usernames().await, ["ada", "one", "two"]);
    assert_eq!(sign_up("three", 2).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_form_that_was_filled_in_wrongly_is_not_charged() {
    let app = three_at_once().await;
    for _ in 0..5 {
        let answer = app.client.post("/signup").json(&application("a b")).extension(from(1)).send().await;
        assert_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = app.client.post("/signup").json(&application("b")).extension(from(1)).send().await;
    assert_eq!(answer.status, StatusCode::CREATED);
}
