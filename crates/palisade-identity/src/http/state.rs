//! What the handlers share.

use std::{ops::Deref, sync::Arc, time::Duration};

use axum::extract::FromRef;
use palisade::{clock::SharedClock, decision::Decisions, token::Verifier};

use super::caller_cache::{CallerCache, Capacity};
use crate::{
    accounts::{Accounts, ProvenPasswords},
    api_keys::{self, ApiKeys},
    keys::SigningKeys,
    limits::{SignInLimit, SignUpLimit},
    proofs::Proofs,
    sessions::Sessions,
};

/// Whether anybody may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUp {
    /// Anybody may.
    Open,
    /// Only admins make accounts.
    Off,
}

/// The identity layer: the state of its routes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Identity(pub(super) Arc<Inner>);

/// What it is made of, and what its routes keep.
#[derive(Debug)]
pub(super) struct Inner {
    parts: Parts,
    /// Who came with which credential.
    pub(super) callers: CallerCache,
}

impl Deref for Inner {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// What [`Identity`] is made of.
#[derive(Debug)]
pub struct Parts {
    /// The accounts.
    pub accounts: Accounts,
    /// Their browser sessions.
    pub sessions: Sessions,
    /// Passwords that were right a moment ago.
    pub proven: ProvenPasswords,
    /// The API keys of the accounts.
    pub api_keys: ApiKeys,
    /// Proofs of addresses, and ways back in.
    pub proofs: Proofs,
    /// The keys tokens are signed and verified with.
    pub keys: SigningKeys,
    /// Verifies what `keys` signed. As many callers are cached by their tokens as it is
    /// [told to cache tokens](palisade::token::VerifierBuilder::cache).
    pub verifier: Arc<Verifier>,
    /// The address tokens are issued in the name of, and for.
    pub issuer: String,
    /// How long an access token is valid, in whole seconds.
    pub token_lifetime: Duration,
    /// Whether anybody may make an account.
    pub sign_up: SignUp,
    /// How often an address may fail to sign in.
    pub sign_in_limit: SignInLimit,
    /// How often an address may sign up.
    pub sign_up_limit: SignUpLimit,
    /// Tells the time.
    pub clock: SharedClock,
    /// Why callers were refused: those that the router keeps ([`Router::decisions`](palisade::Router::decisions)).
    pub decisions: Decisions,
}

impl Identity {
    /// What it is made of, for routes beside those of this layer.
    pub fn parts(&self) -> &Parts {
        &self.0.parts
    }
}

impl From<Parts> for Identity {
    fn from(parts: Parts) -> Self {
        let capacity = Capacity {
            tokens: parts.verifier.cache_capacity(),
            sessions: parts.sessions.kept(),
            keys: api_keys::KEPT,
        };
        let callers = CallerCache::new(parts.accounts.changes().clone(), capacity);
        Self(Arc::new(Inner { parts, callers }))
    }
}

impl FromRef<Identity> for Arc<Verifier> {
    fn from_ref(identity: &Identity) -> Self {
        identity.0.verifier.clone()
    }
}

impl FromRef<Identity> for Accounts {
    fn from_ref(identity: &Identity) -> Self {
        identity.0.accounts.clone()
    }
}

impl FromRef<Identity> for Proofs {
    fn from_ref(identity: &Identity) -> Self {
        identity.0.proofs.clone()
    }
}

impl FromRef<Identity> for Sessions {
    fn from_ref(identity: &Identity) -> Self {
        identity.0.sessions.clone()
    }
}

impl FromRef<Identity> for ApiKeys {
    fn from_ref(identity: &Identity) -> Self {
        identity.0.api_keys.clone()
    }
}
