//! One API, two clients: a browser and a phone.
//!
//! *How does each of them prove who is calling, and what has the other one to do with it?*
//!
//! - **The browser gets a session cookie.** A page's scripts may be somebody else's (a library, an injected line), so what
//!   signs a person in must be out of their reach: `HttpOnly`. A cookie travels by itself, so another site's page could
//!   use it; the credential therefore checks which page asks, and no handler can forget to. The session lives on the
//!   server: signing out ends it.
//! - **The phone gets a token.** It has no pages of other sites and a place of its own to keep a secret, and sends the token
//!   on purpose; where it comes from matters to nobody. The token is short-lived and can be narrowed to what it is for.
//! - **The API knows one caller.** [`Caller`] is resolved from either, once, and the routes say who may call them without a
//!   word about how. The document, the access table and the challenges name both ways.
//!
//! `http.rs` is the API, `caller.rs` who is calling, `people.rs` and `sessions.rs` what stands in for a database. Passwords
//! stand there in clear to keep it short; `palisade-identity` keeps people and sessions well.

mod caller;
mod http;
mod people;
mod sessions;

use std::sync::{Arc, Mutex};

use palisade::{
    clock::SystemClock,
    prelude::*,
    random::{RandomUnavailable, SystemRandom},
    token::{Issuer, SigningKey, Verifier},
};

pub use self::{caller::Caller, http::api};
use self::{people::People, sessions::Sessions};

/// Who issues the tokens, and for whom.
const ISSUER: &str = "http://127.0.0.1:8002";

/// The app's state.
#[derive(Clone, Debug, FromRef)]
pub struct App {
    people: Arc<People>,
    sessions: Arc<Sessions>,
    issuer: Arc<Issuer>,
    verifier: Arc<Verifier>,
    notes: Arc<Mutex<Vec<http::Note>>>,
}

impl App {
    /// Two people, no notes, and a key of its own.
    fn new() -> Result<Self, RandomUnavailable> {
        let (clock, random) = (SystemClock::shared(), SystemRandom::shared());
        let key = SigningKey::generate(&*random)?;
        let verifier =
            Verifier::access_tokens(ISSUER, ISSUER).own_issuer().keys(key.key_set()).clock(clock.clone());
        Ok(Self {
            people: Arc::new(People::of_the_example()),
            sessions: Arc::new(Sessions::new(clock.clone(), random.clone())),
            verifier: Arc::new(verifier.build()),
            issuer: Arc::new(Issuer::new(ISSUER, key, clock, random)),
            notes: Arc::default(),
        })
    }
}

/// The app, ready to serve.
///
/// # Errors
///
/// When the router is wrong, or there is no randomness.
pub fn app() -> Result<axum::Router, Box<dyn std::error::Error>> {
    Ok(api().with_state(App::new()?).into_axum()?)
}

#[cfg(test)]
mod tests;
