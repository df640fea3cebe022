//! A narrowed token against every route: what it may do is exactly what its scopes say, and never what its account's
//! roles would allow.

use http::StatusCode;
use palisade::Row;
use palisade_identity::{audit::Actor, role::Role};

use crate::app::{App, MILLISECOND, PASSWORD};

const SCOPES: [&str; 6] =
    ["accounts:read", "accounts:write", "audit:read", "keys:write", "me:read", "me:write"];

/// The parts of a requirement, all of which must hold.
fn parts(row: &Row) -> Vec<&str> {
    let requires = row.requires.as_deref().unwrap();
    assert!(!requires.contains('|') && !requires.contains('!'), "this test reads `&` only: {requires}");
    requires.split(" & ").collect()
}

/// Whether a token with just `scopes` meets the requirement of `row`.
fn allowed(row: &Row, scopes: &[&str]) -> bool {
    let holds = |part: &&str| scopes.iter().any(|scope| **part == format!("scope({scope})"));
    parts(row).iter().all(holds)
}

async fn check(scopes: &[&str]) {
    let app = App::with_admin().await;
    app.make("target", Role::User).await;
    app.service().await;
    for row in app.table.rows().iter().filter(|row| row.requires.is_some()) {
        let token = app.narrowed("root", &scopes.join(" ")).await;
        app.world.hashing.asked();
        let before = app.accounts().await;
        let answer = app.call(row, &token).await;
        let what = format!("{scopes:?} at {} {}: {}", row.method, row.path, answer.text());
        if allowed(row, scopes) {
            assert!(answer.status.is_success(), "{what}");
        } else {
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}");
            assert_eq!(app.accounts().await, before, "{what}");
            assert_eq!(app.world.hashing.asked(), [], "{what}");
            assert!(
                app.client.bearer(&token).get("/me").send().await.status != StatusCode::UNAUTHORIZED,
                "{what}"
            );
        }
    }
    assert_eq!(app.sign_in("root", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_with_one_scope_of_an_admin_does_just_that() {
    for scope in SCOPES {
        check(&[scope]).await;
    }
}

#[tokio::test]
async fn attack_a_narrowed_token_with_every_scope_is_still_no_sign_in() {
    check(&SCOPES).await;
}

#[tokio::test]
async fn the_routes_a_narrowed_token_can_ever_use_are_these() {
    let app = App::new().await;
    let open = app.table.rows().iter().filter(|row| row.requires.is_some() && allowed(row, &SCOPES));
    let open: Vec<_> = open.map(|row| format!("{} {}", row.method, row.path)).collect();
    assert_eq!(open, ["GET /me", "HEAD /me", "PATCH /me"]);
}

#[tokio::test]
async fn a_scope_that_was_not_issued_is_named_in_the_challenge_where_it_is_all_that_lacks() {
    let app = App::with_user("ada").await;
    let token = app.narrowed("ada", "keys:write").await;
    let answer = app.client.bearer(token).get("/me").send().await;
    let challenge = r#"Bearer error="insufficient_scope", scope="me:read""#;
    assert_eq!(answer.header("www-authenticate"), Some(challenge));
}

#[tokio::test]
async fn attack_a_narrowed_token_that_outlives_its_accounts_role() {
    let app = App::with_admin().await;
    let ada = app.make("ada", Role::Admin).await;
    let (narrowed, whole) = (app.narrowed("ada", "accounts:read").await, app.token("ada").await);
    for status in [StatusCode::OK, StatusCode::FORBIDDEN] {
        for token in [&narrowed, &whole] {
            assert_eq!(app.beside.bearer(token).get("/report").send().await.status, status);
        }
        app.world.beside.set_roles(Actor::Operator, ada.id, Role::User.into()).await.unwrap();
        app.world.clock.advance(MILLISECOND);
    }
}
