//! Sessions and API keys that were used a moment ago, whose callers are therefore cached: each is refused, or limited, as soon as
//! one that was never used would be. For tokens that is in `cached_tokens.rs`.

mod accounts;
mod feed;
mod keys;
mod presented;
mod session;

use std::{sync::atomic::Ordering, time::Duration};

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
    failing::Read,
    process::{By, EITHER, Process, define, give, hammer_while_disabled, served},
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

/// A secret is used from all sides while its account is disabled.
fn hammer(by: By, which: usize) {
    let make = async |app: &App, process: &Process| {
        let secret = Secret::both(app, "me:read").await[which].clone();
        process.knows(&secret).await;
        secret
    };
    let ask = |process: &Process, secret: &Secret| secret.asks(process, "/read");
    let is_refused = async |process: &Process, secret: &Secret| process.turns_away(secret).await;
    hammer_while_disabled(by, 6, &make, &ask, &is_refused);
}

#[test]
fn attack_no_request_with_a_session_that_begins_after_its_account_was_disabled_is_admitted() {
    EITHER.into_iter().for_each(|by| hammer(by, 0));
}

#[test]
fn attack_no_request_with_an_api_key_that_begins_after_its_account_was_disabled_is_admitted() {
    EITHER.into_iter().for_each(|by| hammer(by, 1));
}
