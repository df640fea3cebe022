//! Tokens that were used a moment ago, whose callers are therefore cached: each is refused, or limited, as soon as one that was
//! never used would be.

mod accounts;
mod ambient;
mod feed;
mod keys;
mod me;
mod presented;
mod roles;
mod time;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use http::{Method, StatusCode};
use palisade::{Rechecking, clock::Timestamp, random::SeededRandom, testing::Response};
use palisade_identity::{audit::Actor, keys::discard, role::Role, sessions::cookie};
use serde_json::{Value, json};

use crate::{
    app::{App, MILLISECOND, PASSWORD, assert_problem, part},
    process::{By, EITHER, Process, assert_invalid, define, give, hammer_while_disabled, served},
    world::{NOW, password, post::token_of},
};

/// How far a clock may be off.
const LEEWAY: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

fn kid(token: &str) -> String {
    part(token, 0)["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_that_was_used_is_cached() {
    let (app, process) = served().await;
    let token = app.token("ada").await;
    process.has_used(&token).await;
    assert_eq!(process.verifications(), 1);
    for _ in 0..10 {
        app.world.clock.advance(MILLISECOND);
        process.admits(&token).await;
    }
    assert_eq!(process.verifications(), 1, "its signature is verified once");
}

/// After every kind of change, the answers are those of a process that caches no caller.
#[tokio::test]
async fn a_cached_token_is_answered_as_one_that_was_never_used() {
    let app = App::with_admin().await;
    let ada = app.make("ada", Role::User).await.id;
    let (process, uncached) = (Process::of(&app).await, Process::uncached(&app).await);
    let tokens = [
        app.token("ada").await,
        app.token("ada").await,
        app.narrowed("ada", "me:read").await,
        app.token("root").await,
        app.narrowed("root", "accounts:read").await,
    ];
    let kept = part(&tokens[0], 1)["jti"].as_str().unwrap().to_owned();
    let said = |answer: &Response| {
        let headers = ["www-authenticate", "content-type", "cache-control"];
        let headers = headers.map(|name| answer.header(name).map(ToOwned::to_owned));
        (answer.status, headers, answer.text_without_decision())
    };
    let accounts = &app.world.beside;
    for step in 0..14 {
        match step {
            0 | 3 => define(accounts, "reader", "docs:read").await,
            1 => give(accounts, ada, &["reader"]).await,
            2 => define(accounts, "reader", "accounts:list").await,
            4 => drop(accounts.set_roles(Actor::Operator, ada, Role::Admin.into()).await.unwrap()),
            5 => drop(app.keys.rotate(Actor::Operator).await.unwrap()),
            6 => {
                let (from, to) = (password(PASSWORD), password("battery staple"));
                accounts.change_password(ada, from, to, Some(&kept)).await.unwrap();
            }
            7 => drop(accounts.set_roles(Actor::Operator, ada, Role::Editor.into()).await.unwrap()),
            8 => give(accounts, ada, &[]).await,
            9 => drop(accounts.disable(Actor::Operator, ada).await.unwrap()),
            10 => drop(accounts.enable(Actor::Operator, ada).await.unwrap()),
            11 => app.keys.retire(Actor::Operator, &kid(&tokens[0])).await.unwrap(),
            12 => app.world.clock.advance(Duration::from_secs(300) + LEEWAY),
            _ => {}
        }
        app.world.clock.advance(MILLISECOND);
        for (number, token) in tokens.iter().enumerate() {
            for path in ["/me", "/read", "/report", "/docs", "/me/sessions", "/admin/roles"] {
                let (cached, fresh) = (process.get(token, path).await, uncached.get(token, path).await);
                assert_eq!(said(&cached), said(&fresh), "step {step}, token {number}, {path}");
            }
        }
    }
}

/// A token is used from all sides while its account is disabled.
fn hammer(by: By) {
    let make = async |app: &App, process: &Process| {
        let token = app.token("ada").await;
        process.has_used(&token).await;
        token
    };
    let ask = |process: &Process, token: &String| process.client.bearer(token).get("/read");
    let is_refused = async |process: &Process, token: &String| process.refuses(token).await;
    hammer_while_disabled(by, 12, &make, &ask, &is_refused);
}

#[test]
fn attack_no_request_that_begins_after_its_account_was_disabled_is_admitted() {
    hammer(By::ThisProcess);
}

#[test]
fn attack_no_request_that_begins_a_millisecond_after_another_process_disabled_its_account_is_admitted() {
    hammer(By::AnotherProcess);
}
