//! The first admin: `POST /signup` with the secret from the server's machine.

use std::time::Duration;

use http::StatusCode;
use palisade::secret::SecretString;
use palisade_identity::{first_admin, http::SignUpIs, role::Role};
use serde_json::{Value, json};

use crate::app::{App, Settings, application, assert_problem};

async fn offer(app: &App) -> SecretString {
    let world = &app.world;
    first_admin::offer(&*world.store, &*world.clock, &*world.random, None).await.unwrap().unwrap()
}

fn claim(name: &str, secret: &str) -> Value {
    let mut input = application(name);
    input["first_admin_secret"] = Value::from(secret);
    input
}

#[tokio::test]
async fn whoever_knows_the_secret_becomes_the_first_admin_also_while_sign_up_is_off() {
    let app = App::with(Settings { sign_up: SignUpIs::Off, ..Settings::default() }).await;
    let secret = offer(&app).await;
    let answer = app.sign_up(&claim("root", secret.expose())).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.json()["roles"], json!(["admin"]));
    assert!(!answer.text().contains(secret.expose()));
    let admin = app.client.bearer(app.token("root").await);
    assert_eq!(admin.get("/admin/accounts").send().await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_secret_is_good_for_one_admin() {
    let app = App::new().await;
    let secret = offer(&app).await;
    app.sign_up(&claim("root", secret.expose())).await;
    app.world.hashing.asked();
    assert_problem(&app.sign_up(&claim("eve", secret.expose())).await, StatusCode::FORBIDDEN);
    assert_eq!(app.usernames().await, ["root"]);
    assert_eq!(app.world.hashing.asked(), []);
}

#[tokio::test]
async fn attack_guesses_at_the_secret_make_no_account_and_cost_no_hash() {
    let app = App::new().await;
    let secret = offer(&app).await;
    let shorter = &secret.expose()[..42];
    for guess in ["", " ", "guess", "null", shorter, &format!("{}a", secret.expose())] {
        let answer = app.sign_up(&claim("eve", guess)).await;
        assert_problem(&answer, StatusCode::FORBIDDEN);
    }
    assert_eq!(app.usernames().await, [""; 0]);
    assert_eq!(app.world.hashing.asked(), []);
    assert_eq!(
        app.sign_up(&claim("root", secret.expose())).await.status,
        StatusCode::CREATED,
        "it still stands"
    );
}

#[tokio::test]
async fn null_is_no_secret() {
    let app = App::new().await;
    offer(&app).await;
    let mut input = application("ada");
    input["first_admin_secret"] = Value::Null;
    assert_eq!(app.sign_up(&input).await.json()["roles"], json!(["user"]));
}

#[tokio::test]
async fn a_secret_is_void_after_a_day_and_once_there_is_an_admin() {
    let app = App::new().await;
    let secret = offer(&app).await;
    app.world.clock.advance(Duration::from_hours(24));
    assert_problem(&app.sign_up(&claim("late", secret.expose())).await, StatusCode::FORBIDDEN);

    let secret = offer(&app).await;
    app.make("root", Role::Admin).await;
    assert_problem(&app.sign_up(&claim("eve", secret.expose())).await, StatusCode::FORBIDDEN);
    assert_eq!(app.usernames().await, ["root"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_first_admin_claimed_twice_at_once() {
    let app = App::new().await;
    let secret = offer(&app).await;
    let send =
        |name: &str| tokio::spawn(app.client.post("/signup").json(&claim(name, secret.expose())).send());
    // Both have seen that the secret is good.
    let (begun, release) = app.world.hashing.hold_next_hash();
    let first = send("one");
    begun.await.unwrap();
    let second = send("other").await.unwrap();
    release.send(()).unwrap();
    assert_eq!(second.status, StatusCode::CREATED);
    assert_problem(&first.await.unwrap(), StatusCode::FORBIDDEN);
    assert_eq!(app.usernames().await, ["other"]);
}
