//! Tokens that were used a moment ago, whose callers are therefore cached: each is refused, or limited, as soon as one that was
//! never used would be.

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

mod time {
    use super::*;

    #[tokio::test]
    async fn a_cached_token_is_accepted_until_it_expires_and_refused_from_that_second_on() {
        let (app, process) = served().await;
        let token = app.token("ada").await;
        process.has_used(&token).await;
        app.world.clock.advance(Duration::from_secs(300) + LEEWAY - SECOND);
        process.admits(&token).await;
        app.world.clock.advance(SECOND);
        process.refuses(&token).await;
    }

    #[tokio::test]
    async fn a_cached_token_that_is_not_valid_yet_by_a_clock_that_was_set_back_is_refused() {
        let app = App::with_user("ada").await;
        let set_back = Arc::default();
        let process = Process::with(&app, |settings| settings.set_back = Arc::clone(&set_back)).await;
        let token = app.token("ada").await;
        process.has_used(&token).await;
        for (seconds, accepted) in [(60, true), (61, false), (3600, false), (60, true), (0, true)] {
            set_back.store(seconds, Ordering::SeqCst);
            app.world.clock.advance(MILLISECOND);
            if accepted {
                process.admits(&token).await;
            } else {
                process.refuses(&token).await;
            }
        }
    }

    #[tokio::test]
    async fn a_cached_token_of_a_sign_in_that_is_no_longer_recent_is_limited() {
        let (app, process) = served().await;
        let ada = app.account("ada").await;
        let token = app.forged(&ada, |claims| claims.lifetime = Duration::from_hours(1)).await;
        process.has_used(&token).await;
        app.world.clock.advance(Duration::from_secs(901));
        process.admits(&token).await;
        let answer = process.client.bearer(&token).request(Method::DELETE, "/me/sessions").send().await;
        assert_problem(&answer, StatusCode::FORBIDDEN);
        let challenge = r#"Bearer error="insufficient_user_authentication", max_age="900""#;
        assert_eq!(answer.header("www-authenticate"), Some(challenge));
    }

    #[tokio::test]
    async fn a_cached_token_ends_with_the_key_it_was_signed_with() {
        let (app, process) = served().await;
        let ada = app.account("ada").await;
        let token = app.forged(&ada, |claims| claims.lifetime = Duration::from_hours(1)).await;
        process.keys.rotate(Actor::Operator).await.unwrap();
        process.has_used(&token).await;
        // The lifetime of a token, and two minutes.
        app.world.clock.advance(Duration::from_secs(420));
        process.admits(&token).await;
        app.world.clock.advance(SECOND);
        process.refuses(&token).await;
    }
}

mod accounts {
    use super::*;

    #[tokio::test]
    async fn a_cached_token_is_refused_as_soon_as_its_account_is_disabled_and_stays_so() {
        for by in EITHER {
            let (app, process) = served().await;
            let ada = app.account("ada").await.id;
            let (token, narrowed) = (app.token("ada").await, app.narrowed("ada", "me:read").await);
            process.has_used(&token).await;
            process.has_used(&narrowed).await;
            by.accounts(&app, &process).disable(Actor::Operator, ada).await.unwrap();
            by.noticed(&app);
            process.refuses(&token).await;
            process.refuses(&narrowed).await;
            by.accounts(&app, &process).enable(Actor::Operator, ada).await.unwrap();
            by.noticed(&app);
            process.refuses(&token).await;
            process.refuses(&narrowed).await;
            process.has_used(&app.token("ada").await).await;
        }
    }

    #[tokio::test]
    async fn a_cached_token_is_refused_as_soon_as_its_account_has_signed_out_everywhere() {
        for by in EITHER {
            let (app, process) = served().await;
            app.make("eve", Role::User).await;
            let (token, other) = (app.token("ada").await, app.token("eve").await);
            process.has_used(&token).await;
            process.has_used(&other).await;
            let ada = app.account("ada").await.id;
            by.accounts(&app, &process).sign_out_everywhere(ada).await.unwrap();
            by.noticed(&app);
            process.refuses(&token).await;
            process.admits(&other).await;
        }
    }

    /// Over the route: the caller of `POST /sign-out-everywhere` is a cached one too.
    #[tokio::test]
    async fn a_cached_token_can_end_itself() {
        let (app, process) = served().await;
        let token = app.token("ada").await;
        process.has_used(&token).await;
        let answer = process.client.bearer(&token).post("/sign-out-everywhere").send().await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        process.refuses(&token).await;
    }

    #[tokio::test]
    async fn after_a_change_of_the_password_one_cached_token_is_kept_and_the_others_are_refused() {
        for by in EITHER {
            let (app, process) = served().await;
            let (kept, other) = (app.token("ada").await, app.token("ada").await);
            let narrowed = app.narrowed("ada", "me:read").await;
            for token in [&kept, &other, &narrowed] {
                process.has_used(token).await;
            }
            let ada = app.account("ada").await.id;
            let change = async |from: &str, to: &str, kept: &str| {
                let accounts = by.accounts(&app, &process);
                let keeping = part(kept, 1)["jti"].as_str().unwrap().to_owned();
                let (from, to) = (password(from), password(to));
                accounts.change_password(ada, from, to, Some(&keeping)).await.unwrap();
                by.noticed(&app);
            };
            change(PASSWORD, "battery staple", &kept).await;
            process.has_used(&kept).await;
            process.refuses(&other).await;
            process.refuses(&narrowed).await;
            let next = app.sign_in("ada", "battery staple").await;
            let next = next.json()["access_token"].as_str().unwrap().to_owned();
            process.has_used(&next).await;
            change("battery staple", PASSWORD, &next).await;
            process.refuses(&kept).await;
            process.admits(&next).await;
        }
    }

    #[tokio::test]
    async fn a_cached_token_is_refused_as_soon_as_it_is_revoked() {
        let (app, process) = served().await;
        let (revoked, other) = (app.token("ada").await, app.token("ada").await);
        process.has_used(&revoked).await;
        process.has_used(&other).await;
        let name = part(&revoked, 1)["jti"].as_str().unwrap().to_owned();
        process.revocations.revoke(&name, Timestamp::from_unix(NOW + 360)).unwrap();
        process.refuses(&revoked).await;
        process.admits(&other).await;
    }

    /// An open connection asks again with the request it was opened by.
    #[tokio::test]
    async fn an_open_connection_with_a_cached_token_ends_as_soon_as_its_account_is_disabled() {
        for by in EITHER {
            let (app, process) = served().await;
            let token = app.token("ada").await;
            process.has_used(&token).await;
            let ask =
                async || process.client.bearer(&token).get("/read").extension(Rechecking).send().await.status;
            assert_eq!(ask().await, StatusCode::OK);
            let ada = app.account("ada").await.id;
            by.accounts(&app, &process).disable(Actor::Operator, ada).await.unwrap();
            by.noticed(&app);
            assert_eq!(ask().await, StatusCode::UNAUTHORIZED);
        }
    }
}

mod roles {
    use super::*;

    #[tokio::test]
    async fn a_cached_token_is_widened_and_limited_with_the_roles_of_its_account() {
        for by in EITHER {
            let (app, process) = served().await;
            let ada = app.account("ada").await.id;
            let (token, narrowed) = (app.token("ada").await, app.narrowed("ada", "me:read").await);
            process.has_used(&token).await;
            process.has_used(&narrowed).await;
            for _ in 0..2 {
                for token in [&token, &narrowed] {
                    process.forbids(token, "/report").await;
                }
                let accounts = by.accounts(&app, &process);
                accounts.set_roles(Actor::Operator, ada, Role::Admin.into()).await.unwrap();
                by.noticed(&app);
                process.allows(&token, "/report").await;
                process.forbids(&narrowed, "/report").await;
                process.admits(&narrowed).await;
                // There is another admin, so that this one may cease to be one.
                let accounts = by.accounts(&app, &process);
                if accounts.by_username(&"root".parse().unwrap()).await.is_err() {
                    app.make("root", Role::Admin).await;
                }
                accounts.set_roles(Actor::Operator, ada, Role::User.into()).await.unwrap();
                by.noticed(&app);
            }
            process.forbids(&token, "/report").await;
        }
    }

    /// Scopes come from the stored roles as they are now, not from the token or from when it was cached.
    #[tokio::test]
    async fn a_cached_token_has_what_the_stored_roles_bring_now() {
        for by in EITHER {
            let (app, process) = served().await;
            let ada = app.account("ada").await.id;
            let token = app.token("ada").await;
            process.has_used(&token).await;
            let accounts = by.accounts(&app, &process);
            process.forbids(&token, "/docs").await;
            define(accounts, "reader", "docs:read").await;
            by.noticed(&app);
            process.forbids(&token, "/docs").await;
            give(accounts, ada, &["reader"]).await;
            by.noticed(&app);
            process.allows(&token, "/docs").await;
            define(accounts, "reader", "docs:list").await;
            by.noticed(&app);
            process.forbids(&token, "/docs").await;
            define(accounts, "reader", "docs:read").await;
            by.noticed(&app);
            process.allows(&token, "/docs").await;
            give(accounts, ada, &[]).await;
            by.noticed(&app);
            process.forbids(&token, "/docs").await;
            define(accounts, "user", "docs:read").await;
            by.noticed(&app);
            process.allows(&token, "/docs").await;
            accounts.remove_role(Actor::Operator, "user".parse().unwrap()).await.unwrap();
            by.noticed(&app);
            process.forbids(&token, "/docs").await;
        }
    }

    #[tokio::test]
    async fn attack_a_cached_narrowed_token_gains_nothing_when_its_account_does() {
        for by in EITHER {
            let (app, process) = served().await;
            let ada = app.account("ada").await.id;
            let narrowed = app.narrowed("ada", "me:read").await;
            process.has_used(&narrowed).await;
            let accounts = by.accounts(&app, &process);
            define(accounts, "reader", "docs:read").await;
            give(accounts, ada, &["reader"]).await;
            accounts.set_roles(Actor::Operator, ada, Role::Admin.into()).await.unwrap();
            by.noticed(&app);
            for path in ["/docs", "/report", "/admin/accounts", "/me/sessions"] {
                process.forbids(&narrowed, path).await;
            }
            process.admits(&narrowed).await;
        }
    }

    #[tokio::test]
    async fn a_cached_narrowed_token_loses_a_scope_that_its_account_loses() {
        for by in EITHER {
            let (app, process) = served().await;
            let ada = app.account("ada").await.id;
            let accounts = by.accounts(&app, &process);
            define(accounts, "reader", "docs:read").await;
            give(accounts, ada, &["reader"]).await;
            by.noticed(&app);
            app.world.clock.advance(MILLISECOND);
            let narrowed = app.narrowed("ada", "docs:read me:read").await;
            process.has_used(&narrowed).await;
            process.allows(&narrowed, "/docs").await;
            give(accounts, ada, &[]).await;
            by.noticed(&app);
            process.forbids(&narrowed, "/docs").await;
            process.admits(&narrowed).await;
        }
    }
}

mod keys {
    use super::*;

    #[tokio::test]
    async fn cached_tokens_of_a_key_that_was_rotated_are_accepted_still() {
        let (app, process) = served().await;
        let token = app.token("ada").await;
        process.has_used(&token).await;
        process.keys.rotate(Actor::Operator).await.unwrap();
        process.has_used(&token).await;
        app.world.clock.advance(MILLISECOND);
        app.keys.rotate(Actor::Operator).await.unwrap();
        app.world.clock.advance(MILLISECOND);
        process.has_used(&token).await;
        let new = app.token("ada").await;
        assert_ne!(kid(&token), kid(&new));
        process.has_used(&new).await;
    }

    #[tokio::test]
    async fn a_cached_token_is_refused_as_soon_as_its_key_is_retired_by_this_process() {
        let (app, process) = served().await;
        let old = app.token("ada").await;
        app.keys.rotate(Actor::Operator).await.unwrap();
        let new = app.token("ada").await;
        process.has_used(&old).await;
        process.has_used(&new).await;
        process.keys.retire(Actor::Operator, &kid(&old)).await.unwrap();
        process.refuses(&old).await;
        process.admits(&new).await;
    }

    #[tokio::test]
    async fn a_cached_token_is_refused_as_soon_as_its_key_is_retired_by_another_process() {
        let (app, process) = served().await;
        let old = app.token("ada").await;
        app.keys.rotate(Actor::Operator).await.unwrap();
        let new = app.token("ada").await;
        app.world.clock.advance(MILLISECOND);
        process.has_used(&old).await;
        process.has_used(&new).await;
        discard(&*app.world.store_beside, &*app.world.clock, Actor::Operator, &kid(&old)).await.unwrap();
        app.world.clock.advance(MILLISECOND);
        process.refuses(&old).await;
        process.admits(&new).await;
    }
}

mod feed {
    use super::*;

    #[tokio::test]
    async fn a_cached_token_is_answered_503_while_the_change_feed_does_not_answer() {
        let (app, process) = served().await;
        let token = app.token("ada").await;
        process.has_used(&token).await;
        process.store.fail(true);
        app.world.clock.advance(MILLISECOND);
        let before = process.ran();
        for path in ["/read", "/me"] {
            let answer = process.get(&token, path).await;
            assert_problem(&answer, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(answer.header("www-authenticate"), None, "the token may be good");
            assert!(!answer.text().contains("canary"), "the cause is for the log: {}", answer.text());
        }
        assert_eq!(process.ran(), before);
        process.store.fail(false);
        process.admits(&token).await;
    }

    #[tokio::test]
    async fn attack_a_cached_token_whose_account_is_disabled_while_the_change_feed_does_not_answer() {
        let (app, process) = served().await;
        let token = app.token("ada").await;
        process.has_used(&token).await;
        process.store.fail(true);
        let ada = app.account("ada").await.id;
        app.world.beside.disable(Actor::Operator, ada).await.unwrap();
        app.world.clock.advance(MILLISECOND);
        assert_problem(&process.get(&token, "/read").await, StatusCode::SERVICE_UNAVAILABLE);
        process.store.fail(false);
        process.refuses(&token).await;
    }

    /// Which keys are accepted is not known then.
    #[tokio::test]
    async fn a_cached_token_is_answered_503_while_the_keys_that_have_changed_cannot_be_read() {
        let (app, process) = served().await;
        let token = app.token("ada").await;
        process.has_used(&token).await;
        process.store.fail_keys(true);
        app.keys.rotate(Actor::Operator).await.unwrap();
        app.world.clock.advance(MILLISECOND);
        assert_problem(&process.get(&token, "/read").await, StatusCode::SERVICE_UNAVAILABLE);
        process.store.fail_keys(false);
        process.admits(&token).await;
    }

    #[tokio::test]
    async fn changes_of_many_other_accounts_have_no_signature_verified_again() {
        let (app, process) = served().await;
        let token = app.token("ada").await;
        process.has_used(&token).await;
        let before = (process.verifications(), process.store.role_reads.load(Ordering::SeqCst));
        for number in 0..100 {
            let other = app.make(&format!("other{number}"), Role::User).await.id;
            let by = EITHER[number % 2];
            by.accounts(&app, &process).disable(Actor::Operator, other).await.unwrap();
            by.noticed(&app);
            process.admits(&token).await;
        }
        let after = (process.verifications(), process.store.role_reads.load(Ordering::SeqCst));
        assert_eq!(after, before, "neither is what the account may do looked up again");
    }

    /// A change of everything at once, as that of a role is, has accounts looked up again, and no signature verified.
    #[tokio::test]
    async fn a_changed_role_has_no_signature_verified_again() {
        let (app, process) = served().await;
        let token = app.token("ada").await;
        process.has_used(&token).await;
        let before = process.verifications();
        for by in EITHER {
            define(by.accounts(&app, &process), "reader", "docs:read").await;
            by.noticed(&app);
            process.admits(&token).await;
        }
        assert_eq!(process.verifications(), before);
    }
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

mod presented {
    use super::*;

    /// A character of tokens that is not this one.
    fn other_than(byte: u8) -> u8 {
        if byte == b'A' { b'B' } else { b'A' }
    }

    #[tokio::test]
    async fn attack_a_cached_token_with_a_byte_changed() {
        let (app, process) = served().await;
        let token = app.token("ada").await;
        process.has_used(&token).await;
        let before = process.ran();
        for at in 0..token.len() {
            let byte = token.as_bytes()[at];
            // Also the one whose last bit alone is another: in the last character, it stands for nothing.
            for other in [other_than(byte), byte ^ 1, byte ^ 0x20] {
                let mut changed = token.clone().into_bytes();
                changed[at] = other;
                if other == byte || !other.is_ascii_graphic() {
                    continue;
                }
                let changed = String::from_utf8(changed).unwrap();
                let answer = process.get(&changed, "/read").await;
                assert_invalid(&answer);
            }
        }
        assert_eq!(process.ran(), before);
        process.admits(&token).await;
    }

    #[tokio::test]
    async fn attack_a_part_of_a_cached_token_and_one_with_more() {
        let (app, process) = served().await;
        let token = app.token("ada").await;
        process.has_used(&token).await;
        let before = process.ran();
        for at in (1..token.len()).filter(|at| at % 5 == 0 || at + 5 > token.len() || *at < 5) {
            assert_invalid(&process.get(&token[..at], "/read").await);
            assert_invalid(&process.get(&token[at..], "/read").await);
        }
        for changed in [
            format!("A{token}"),
            format!("{token}A"),
            format!("{token}="),
            format!("{token}{token}"),
            format!(".{token}"),
            format!("{token}."),
        ] {
            assert_invalid(&process.get(&changed, "/read").await);
        }
        assert_eq!(process.ran(), before);
    }

    #[tokio::test]
    async fn attack_the_signature_of_one_cached_token_below_the_claims_of_another() {
        let app = App::with_admin().await;
        app.make("ada", Role::User).await;
        let process = Process::of(&app).await;
        let tokens = [app.token("root").await, app.token("ada").await, app.narrowed("root", "me:read").await];
        for token in &tokens {
            process.has_used(token).await;
        }
        let before = process.ran();
        let parts = tokens.each_ref().map(|token| token.rsplit_once('.').unwrap());
        for (number, (claims, _)) in parts.iter().enumerate() {
            for (other, (_, signature)) in parts.iter().enumerate() {
                if number != other {
                    assert_invalid(&process.get(&format!("{claims}.{signature}"), "/read").await);
                }
            }
        }
        assert_eq!(process.ran(), before);
    }

    #[tokio::test]
    async fn a_cached_token_is_found_whatever_the_case_of_its_scheme() {
        let (app, process) = served().await;
        let token = app.token("ada").await;
        process.has_used(&token).await;
        for scheme in ["Bearer ", "bearer ", "BEARER ", "bEaReR   "] {
            let request = process.client.get("/read").header("authorization", format!("{scheme}{token}"));
            assert_eq!(request.send().await.status, StatusCode::OK, "{scheme}");
        }
        assert_eq!(process.verifications(), 1);
    }

    #[tokio::test]
    async fn attack_a_cached_token_presented_in_another_way() {
        let (app, process) = served().await;
        let uncached = Process::uncached(&app).await;
        let token = app.token("ada").await;
        process.has_used(&token).await;
        let before = process.ran();
        let bearer = format!("Bearer {token}");
        let session = format!("{}={token}", cookie::NAME);
        let user_and_token = format!("Basic {}", STANDARD.encode(format!("ada:{token}")));
        for headers in [
            &[("authorization", token.clone())][..],
            &[("authorization", format!("DPoP {token}"))],
            &[("authorization", format!("Token {token}"))],
            &[("authorization", format!("Basic {token}"))],
            &[("authorization", format!("Digest {token}"))],
            &[("authorization", format!("Bearer\t{token}"))],
            &[("authorization", format!("Bearer{token}"))],
            &[("authorization", format!("Bearer: {token}"))],
            &[("authorization", format!(" {bearer}"))],
            &[("authorization", format!("{bearer} "))],
            &[("authorization", format!("{bearer}\t"))],
            &[("authorization", format!("Bearer \t{token}"))],
            &[("authorization", format!("{bearer} {token}"))],
            &[("authorization", format!("{bearer},{bearer}"))],
            &[("authorization", format!("Bearer \"{token}\""))],
            &[("authorization", bearer.clone()), ("authorization", bearer.clone())],
            &[("authorization", bearer.clone()), ("authorization", "Basic Og==".to_owned())],
            &[("authorization", "Basic Og==".to_owned()), ("authorization", bearer.clone())],
            &[("authorization", bearer.clone()), ("authorization", String::new())],
            &[("proxy-authorization", bearer.clone())],
            &[("x-authorization", bearer.clone())],
            &[("x-api-key", token.clone())],
            &[("cookie", session)],
            &[("authorization", user_and_token)],
        ] {
            let send = |process: &Process| {
                let request = process.client.get("/read").header("sec-fetch-site", "same-origin");
                headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send()
            };
            let (cached, fresh) = (send(&process).await, send(&uncached).await);
            assert_problem(&cached, StatusCode::UNAUTHORIZED);
            assert_eq!(cached.text_without_decision(), fresh.text_without_decision(), "{headers:?}");
            assert_eq!(cached.headers, fresh.headers, "{headers:?}");
        }
        assert_eq!(process.ran(), before);
        assert_eq!(uncached.ran(), 0);
    }

    #[tokio::test]
    async fn attack_a_cached_token_of_one_issuer_presented_to_another_with_the_same_keys() {
        let (app, process) = served().await;
        let other = Process::with(&app, |settings| settings.issuer = "https://other.example").await;
        let ours = app.token("ada").await;
        let fields = [("grant_type", "password"), ("username", "ada"), ("password", PASSWORD)];
        let theirs = other.client.post("/token").form(&fields).send().await;
        let theirs = crate::app::token_in(&theirs);
        assert_eq!(kid(&ours), kid(&theirs), "the signature tells nothing");
        process.has_used(&ours).await;
        other.has_used(&theirs).await;
        process.refuses(&theirs).await;
        other.refuses(&ours).await;
        let ada = app.account("ada").await;
        let audience = app.forged(&ada, |claims| claims.audience = "https://other.example".to_owned()).await;
        process.refuses(&audience).await;
        other.refuses(&audience).await;
    }

    #[tokio::test]
    async fn attack_credentials_that_were_used_rightly_presented_as_one_another() {
        let (app, process) = served().await;
        let token = app.token("ada").await;
        let (_, key) = app.key_of("ada", "me:read").await;
        let key = key.to_text().expose().to_owned();
        let session = app.browser("ada").await.cookie.unwrap();
        let send = async |name: &str, value: String| {
            let request = process.client.get("/read").header("sec-fetch-site", "same-origin");
            request.header(name, value).send().await
        };
        let bearer = |text: &str| ("authorization", format!("Bearer {text}"));
        let in_cookie = |text: &str| ("cookie", format!("{}={text}", cookie::NAME));
        let as_key = |text: &str| ("x-api-key", text.to_owned());
        for _ in 0..2 {
            for (name, value) in [bearer(&token), as_key(&key), in_cookie(&session)] {
                assert_eq!(send(name, value).await.status, StatusCode::OK, "{name}");
            }
        }
        let before = process.ran();
        for _ in 0..2 {
            for (name, value) in [
                bearer(&key),
                bearer(&session),
                as_key(&token),
                as_key(&session),
                in_cookie(&token),
                in_cookie(&key),
            ] {
                assert_problem(&send(name, value).await, StatusCode::UNAUTHORIZED);
            }
        }
        assert_eq!(process.ran(), before);
        assert!(!app.lets_in(&key).await && !app.lets_in(&session).await);
    }

    #[tokio::test]
    async fn attack_a_flood_of_forged_tokens_evicts_no_cached_one() {
        let app = App::with_user("ada").await;
        let process = Process::with(&app, |settings| settings.cached = 64).await;
        let mut tokens = Vec::new();
        for _ in 0..8 {
            let token = app.token("ada").await;
            process.has_used(&token).await;
            tokens.push(token);
        }
        let random = SeededRandom::shared(7);
        for number in 0..1_000 {
            let (claims, _) = tokens[number % 8].rsplit_once('.').unwrap();
            let mut signature = [0; 64];
            random.fill(&mut signature).unwrap();
            let signature = URL_SAFE_NO_PAD.encode(signature);
            let answer = process.get(&format!("{claims}.{signature}"), "/read").await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        }
        let before = process.verifications();
        for token in &tokens {
            process.admits(token).await;
        }
        assert_eq!(process.verifications(), before, "all are cached still");
    }
}

mod ambient {
    use super::*;

    /// A browser sends sessions and passwords by itself: which page asks is looked at each time, whatever came of it before.
    #[tokio::test]
    async fn attack_a_page_of_another_site_acts_with_a_session_that_was_used_a_moment_ago() {
        let (app, process) = served().await;
        let session = format!("{}={}", cookie::NAME, app.browser("ada").await.cookie.unwrap());
        let basic = format!("Basic {}", STANDARD.encode(format!("ada:{PASSWORD}")));
        for (name, value) in [("cookie", session), ("authorization", basic)] {
            let change = async |site: &str| {
                let request = process.client.request(Method::PATCH, "/me").header("sec-fetch-site", site);
                request.header(name, &value).json(&json!({})).send().await
            };
            for _ in 0..2 {
                assert_eq!(change("same-origin").await.status, StatusCode::OK, "{name}");
                for site in ["cross-site", "same-site", ""] {
                    assert_problem(&change(site).await, StatusCode::FORBIDDEN);
                }
            }
        }
    }

    /// No browser sends a token by itself, so where it comes from does not count; and of what came beside it, nothing does.
    #[tokio::test]
    async fn a_cached_token_counts_beside_the_session_of_another_account() {
        let app = App::with_admin().await;
        app.make("ada", Role::User).await;
        let process = Process::of(&app).await;
        let token = app.token("ada").await;
        process.has_used(&token).await;
        let session = format!("{}={}", cookie::NAME, app.browser("root").await.cookie.unwrap());
        for site in ["same-origin", "cross-site"] {
            let request = |path| {
                let request = process.client.bearer(&token).get(path).header("sec-fetch-site", site);
                request.header("cookie", &session).send()
            };
            assert_eq!(request("/me").await.json()["username"], "ada");
            assert_problem(&request("/report").await, StatusCode::FORBIDDEN);
        }
        let ada = app.account("ada").await.id;
        process.accounts.disable(Actor::Operator, ada).await.unwrap();
        let request = process.client.bearer(&token).get("/me").header("sec-fetch-site", "same-origin");
        assert_invalid(&request.header("cookie", &session).send().await);
    }
}

mod me {
    use super::*;

    async fn me(process: &Process, token: &str) -> Value {
        let answer = process.get(token, "/me").await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.json()
    }

    #[tokio::test]
    async fn what_is_kept_of_an_account_for_its_owner_is_invalidated_by_each_change() {
        for by in EITHER {
            let app = App::with_mail().await;
            app.sign_up_at("ada", "ada@example.org").await;
            let (process, other) = (Process::of(&app).await, Process::of(&app).await);
            let routes = match by {
                By::ThisProcess => &process.client,
                By::AnotherProcess => &other.client,
            };
            let (proves, token) = (token_of(&app.post.next().await), app.token("ada").await);
            let read = async || {
                let first = me(&process, &token).await;
                assert_eq!(me(&process, &token).await, first);
                first
            };
            let prove = async |token: &str| {
                let answer = routes.post("/email/verify").json(&json!({ "token": token })).send().await;
                assert_eq!(answer.status, StatusCode::NO_CONTENT);
                by.noticed(&app);
            };
            assert_eq!(read().await["email_verified"], false);
            prove(&proves).await;
            assert_eq!(read().await["email_verified"], true);

            let change = json!({ "email": "ada@example.net" });
            let patched = routes.bearer(&token).request(Method::PATCH, "/me").json(&change).send().await;
            assert_eq!(patched.status, StatusCode::OK, "{}", patched.text());
            assert_eq!(read().await["email"], "ada@example.org", "it is to be proven first");
            prove(&token_of(&app.post.next().await)).await;
            assert_eq!(read().await["email"], "ada@example.net");

            let ada = app.account("ada").await.id;
            let accounts = by.accounts(&app, &process);
            accounts.set_roles(Actor::Operator, ada, Role::Editor.into()).await.unwrap();
            by.noticed(&app);
            assert_eq!(read().await["roles"], json!(["editor"]));
            let set = Some("ada@example.com".parse().unwrap());
            accounts.set_email(Actor::Operator, ada, set, None).await.unwrap();
            by.noticed(&app);
            let now = read().await;
            assert_eq!((&now["email"], &now["email_verified"]), (&json!("ada@example.com"), &json!(false)));
        }
    }

    #[tokio::test]
    async fn attack_what_is_kept_of_one_account_is_not_shown_to_another() {
        let app = App::with_admin().await;
        app.make("ada", Role::User).await;
        let process = Process::of(&app).await;
        let tokens = [("root", app.token("root").await), ("ada", app.token("ada").await)];
        for (name, token) in tokens.iter().cycle().take(6) {
            assert_eq!(me(&process, token).await["username"], *name);
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
