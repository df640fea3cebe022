//! Callers by the credential they came with: the way of a request whose credential was verified before.
//!
//! # What ends a cached caller
//!
//! All that can end a credential, or change what its caller may do, is of one of two kinds. Both are checked on every use:
//!
//! - **Something changed**: an account, a role, a session, a key, by this process or another. Whatever changes it raises the
//!   [epoch](crate::epochs) of its subject, and a caller that rests on the subject is worked out again. Changes by other processes
//!   come with the change feed, at most a millisecond late. When the feed does not answer, no cached caller is admitted.
//! - **Time passed**: [`Verifier::still_accepts`](palisade::token::Verifier::still_accepts) checks a token's times, that its key
//!   is still accepted, and that it was not revoked; [`SignedIn::has_expired`](crate::sessions::SignedIn) those of a session;
//!   [`ApiKeys::accept_again`](crate::api_keys::ApiKeys) those of an API key, and its quota.
//!
//! A new kind of ending is added where it happens, by raising the epoch of its subject, and where a credential is verified in
//! full, by refusing what has ended. The way of a request with a known credential stays as it is.
//!
//! # What they are found by
//!
//! A token lives for minutes, and is found by its whole text. Sessions and keys live for months, so their texts are not kept in
//! memory: they are found by the SHA-256 of the whole text, the secret included, which is compared in constant time.

use std::sync::Arc;

use aws_lc_rs::digest::{Digest, SHA256, digest};
use palisade::token::{AccessToken, VerifiedCache};

use super::{
    by_session::Found,
    current_account::{Caller, Proof, TokenProof},
};
use crate::{
    account::AccountId,
    changes::Changes,
    epochs::{Basis, Epoch, Subject},
    store::StoreError,
};

/// The callers in memory, by their credentials.
#[derive(Debug)]
pub(super) struct CallerCache {
    changes: Changes,
    /// `None` when no tokens are to be cached.
    tokens: Option<VerifiedCache<Arc<Caller>>>,
    sessions: VerifiedCache<Arc<Found>>,
    keys: VerifiedCache<Arc<Caller>>,
}

/// How many callers are cached at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Capacity {
    pub(super) tokens: usize,
    pub(super) sessions: usize,
    pub(super) keys: usize,
}

impl CallerCache {
    pub(super) fn new(changes: Changes, capacity: Capacity) -> Self {
        Self {
            changes,
            tokens: (capacity.tokens > 0).then(|| VerifiedCache::with_capacity(capacity.tokens)),
            sessions: VerifiedCache::with_capacity(capacity.sessions),
            keys: VerifiedCache::with_capacity(capacity.keys),
        }
    }

    /// Catches up with the change feed: before [`is_current`](Self::is_current) and [`epoch`](Self::epoch) are asked.
    pub(super) fn catch_up(&self) -> Result<(), StoreError> {
        self.changes.catch_up()
    }

    /// To be asked before an account, a session or a key is looked up, and given to [`basis`](Self::basis) after it.
    pub(super) fn epoch(&self) -> Epoch {
        self.changes.epochs().latest()
    }

    /// The basis of a caller who rests on `subjects` and was worked out after `as_of`.
    pub(super) fn basis<const N: usize>(&self, as_of: Epoch, subjects: [Subject; N]) -> Basis<N> {
        Basis::new(self.changes.epochs(), as_of, subjects)
    }

    /// Whether nothing has changed since that a caller rests on.
    pub(super) fn is_current<const N: usize>(&self, basis: &Basis<N>) -> bool {
        basis.holds(self.changes.epochs())
    }

    /// What proves a caller who is `account`, came with `token` and was worked out after `as_of`.
    pub(super) fn token_proof(
        &self,
        token: Arc<AccessToken>,
        account: AccountId,
        as_of: Epoch,
    ) -> TokenProof {
        let basis = self.basis(as_of, [Subject::Account(account)]);
        TokenProof { acceptance: token.acceptance().clone(), basis, token }
    }

    /// The caller who came with exactly this token before, whatever has changed since. Of it only the token may be used: its
    /// signature was verified.
    pub(super) fn of_token(&self, token: &[u8]) -> Option<Arc<Caller>> {
        self.tokens.as_ref()?.get(token)
    }

    /// Keeps `caller`, who came with the token `text`. One who came without a token is not kept.
    pub(super) fn insert_token(&self, text: &[u8], caller: &Arc<Caller>) {
        if let (Some(tokens), Proof::Token(_)) = (&self.tokens, &caller.proof) {
            tokens.insert(text, Arc::clone(caller));
        }
    }

    /// What exactly this text of a session was found to be before, whatever has changed since.
    pub(super) fn of_session(&self, text: &[u8]) -> Option<Arc<Found>> {
        self.sessions.get(hash(text).as_ref())
    }

    /// Keeps what the `text` of a session was found to be.
    pub(super) fn insert_session(&self, text: &[u8], found: &Arc<Found>) {
        self.sessions.insert(hash(text).as_ref(), Arc::clone(found));
    }

    /// The caller who came with exactly this API key before, whatever has changed since.
    pub(super) fn of_key(&self, text: &[u8]) -> Option<Arc<Caller>> {
        self.keys.get(hash(text).as_ref())
    }

    /// Keeps `caller`, who came with the API key `text`.
    pub(super) fn insert_key(&self, text: &[u8], caller: &Arc<Caller>) {
        self.keys.insert(hash(text).as_ref(), Arc::clone(caller));
    }
}

fn hash(text: &[u8]) -> Digest {
    digest(&SHA256, text)
}
