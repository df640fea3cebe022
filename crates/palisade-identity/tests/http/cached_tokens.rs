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
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use http::{Method, StatusCode};
use palisade::{Rechecking, clock::Timestamp, random::SeededRandom, testing::Response};
use palisade_identity::{
    account::AccountId,
    accounts::Accounts,
    audit::Actor,
    keys::discard,
    role::Role,
    roles::{GrantChange, HeldChange, RoleDefinition},
    sessions::cookie,
};
use serde_json::{Value, json};

use crate::{
    app::{App, MILLISECOND, PASSWORD, assert_problem, part},
    process::{Process, assert_invalid},
    world::{NOW, password, post::token_of},
};

/// How far a clock may be off.
const LEEWAY: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

/// Who changes something while a process serves a cached caller.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By {
    /// The process itself: it counts at once.
    ThisProcess,
    /// Another one, over the same store: it counts a millisecond later.
    AnotherProcess,
}

pub(crate) const EITHER: [By; 2] = [By::ThisProcess, By::AnotherProcess];

impl By {
    pub(crate) fn accounts<'a>(self, app: &'a App, process: &'a Process) -> &'a Accounts {
        match self {
            Self::ThisProcess => &process.accounts,
            Self::AnotherProcess => &app.world.beside,
        }
    }

    /// Waits as long as it takes until the change has to count.
    pub(crate) fn noticed(self, app: &App) {
        match self {
            Self::ThisProcess => {}
            Self::AnotherProcess => app.world.clock.advance(MILLISECOND),
        }
    }
}

/// An app with the account `ada`, and a process that serves it.
pub(crate) async fn served() -> (App, Process) {
    let app = App::with_user("ada").await;
    let process = Process::of(&app).await;
    (app, process)
}

pub(crate) async fn give(accounts: &Accounts, id: AccountId, roles: &[&str]) {
    let roles = roles.iter().map(|name| name.parse().unwrap()).collect();
    let change = GrantChange { tenant: None, held: HeldChange::Exactly(roles) };
    accounts.change_grants(Actor::Operator, id, change).await.unwrap();
}

pub(crate) async fn define(accounts: &Accounts, name: &str, scopes: &str) {
    let scopes = scopes.parse().unwrap();
    let role = RoleDefinition { name: name.parse().unwrap(), includes: [].into(), scopes };
    accounts.define_role(Actor::Operator, role).await.unwrap();
}

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

/// Sixteen threads use a token while its account is disabled by another one.
fn hammer(by: By) {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (here, rounds) = (runtime(), 12);
    let (app, process) = here.block_on(served());
    let (app, process) = (&app, &process);
    let ada = here.block_on(app.account("ada")).id;
    for _ in 0..rounds {
        let token = here.block_on(app.token("ada"));
        here.block_on(process.has_used(&token));
        let client = process.client.bearer(&token);
        let (disabled, all_admitted) = (AtomicBool::new(false), Barrier::new(17));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    let runtime = runtime();
                    let ask = || runtime.block_on(client.get("/read").send()).status;
                    assert_eq!(ask(), StatusCode::OK);
                    all_admitted.wait();
                    loop {
                        let was_disabled = disabled.load(Ordering::SeqCst);
                        let status = ask();
                        if was_disabled {
                            assert_eq!(
                                status,
                                StatusCode::UNAUTHORIZED,
                                "it was disabled before it was asked"
                            );
                            break;
                        }
                        assert!([StatusCode::OK, StatusCode::UNAUTHORIZED].contains(&status), "{status}");
                    }
                });
            }
            all_admitted.wait();
            let accounts = by.accounts(app, process);
            // Has them look the account up again, while it is disabled.
            here.block_on(accounts.set_roles(Actor::Operator, ada, Role::Editor.into())).unwrap();
            by.noticed(app);
            here.block_on(accounts.disable(Actor::Operator, ada)).unwrap();
            by.noticed(app);
            disabled.store(true, Ordering::SeqCst);
        });
        here.block_on(process.refuses(&token));
        here.block_on(app.world.beside.enable(Actor::Operator, ada)).unwrap();
        app.world.clock.advance(MILLISECOND);
    }
}

#[test]
fn attack_no_request_that_begins_after_its_account_was_disabled_is_admitted() {
    hammer(By::ThisProcess);
}

#[test]
fn attack_no_request_that_begins_a_millisecond_after_another_process_disabled_its_account_is_admitted() {
    hammer(By::AnotherProcess);
}
