//! Documents of several organisations, shared one by one.
//!
//! *Who may do what to which document, and where does that stand?* In one place, `policy.rs`, as values. Look for a check
//! in the handlers of `http.rs`: there is none. Each takes the proof that its caller may do this to this document, and
//! hands it to `documents.rs`, whose functions cannot be called without it.
//!
//! `people.rs` and `documents.rs` are what stands in for a database, `caller.rs` says who is calling. Passwords stand there
//! in clear to keep it short; `palisade-identity` keeps people well.

mod caller;
mod documents;
mod http;
mod people;
mod policy;

use std::sync::Arc;

use palisade::{
    clock::SystemClock,
    prelude::*,
    random::{RandomUnavailable, SystemRandom},
    token::{Issuer, SigningKey, Verifier},
};

pub use self::caller::Caller;
use self::{documents::Documents, people::People};

/// Who issues the tokens, and for whom.
const ISSUER: &str = "http://127.0.0.1:8003";

/// The app's state.
#[derive(Clone, Debug, FromRef)]
pub struct App {
    people: Arc<People>,
    documents: Arc<Documents>,
    issuer: Arc<Issuer>,
    verifier: Arc<Verifier>,
}

/// Who may call what, without the state behind it: what there is to review.
pub fn api() -> Router<App, Caller> {
    http::api()
}

/// The routes with four people in two organisations, and a key of their own.
///
/// # Errors
///
/// When there is no randomness.
pub fn routes() -> Result<Router<(), Caller>, RandomUnavailable> {
    let (clock, random) = (SystemClock::shared(), SystemRandom::shared());
    let key = SigningKey::generate(&*random)?;
    let verifier =
        Verifier::access_tokens(ISSUER, ISSUER).own_issuer().keys(key.key_set()).clock(clock.clone()).build();
    let app = App {
        people: Arc::new(People::of_the_example()),
        documents: Arc::default(),
        verifier: Arc::new(verifier),
        issuer: Arc::new(Issuer::new(ISSUER, key, clock, random)),
    };
    Ok(api().with_state(app))
}
