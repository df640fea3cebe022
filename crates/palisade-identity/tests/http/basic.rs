//! A name and a password with each request.

use std::{sync::atomic::Ordering, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{Method, StatusCode};
use palisade::testing::{Request, Response};
use palisade_identity::{audit::Actor, role::Role};
use serde_json::json;

use crate::{
    app::{App, MILLISECOND, PASSWORD, Settings, assert_problem, from},
    world::Asked,
};

/// A request with `name` and `password` from the address ending in `last`, as a program makes it.
fn request(app: &App, method: Method, path: &str, name: &str, password: &str) -> Request {
    let sent = STANDARD.encode(format!("{name}:{password}"));
    app.client.request(method, path).header("authorization", format!("Basic {sent}")).extension(from(1))
}

async fn get_me(app: &App, name: &str, password: &str) -> Response {
    request(app, Method::GET, "/me", name, password).send().await
}

/// That nobody is asked for a password by a dialog of the browser's.
#[track_caller]
fn assert_refused(answer: &Response) {
    assert_problem(answer, StatusCode::UNAUTHORIZED);
    let challenges: Vec<_> = answer.headers.get_all("www-authenticate").iter().collect();
    assert!(matches!(challenges[..], [only] if only.as_bytes().starts_with(b"Bearer")), "{challenges:?}");
}

#[tokio::test]
async fn a_name_and_a_password_are_a_sign_in_with_all_the_account_has() {
    let app = App::with_admin().await;
    for path in ["/me", "/me/sessions", "/admin/accounts"] {
        let answer = request(&app, Method::GET, path, "Root", PASSWORD).send().await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[tokio::test]
async fn the_password_is_hashed_once_a_minute() {
    let app = App::with_user("ada").await;
    for _ in 0..100 {
        app.world.clock.advance(Duration::from_millis(500));
        assert_eq!(get_me(&app, "ada", PASSWORD).await.status, StatusCode::OK);
    }
    assert_eq!(app.world.hashing.asked(), [Asked::VerifyKnown]);
    app.world.clock.advance(Duration::from_secs(60));
    assert_eq!(get_me(&app, "ada", PASSWORD).await.status, StatusCode::OK);
    assert_eq!(app.world.hashing.asked(), [Asked::VerifyKnown]);
}

#[tokio::test]
async fn attack_guessing_beside_somebody_whose_password_is_remembered() {
    let app = App::with_user("ada").await;
    assert_eq!(get_me(&app, "ada", PASSWORD).await.status, StatusCode::OK);
    app.world.hashing.asked();
    for (name, password) in [
        ("ada", "wrong"),
        ("ada", ""),
        ("ada", "correct horse "),
        ("adac", "orrect horse"),
        ("ada:", PASSWORD),
        ("", PASSWORD),
    ] {
        assert_refused(&get_me(&app, name, password).await);
        assert_eq!(app.world.hashing.asked().len(), 1, "each guess costs a hash: {name} {password}");
        assert_refused(&get_me(&app, name, password).await);
        assert_eq!(app.world.hashing.asked().len(), 1, "a failure is not remembered");
    }
}

#[tokio::test]
async fn attack_telling_unknown_accounts_by_what_they_cost() {
    let app = App::with_user("ada").await;
    assert_refused(&get_me(&app, "ada", "wrong").await);
    assert_refused(&get_me(&app, "nobody", "wrong").await);
    assert_eq!(app.world.hashing.asked(), [Asked::VerifyKnown, Asked::VerifyUnknown]);
}

#[tokio::test]
async fn attack_a_remembered_password_after_its_account_has_changed() {
    let app = App::with_user("ada").await;
    let ada = app.accounts().await.remove(0);
    let ok = async |password: &str| get_me(&app, "ada", password).await.status == StatusCode::OK;
    assert!(ok(PASSWORD).await);
    // By another process.
    app.world.clock.advance(MILLISECOND);
    app.world
        .beside
        .set_password_by_operator(ada.id, crate::world::password("battery staple"))
        .await
        .unwrap();
    assert!(!ok(PASSWORD).await);
    assert!(ok("battery staple").await);
    app.world.clock.advance(MILLISECOND);
    app.world.beside.disable(Actor::Operator, ada.id).await.unwrap();
    assert!(!ok("battery staple").await);
    app.world.beside.enable(Actor::Operator, ada.id).await.unwrap();
    app.world.clock.advance(MILLISECOND);
    app.world.hashing.asked();
    assert!(ok("battery staple").await);
    app.world.beside.sign_out_everywhere(ada.id).await.unwrap();
    app.world.clock.advance(MILLISECOND);
    assert!(ok("battery staple").await);
    assert_eq!(app.world.hashing.asked(), [Asked::VerifyKnown, Asked::VerifyKnown], "looked at anew");
}

#[tokio::test]
async fn attack_trying_passwords_by_basic() {
    let app = App::with(Settings { burst: 3, ..Settings::default() }).await;
    app.make("ada", Role::User).await;
    // What is right counts for nothing, and is let in still when the address has failed too often.
    assert_eq!(get_me(&app, "ada", PASSWORD).await.status, StatusCode::OK);
    app.make("eve", Role::User).await;
    for _ in 0..3 {
        assert_refused(&get_me(&app, "ada", "wrong").await);
    }
    let limited = get_me(&app, "eve", PASSWORD).await;
    assert_problem(&limited, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(limited.header("retry-after"), Some("1"));
    assert_eq!(get_me(&app, "ada", PASSWORD).await.status, StatusCode::OK);
    // It is the same limit as that of every other way to try.
    let fields = [("grant_type", "password"), ("username", "eve"), ("password", PASSWORD)];
    let token = app.client.post("/token").extension(from(1)).form(&fields).send().await;
    assert_eq!(token.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn attack_cross_site_post_with_a_password_the_browser_keeps() {
    let app = App::with_user("ada").await;
    let post = || request(&app, Method::POST, "/sign-out-everywhere", "ada", PASSWORD);
    for request in [post(), post().header("sec-fetch-site", "cross-site"), post().header("origin", "null")] {
        assert_problem(&request.send().await, StatusCode::FORBIDDEN);
    }
    assert_eq!(app.world.hashing.asked(), [], "nothing was tried");
    let own = post().header("sec-fetch-site", "same-origin").send().await;
    assert_eq!(own.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_password_changed_with_basic_keeps_no_token() {
    let app = App::with_user("ada").await;
    let (token, browser) = (app.token("ada").await, app.browser("ada").await);
    let input = json!({ "current_password": PASSWORD, "new_password": "battery staple" });
    let change = request(&app, Method::POST, "/me/password", "ada", PASSWORD);
    let answer = change.header("sec-fetch-site", "same-origin").json(&input).send().await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(!app.lets_in(&token).await);
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_refused(&get_me(&app, "ada", PASSWORD).await);
}

#[tokio::test]
async fn a_hasher_that_is_busy_and_a_store_that_fails_are_503() {
    let app = App::with_user("ada").await;
    app.world.hashing.overloaded.store(true, Ordering::SeqCst);
    let busy = get_me(&app, "ada", PASSWORD).await;
    assert_problem(&busy, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(busy.header("retry-after"), Some("2"));
    app.world.hashing.overloaded.store(false, Ordering::SeqCst);
    assert_eq!(get_me(&app, "ada", PASSWORD).await.status, StatusCode::OK);
    app.store.fail(true);
    app.world.clock.advance(MILLISECOND);
    assert_problem(&get_me(&app, "ada", PASSWORD).await, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn attack_what_is_almost_basic() {
    let app = App::with_user("ada").await;
    for value in [
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic YWRh".to_owned(),
        format!("Basic ada:{PASSWORD}"),
        format!("Basic {}", STANDARD.encode(b"ada:\xff")),
        format!("Basic {}", STANDARD.encode("ada:a\nb")),
        format!("Basic {}", STANDARD.encode("a".repeat(10_000) + ":b")),
    ] {
        let answer = app.client.get("/me").header("authorization", &value).send().await;
        assert_refused(&answer);
    }
    assert_eq!(app.world.hashing.asked(), []);
}
