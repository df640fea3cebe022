//! Who may call what: every route by everybody, and the table of it.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::{Body, Bytes};
use http::{Method, StatusCode};
use http_body::Frame;
use palisade::Row;
use palisade_identity::role::Role;

use crate::app::{App, assert_problem, sample};

/// A change of who may call what shows here, and in review. If it is meant, put the table of the failure in its place.
#[tokio::test]
async fn the_access_table_is_the_one_that_was_agreed_on() {
    let table = App::new().await.table.to_string();
    assert!(table == include_str!("access.txt"), "the table is now:\n{table}");
}

/// A body that nobody may read.
struct Unread;

impl http_body::Body for Unread {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        panic!("the body of a refused request was read")
    }
}

fn guarded(app: &App) -> impl Iterator<Item = &Row> {
    app.table.rows().iter().filter(|row| row.requires.is_some())
}

#[tokio::test]
async fn nobody_is_asked_for_a_token_at_every_guarded_route_before_the_body_is_read() {
    let app = App::with_admin().await;
    let target = app.make("target", Role::User).await;
    let before = app.accounts().await;
    for row in guarded(&app) {
        let request = sample(&app.client, row, &target.id.to_string()).body(Body::new(Unread));
        let answer = request.send().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} {}", row.method, row.path);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        assert_eq!(answer.headers.get_all("www-authenticate").iter().count(), 1);
        if row.method != "HEAD" {
            assert_problem(&answer, StatusCode::UNAUTHORIZED);
        }
    }
    assert_eq!(app.accounts().await, before);
    assert_eq!(app.world.hashing.asked(), []);
}

#[tokio::test]
async fn a_token_that_is_none_is_refused_at_every_guarded_route_before_the_body_is_read() {
    let app = App::with_admin().await;
    for row in guarded(&app) {
        let client = app.client.bearer("not.a.token");
        let answer =
            sample(&client, row, "018bcfe5-6800-7000-8000-00000000000a").body(Body::new(Unread)).send().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} {}", row.method, row.path);
        assert_eq!(answer.header("www-authenticate"), Some(r#"Bearer error="invalid_token""#));
    }
}

#[tokio::test]
async fn the_routes_of_admins_are_403_for_users_and_editors_before_the_body_is_read() {
    let app = App::with_admin().await;
    app.make("ada", Role::User).await;
    app.make("eve", Role::Editor).await;
    let target = app.make("target", Role::User).await.id.to_string();
    let before = app.accounts().await;
    for name in ["ada", "eve"] {
        let client = app.client.bearer(app.token(name).await);
        app.world.hashing.asked();
        let mut seen = 0;
        for row in guarded(&app).filter(|row| row.path.starts_with("/admin")) {
            let answer = sample(&client, row, &target).body(Body::new(Unread)).send().await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {} {}", row.method, row.path);
            assert_eq!(answer.header("www-authenticate"), None, "no other token of theirs would do");
            seen += 1;
        }
        assert_eq!(seen, 31, "GET and HEAD of eight, and fifteen changes");
        assert_eq!(app.world.hashing.asked(), []);
    }
    assert_eq!(app.accounts().await, before);
}

#[tokio::test]
async fn every_guarded_route_works_for_an_admin_who_signed_in() {
    let app = App::with_admin().await;
    for row in guarded(&app) {
        // Some routes end the token, or change the password.
        let app = App::with_admin().await;
        app.make("target", Role::User).await;
        let answer = app.call(row, &app.token("root").await).await;
        assert!(answer.status.is_success(), "{} {}: {}", row.method, row.path, answer.text());
    }
}

#[tokio::test]
async fn an_id_is_looked_up_only_for_whoever_may_see_it() {
    let app = App::with_user("ada").await;
    let client = app.client.bearer(app.token("ada").await);
    for id in ["018bcfe5-6800-7000-8000-00000000000a", "malformed"] {
        let answer = client.request(Method::GET, &format!("/admin/accounts/{id}")).send().await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "neither 404 nor 422");
    }
}
