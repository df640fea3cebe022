//! `POST /me/password`.

use std::{sync::atomic::Ordering, time::Duration};

use http::StatusCode;
use palisade::testing::Response;
use palisade_identity::role::Role;
use serde_json::{Value, json};

use crate::app::{App, PASSWORD, Settings, assert_faults, assert_problem};

const NEW: &str = "battery staple";

async fn change(app: &App, token: &str, input: &Value) -> Response {
    app.client.bearer(token).post("/me/password").json(input).send().await
}

async fn change_to_new(app: &App, token: &str) -> Response {
    change(app, token, &json!({ "current_password": PASSWORD, "new_password": NEW })).await
}

#[tokio::test]
async fn a_new_password_replaces_the_old_one_and_ends_all_tokens_but_the_one_it_was_asked_with() {
    let app = App::with_user("ada").await;
    let (used, other) = (app.token("ada").await, app.token("ada").await);
    let narrowed = app.narrowed("ada", "me:read").await;
    let answer = change_to_new(&app, &used).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::NO_CONTENT, 0));
    assert!(app.lets_in(&used).await);
    assert!(!app.lets_in(&other).await && !app.lets_in(&narrowed).await);
    assert_eq!(app.sign_in("ada", PASSWORD).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(app.sign_in("ada", NEW).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_token_that_outlived_one_change_does_not_outlive_the_next() {
    let app = App::with_user("ada").await;
    let first = app.token("ada").await;
    change_to_new(&app, &first).await;
    let second = app.sign_in("ada", NEW).await.json()["access_token"].as_str().unwrap().to_owned();
    let back = json!({ "current_password": NEW, "new_password": PASSWORD });
    assert_eq!(change(&app, &second, &back).await.status, StatusCode::NO_CONTENT);
    assert!(!app.lets_in(&first).await);
    assert!(app.lets_in(&second).await);
    app.client.bearer(&second).post("/sign-out-everywhere").send().await;
    assert!(!app.lets_in(&second).await);
}

#[tokio::test]
async fn attack_a_found_token_without_the_current_password() {
    let app = App::with_user("ada").await;
    let (token, before) = (app.token("ada").await, app.accounts().await);
    for guess in ["wrong", "", "CORRECT HORSE", "correct horse ", &"a".repeat(1024)] {
        let input = json!({ "current_password": guess, "new_password": NEW });
        assert_faults(&change(&app, &token, &input).await, &["body.current_password"]);
    }
    assert_eq!(app.accounts().await, before);
    assert_eq!(app.sign_in("ada", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_wrong_with_the_new_password_is_told_by_its_name_here() {
    let app = App::with_user("ada").await;
    let token = app.token("ada").await;
    let try_new = async |new: &str| {
        change(&app, &token, &json!({ "current_password": PASSWORD, "new_password": new })).await
    };
    assert_faults(&try_new("short").await, &["body.new_password"]);
    assert_faults(&try_new(&"a".repeat(129)).await, &["body.new_password"]);
    assert_faults(&try_new("somebody@example.org").await, &["body.new_password"]);
    let missing = change(&app, &token, &json!({ "newPassword": NEW })).await;
    assert_problem(&missing, StatusCode::UNPROCESSABLE_ENTITY);
    let long =
        change(&app, &token, &json!({ "current_password": "a".repeat(1025), "new_password": NEW })).await;
    assert_faults(&long, &["body.current_password"]);
    assert_eq!(app.sign_in("ada", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn whoever_signed_in_longer_ago_than_a_quarter_of_an_hour_signs_in_again_first() {
    let app = App::with(Settings { lifetime: Duration::from_secs(3600), ..Settings::default() }).await;
    app.make("ada", Role::User).await;
    let (token, later) = (app.token("ada").await, app.token("ada").await);
    app.world.clock.advance(Duration::from_secs(901));
    app.world.hashing.asked();
    let answer = change_to_new(&app, &later).await;
    assert_problem(&answer, StatusCode::FORBIDDEN);
    let challenge = r#"Bearer error="insufficient_user_authentication", max_age="900""#;
    assert_eq!(answer.header("www-authenticate"), Some(challenge));
    assert_eq!(app.world.hashing.asked(), [], "nothing ran");
    assert!(app.lets_in(&token).await, "the token is good for everything else");
    assert_eq!(change_to_new(&app, &app.token("ada").await).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_two_changes_at_once() {
    let app = App::with_user("ada").await;
    let (one, other) = (app.token("ada").await, app.token("ada").await);
    let (begun, release) = app.world.hashing.hold_next_hash();
    let request = |token: &str, new: &str| {
        let input = json!({ "current_password": PASSWORD, "new_password": new });
        tokio::spawn(app.client.bearer(token).post("/me/password").json(&input).send())
    };
    let first = request(&one, "the first one");
    begun.await.unwrap();
    assert_eq!(request(&other, "the second one").await.unwrap().status, StatusCode::NO_CONTENT);
    release.send(()).unwrap();
    assert_problem(&first.await.unwrap(), StatusCode::CONFLICT);
    assert_eq!(app.sign_in("ada", "the second one").await.status, StatusCode::OK);
    assert!(!app.lets_in(&one).await);
}

#[tokio::test]
async fn a_hasher_that_is_busy_changes_nothing() {
    let app = App::with_user("ada").await;
    let token = app.token("ada").await;
    app.world.hashing.overloaded.store(true, Ordering::SeqCst);
    let answer = change_to_new(&app, &token).await;
    assert_problem(&answer, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), Some("2"));
    app.world.hashing.overloaded.store(false, Ordering::SeqCst);
    assert_eq!(app.sign_in("ada", PASSWORD).await.status, StatusCode::OK);
}
