//! Sessions and API keys that were used a moment ago, whose callers are therefore cached: each is refused, or limited, as soon as
//! one that was never used would be. For tokens that is in `cached_tokens.rs`.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::StatusCode;
use palisade::{
    Rechecking,
    clock::Clock as _,
    testing::{Request, Response},
};
use palisade_identity::{
    api_keys::{ApiKey, ApiKeys, Quota},
    audit::Actor,
    id::SessionId,
    role::Role,
    sessions::{SessionSecret, SessionSettings, Sessions, cookie},
};

use crate::{
    app::{App, Browser, MILLISECOND, PASSWORD, assert_problem},
    cached_tokens::{By, EITHER, define, give, served},
    failing::Read,
    process::Process,
    world::password,
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// What a browser or a program sends to be admitted.
#[derive(Clone, Debug)]
enum Secret {
    Session(Browser),
    Key(String),
}

impl By {
    fn sessions<'a>(self, app: &'a App, process: &'a Process) -> &'a Sessions {
        match self {
            Self::ThisProcess => &process.sessions,
            Self::AnotherProcess => &app.world.sessions_beside,
        }
    }

    fn api_keys<'a>(self, app: &'a App, process: &'a Process) -> &'a ApiKeys {
        match self {
            Self::ThisProcess => &process.api_keys,
            Self::AnotherProcess => &app.api_keys,
        }
    }
}

impl Secret {
    /// A session of `ada`.
    async fn session(app: &App) -> Self {
        Self::Session(app.browser("ada").await)
    }

    /// A key of `ada` with `scopes`.
    async fn key(app: &App, scopes: &str) -> (ApiKey, Self) {
        let (key, text) = app.key_of("ada", scopes).await;
        (key, Self::Key(text.to_text().expose().to_owned()))
    }

    /// A session and a key of `ada`.
    async fn both(app: &App, scopes: &str) -> [Self; 2] {
        [Self::session(app).await, Self::key(app, scopes).await.1]
    }

    fn session_id(&self) -> SessionId {
        let Self::Session(browser) = self else { panic!("it is a key") };
        browser.secret().id()
    }

    /// The same session with another secret.
    fn with(&self, secret: &SessionSecret) -> Self {
        let Self::Session(browser) = self else { panic!("it is a key") };
        Self::Session(Browser::holding(&browser.client, secret))
    }

    /// A request of it to `process`.
    fn asks(&self, process: &Process, path: &str) -> Request {
        let request = process.client.get(path);
        match self {
            Self::Session(browser) => request
                .header("sec-fetch-site", "same-origin")
                .header("cookie", format!("{}={}", cookie::NAME, browser.cookie.as_deref().unwrap())),
            Self::Key(text) => request.header("x-api-key", text),
        }
    }

    async fn get(&self, process: &Process, path: &str) -> Response {
        self.asks(process, path).send().await
    }

    /// What its text becomes when its character at `place` is another.
    fn altered(&self, place: usize) -> Option<Self> {
        let alter = |text: &str| {
            let other = if text.get(place..=place)? == "A" { "B" } else { "A" };
            Some([&text[..place], other, &text[place + 1..]].concat())
        };
        match self {
            Self::Session(browser) => {
                let cookie = Some(alter(browser.cookie.as_deref().unwrap())?);
                Some(Self::Session(Browser { cookie, ..browser.clone() }))
            }
            Self::Key(text) => Some(Self::Key(alter(text)?)),
        }
    }
}

impl Process {
    /// That `secret` is admitted, and the handler runs.
    async fn lets_in(&self, secret: &Secret) {
        let before = self.ran();
        let answer = secret.get(self, "/read").await;
        assert_eq!((answer.status, answer.text().as_str()), (StatusCode::OK, "done"), "{secret:?}");
        assert_eq!(answer.header("set-cookie"), None);
        assert_eq!(self.ran(), before + 1);
    }

    /// Has `secret` used, so that its caller is cached.
    async fn knows(&self, secret: &Secret) {
        for _ in 0..2 {
            self.lets_in(secret).await;
        }
    }

    /// That `secret` is refused, and no handler runs.
    async fn turns_away(&self, secret: &Secret) {
        let before = self.ran();
        for path in ["/read", "/me"] {
            assert_problem(&secret.get(self, path).await, StatusCode::UNAUTHORIZED);
        }
        assert_eq!(self.ran(), before, "a handler ran");
    }

    /// That the caller with `secret` may or may not do what `path` is for.
    async fn decides(&self, secret: &Secret, path: &str, allowed: bool) {
        let answer = secret.get(self, path).await;
        let expected = if allowed { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(answer.status, expected, "{path}: {}", answer.text());
    }
}

/// How often the store was asked for what a caller rests on.
fn reads(process: &Process) -> [usize; 3] {
    let store = &process.store;
    [&store.session_reads, &store.api_key_reads, &store.role_reads].map(|reads| reads.load(Ordering::SeqCst))
}

mod accounts {
    use super::*;

    #[tokio::test]
    async fn a_cached_secret_is_refused_as_soon_as_its_account_is_disabled() {
        for by in EITHER {
            let (app, process) = served().await;
            let ada = app.account("ada").await.id;
            let [session, key] = Secret::both(&app, "me:read").await;
            process.knows(&session).await;
            process.knows(&key).await;
            by.accounts(&app, &process).disable(Actor::Operator, ada).await.unwrap();
            by.noticed(&app);
            process.turns_away(&session).await;
            process.turns_away(&key).await;
            by.accounts(&app, &process).enable(Actor::Operator, ada).await.unwrap();
            by.noticed(&app);
            process.turns_away(&session).await;
            process.knows(&key).await;
        }
    }

    #[tokio::test]
    async fn a_cached_session_is_refused_as_soon_as_its_account_has_signed_out_everywhere() {
        for by in EITHER {
            let (app, process) = served().await;
            let ada = app.account("ada").await.id;
            let [session, key] = Secret::both(&app, "me:read").await;
            process.knows(&session).await;
            process.knows(&key).await;
            by.accounts(&app, &process).sign_out_everywhere(ada).await.unwrap();
            by.noticed(&app);
            process.turns_away(&session).await;
            process.knows(&key).await;
        }
    }

    #[tokio::test]
    async fn after_a_change_of_the_password_one_cached_session_is_kept_and_the_others_are_refused() {
        for by in EITHER {
            let (app, process) = served().await;
            let ada = app.account("ada").await.id;
            let (kept, other) = (Secret::session(&app).await, Secret::session(&app).await);
            process.knows(&kept).await;
            process.knows(&other).await;
            let (from, to) = (password(PASSWORD), password("battery staple"));
            let keeping = kept.session_id().to_string();
            by.accounts(&app, &process).change_password(ada, from, to, Some(&keeping)).await.unwrap();
            by.noticed(&app);
            process.turns_away(&other).await;
            process.knows(&kept).await;
        }
    }

    #[tokio::test]
    async fn a_cached_key_is_widened_and_limited_with_the_roles_of_its_account() {
        for by in EITHER {
            let app = App::with_admin().await;
            let ada = app.make("ada", Role::Admin).await.id;
            let process = Process::of(&app).await;
            let (_, key) = Secret::key(&app, "me:read accounts:read").await;
            process.knows(&key).await;
            for (role, allowed) in [(Role::Admin, true), (Role::User, false), (Role::Admin, true)] {
                let accounts = by.accounts(&app, &process);
                accounts.set_roles(Actor::Operator, ada, role.into()).await.unwrap();
                by.noticed(&app);
                for _ in 0..2 {
                    process.decides(&key, "/report", allowed).await;
                    process.decides(&key, "/read", true).await;
                }
            }
        }
    }

    #[tokio::test]
    async fn attack_a_cached_key_gains_nothing_when_its_account_does() {
        for by in EITHER {
            let (app, process) = served().await;
            let ada = app.account("ada").await.id;
            let (_, key) = Secret::key(&app, "me:read").await;
            process.knows(&key).await;
            let accounts = by.accounts(&app, &process);
            define(accounts, "reader", "docs:read").await;
            give(accounts, ada, &["reader"]).await;
            accounts.set_roles(Actor::Operator, ada, Role::Admin.into()).await.unwrap();
            by.noticed(&app);
            for path in ["/docs", "/report", "/admin/accounts", "/me/sessions"] {
                process.decides(&key, path, false).await;
            }
            process.knows(&key).await;
        }
    }

    /// What a stored role brings is looked up again when the role changes, though neither the account nor the key has.
    #[tokio::test]
    async fn a_cached_key_has_what_the_stored_roles_bring_now() {
        for by in EITHER {
            let (app, process) = served().await;
            let ada = app.account("ada").await.id;
            let accounts = by.accounts(&app, &process);
            define(accounts, "reader", "docs:read").await;
            give(accounts, ada, &["reader"]).await;
            app.world.clock.advance(MILLISECOND);
            let (_, key) = Secret::key(&app, "docs:read me:read").await;
            process.knows(&key).await;
            for (scopes, allowed) in [("docs:list", false), ("docs:read", true), ("docs:list", false)] {
                define(accounts, "reader", scopes).await;
                by.noticed(&app);
                for _ in 0..2 {
                    process.decides(&key, "/docs", allowed).await;
                }
            }
        }
    }
}

mod session {
    use super::*;

    #[tokio::test]
    async fn a_cached_session_is_refused_as_soon_as_it_is_ended() {
        for by in EITHER {
            let (app, process) = served().await;
            let ada = app.account("ada").await.id;
            let (ended, other) = (Secret::session(&app).await, Secret::session(&app).await);
            process.knows(&ended).await;
            process.knows(&other).await;
            by.sessions(&app, &process).end(ada, ended.session_id()).await.unwrap();
            by.noticed(&app);
            process.turns_away(&ended).await;
            process.knows(&other).await;
            let this = Secret::session(&app).await;
            process.knows(&this).await;
            by.sessions(&app, &process).end_others(ada, Some(this.session_id())).await.unwrap();
            by.noticed(&app);
            process.turns_away(&other).await;
            process.knows(&this).await;
        }
    }

    /// One more than an account may have ends its oldest.
    #[tokio::test]
    async fn a_cached_session_is_refused_as_soon_as_it_is_crowded_out() {
        let app = App::with_user("ada").await;
        let sessions = SessionSettings { per_account: 1, ..SessionSettings::default() };
        let process = Process::with(&app, |settings| settings.sessions = sessions).await;
        let oldest = Secret::session(&app).await;
        process.knows(&oldest).await;
        app.world.clock.advance(SECOND);
        let device = palisade_identity::sessions::Device::new(b"", crate::app::from(1).0);
        process.sessions.begin(&app.account("ada").await, device).await.unwrap();
        process.turns_away(&oldest).await;
    }

    #[tokio::test]
    async fn attack_the_cached_secret_of_a_session_whose_account_has_proved_itself_again() {
        for by in EITHER {
            let (app, process) = served().await;
            let stolen = Secret::session(&app).await;
            process.knows(&stolen).await;
            let (account, id) = (app.account("ada").await, stolen.session_id());
            let (secret, _) = by.sessions(&app, &process).reauthenticated(&account, id).await.unwrap();
            by.noticed(&app);
            process.turns_away(&stolen).await;
            process.knows(&stolen.with(&secret)).await;
            process.turns_away(&stolen).await;
        }
    }

    /// The request that notices it brings the new secret. The former one is accepted for ten seconds, however often it is used.
    #[tokio::test]
    async fn a_cached_session_has_the_roles_of_its_account_now_and_gets_another_secret() {
        for by in EITHER {
            let app = App::with_admin().await;
            let ada = app.make("ada", Role::User).await.id;
            let process = Process::of(&app).await;
            let Secret::Session(mut browser) = Secret::session(&app).await else { unreachable!() };
            for role in [Role::Admin, Role::User, Role::Admin] {
                let former = Secret::Session(browser.clone());
                process.knows(&former).await;
                let accounts = by.accounts(&app, &process);
                accounts.set_roles(Actor::Operator, ada, role.into()).await.unwrap();
                by.noticed(&app);
                browser.keep_cookies(&former.get(&process, "/read").await);
                let current = Secret::Session(browser.clone());
                let (Secret::Session(new), Secret::Session(old)) = (&current, &former) else {
                    unreachable!()
                };
                assert_ne!(new.cookie, old.cookie);
                // The change feed brings the process its own change of the secret, too.
                app.world.clock.advance(MILLISECOND);
                for _ in 0..2 {
                    for secret in [&former, &current] {
                        process.knows(secret).await;
                        process.decides(secret, "/report", role == Role::Admin).await;
                    }
                }
                app.world.clock.advance(Duration::from_secs(10));
                process.turns_away(&former).await;
                let late = former.get(&process, "/read").await;
                assert_eq!(late.header("set-cookie"), None, "the browser holds another one");
                process.knows(&current).await;
            }
        }
    }

    #[tokio::test]
    async fn a_cached_session_expires_when_it_is_not_used_and_in_the_end_however_much_it_is() {
        let app = App::with_user("ada").await;
        let sessions = SessionSettings { idle: HOUR, absolute: 3 * HOUR, ..SessionSettings::default() };
        let process = Process::with(&app, |settings| settings.sessions = sessions).await;
        let (idle, busy) = (Secret::session(&app).await, Secret::session(&app).await);
        process.knows(&idle).await;
        process.knows(&busy).await;
        app.world.clock.advance(HOUR - SECOND);
        process.knows(&busy).await;
        app.world.clock.advance(SECOND);
        process.turns_away(&idle).await;
        for _ in 0..3 {
            process.knows(&busy).await;
            app.world.clock.advance(30 * MINUTE);
        }
        process.knows(&busy).await;
        app.world.clock.advance(30 * MINUTE - SECOND);
        process.knows(&busy).await;
        app.world.clock.advance(SECOND);
        process.turns_away(&busy).await;
    }

    /// What is cached of a session is not taken for a "no".
    #[tokio::test]
    async fn a_cached_session_that_another_process_has_seen_in_use_has_not_expired() {
        let sessions = SessionSettings { idle: HOUR, ..SessionSettings::default() };
        let app = App::with_user("ada").await;
        let process = Process::with(&app, |settings| settings.sessions = sessions).await;
        let session = Secret::session(&app).await;
        process.knows(&session).await;
        app.world.clock.advance(40 * MINUTE);
        let Secret::Session(browser) = &session else { unreachable!() };
        assert_eq!(browser.get("/me").await.status, StatusCode::OK);
        app.world.settle().await;
        app.world.clock.advance(40 * MINUTE);
        process.knows(&session).await;
    }

    /// A socket asks on and on whether its caller may still be there, and uses nothing by that.
    #[tokio::test]
    async fn asking_again_for_an_open_socket_does_not_prolong_a_cached_session() {
        let app = App::with_user("ada").await;
        let sessions = SessionSettings { idle: HOUR, ..SessionSettings::default() };
        let process = Process::with(&app, |settings| settings.sessions = sessions).await;
        let session = Secret::session(&app).await;
        process.knows(&session).await;
        let ask = async || session.asks(&process, "/read").extension(Rechecking).send().await.status;
        app.world.clock.advance(40 * MINUTE);
        assert_eq!(ask().await, StatusCode::OK);
        app.world.clock.advance(20 * MINUTE);
        assert_eq!(ask().await, StatusCode::UNAUTHORIZED);
    }
}

mod keys {
    use super::*;

    #[tokio::test]
    async fn a_cached_key_is_refused_as_soon_as_it_is_revoked() {
        for by in EITHER {
            let (app, process) = served().await;
            let ada = app.account("ada").await.id;
            let ((key, revoked), (_, other)) =
                (Secret::key(&app, "me:read").await, Secret::key(&app, "me:read").await);
            process.knows(&revoked).await;
            process.knows(&other).await;
            by.api_keys(&app, &process).revoke(Actor::Operator, ada, key.id).await.unwrap();
            by.noticed(&app);
            process.turns_away(&revoked).await;
            process.knows(&other).await;
            by.api_keys(&app, &process).revoke_all(Actor::Operator, ada).await.unwrap();
            by.noticed(&app);
            process.turns_away(&other).await;
        }
    }

    #[tokio::test]
    async fn a_cached_key_that_was_rotated_works_as_long_as_that_was_said() {
        for by in EITHER {
            for overlap in [Duration::ZERO, MINUTE] {
                let (app, process) = served().await;
                let ada = app.account("ada").await.id;
                let (key, old) = Secret::key(&app, "me:read").await;
                process.knows(&old).await;
                let keys = by.api_keys(&app, &process);
                let issued = keys.rotate(Actor::Operator, ada, key.id, overlap, None).await.unwrap();
                by.noticed(&app);
                if !overlap.is_zero() {
                    process.knows(&old).await;
                    app.world.clock.advance(overlap);
                }
                process.turns_away(&old).await;
                let text = issued.text.unwrap().to_text();
                process.knows(&Secret::Key(text.expose().to_owned())).await;
            }
        }
    }

    #[tokio::test]
    async fn a_cached_key_is_accepted_until_it_expires_and_refused_from_that_second_on() {
        let (app, process) = served().await;
        let soon = app.world.clock.now().after(MINUTE);
        let (_, text) = app.make_key("ada", "me:read", |key| key.expires_at = Some(soon)).await;
        let key = Secret::Key(text.to_text().expose().to_owned());
        process.knows(&key).await;
        app.world.clock.advance(MINUTE - SECOND);
        process.knows(&key).await;
        app.world.clock.advance(SECOND);
        process.turns_away(&key).await;
    }

    #[tokio::test]
    async fn each_use_of_a_cached_key_counts_and_asking_again_for_an_open_socket_does_not() {
        let (app, process) = served().await;
        let quota = Some(Quota::new(3, 60).unwrap());
        let (_, text) = app.make_key("ada", "me:read", |key| key.quota = quota).await;
        let key = Secret::Key(text.to_text().expose().to_owned());
        process.knows(&key).await;
        for _ in 0..10 {
            let again = key.asks(&process, "/read").extension(Rechecking).send().await;
            assert_eq!(again.status, StatusCode::OK);
        }
        process.lets_in(&key).await;
        let before = process.ran();
        let answer = key.get(&process, "/read").await;
        assert_problem(&answer, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!((answer.header("retry-after"), process.ran()), (Some("20"), before));
        app.world.clock.advance(Duration::from_secs(20));
        process.lets_in(&key).await;
        assert_problem(&key.get(&process, "/read").await, StatusCode::TOO_MANY_REQUESTS);
    }
}

mod feed {
    use super::*;

    #[tokio::test]
    async fn attack_a_cached_secret_whose_account_is_disabled_while_the_change_feed_does_not_answer() {
        let (app, process) = served().await;
        let secrets = Secret::both(&app, "me:read").await;
        for secret in &secrets {
            process.knows(secret).await;
        }
        process.store.fail(true);
        app.world.clock.advance(MILLISECOND);
        let before = process.ran();
        for secret in &secrets {
            let answer = secret.get(&process, "/read").await;
            assert_problem(&answer, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(answer.header("set-cookie"), None, "the session may be good");
        }
        let ada = app.account("ada").await.id;
        app.world.beside.disable(Actor::Operator, ada).await.unwrap();
        app.world.clock.advance(MILLISECOND);
        for secret in &secrets {
            assert_problem(&secret.get(&process, "/read").await, StatusCode::SERVICE_UNAVAILABLE);
        }
        assert_eq!(process.ran(), before);
        process.store.fail(false);
        for secret in &secrets {
            process.turns_away(secret).await;
        }
    }

    #[tokio::test]
    async fn changes_of_many_other_accounts_have_nothing_looked_up_again() {
        let (app, process) = served().await;
        let secrets = Secret::both(&app, "me:read").await;
        for secret in &secrets {
            process.knows(secret).await;
        }
        let before = reads(&process);
        for number in 0..20 {
            let other = app.make(&format!("other{number}"), Role::User).await.id;
            let by = EITHER[number % 2];
            by.accounts(&app, &process).disable(Actor::Operator, other).await.unwrap();
            by.noticed(&app);
            for secret in &secrets {
                process.lets_in(secret).await;
            }
        }
        assert_eq!(reads(&process), before);
    }

    /// A request finds what it rests on as it was, and while it works its caller out, that ends. Such a request may be admitted;
    /// the next must not be.
    #[tokio::test]
    async fn attack_a_caller_that_ends_while_it_is_worked_out_is_not_cached() {
        for by in EITHER {
            for read in [Read::Account, Read::Session, Read::ApiKey] {
                for is_key in [false, true] {
                    if read == (if is_key { Read::Session } else { Read::ApiKey }) {
                        continue;
                    }
                    let (app, process) = served().await;
                    let ada = app.account("ada").await.id;
                    let (key, presented) = Secret::key(&app, "me:read").await;
                    let secret = if is_key { presented } else { Secret::session(&app).await };
                    app.world.clock.advance(MILLISECOND);
                    let (given, release) = process.store.hold_next(read);
                    let end = async {
                        given.await.unwrap();
                        match read {
                            Read::Account => {
                                let accounts = by.accounts(&app, &process);
                                accounts.disable(Actor::Operator, ada).await.unwrap();
                            }
                            Read::Session => {
                                by.sessions(&app, &process).end(ada, secret.session_id()).await.unwrap();
                            }
                            Read::ApiKey => {
                                let keys = by.api_keys(&app, &process);
                                keys.revoke(Actor::Operator, ada, key.id).await.unwrap();
                            }
                        }
                        by.noticed(&app);
                        release.send(()).unwrap();
                    };
                    let (_, ()) = tokio::join!(secret.get(&process, "/read"), end);
                    by.noticed(&app);
                    process.turns_away(&secret).await;
                }
            }
        }
    }
}

mod presented {
    use super::*;

    #[tokio::test]
    async fn attack_texts_that_are_almost_a_cached_secret() {
        let (app, process) = served().await;
        for secret in Secret::both(&app, "me:read").await {
            process.knows(&secret).await;
            let mut altered = 0;
            while let Some(almost) = secret.altered(altered) {
                process.turns_away(&almost).await;
                altered += 1;
            }
            assert!(altered >= 64, "{altered}");
            process.knows(&secret).await;
        }
    }
}

/// Sixteen threads use a secret while its account is disabled by another one.
fn hammer(by: By, is_key: bool) {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (here, rounds) = (runtime(), 6);
    let (app, process) = here.block_on(served());
    let (app, process) = (&app, &process);
    let ada = here.block_on(app.account("ada")).id;
    for _ in 0..rounds {
        let [session, key] = here.block_on(Secret::both(app, "me:read"));
        let secret = if is_key { key } else { session };
        here.block_on(process.knows(&secret));
        let (disabled, all_admitted) = (AtomicBool::new(false), Barrier::new(17));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    let runtime = runtime();
                    let ask = || runtime.block_on(secret.get(process, "/read")).status;
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
            here.block_on(by.accounts(app, process).disable(Actor::Operator, ada)).unwrap();
            by.noticed(app);
            disabled.store(true, Ordering::SeqCst);
        });
        here.block_on(process.turns_away(&secret));
        here.block_on(app.world.beside.enable(Actor::Operator, ada)).unwrap();
        app.world.clock.advance(MILLISECOND);
    }
}

#[test]
fn attack_no_request_with_a_session_that_begins_after_its_account_was_disabled_is_admitted() {
    EITHER.into_iter().for_each(|by| hammer(by, false));
}

#[test]
fn attack_no_request_with_an_api_key_that_begins_after_its_account_was_disabled_is_admitted() {
    EITHER.into_iter().for_each(|by| hammer(by, true));
}
