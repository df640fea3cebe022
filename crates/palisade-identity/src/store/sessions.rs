//! Browser sessions, in a store.

use std::{fmt, net::IpAddr, sync::Arc};

use palisade::clock::Timestamp;
use subtle::ConstantTimeEq as _;

use crate::{
    audit::AuditEntry,
    id::{AccountId, SessionId},
    roles::AuthorityMark,
    store::{Engine, StoreFuture},
};

/// Keeps browser sessions. Raising an account's generation removes its sessions, but the one the account keeps.
pub trait SessionStore: Engine {
    /// Adds a session. When its account has more than `at_most` then, those begun first are removed; answers which.
    ///
    /// # Errors
    ///
    /// [`NotFound`](super::StoreError::NotFound) when there is no such account.
    fn insert_session(
        &self,
        new: SessionRecord,
        at_most: u32,
        audit: AuditEntry,
    ) -> StoreFuture<Vec<SessionId>>;

    /// The session `id`, if there is one; whether it still counts is the caller's question.
    fn session(&self, id: SessionId) -> StoreFuture<Option<SessionRecord>>;

    /// The sessions of `account`, those begun last first.
    fn sessions(&self, account: AccountId) -> StoreFuture<Vec<SessionRecord>>;

    /// Gives a session another secret; it is seen by that, as of `audit.at`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](super::StoreError::NotFound) when there is no such session, and
    /// [`Stale`](super::StoreError::Stale) when its secret is no longer [`Rotation::replacing`]: of two that ask at
    /// once exactly one wins.
    fn rotate_session(&self, rotation: Rotation, audit: AuditEntry) -> StoreFuture<()>;

    /// Removes the session `id` of `account`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](super::StoreError::NotFound) when that account has no such session.
    fn end_session(&self, account: AccountId, id: SessionId, audit: AuditEntry) -> StoreFuture<()>;

    /// Removes all sessions of `account` but `keeping`; answers how many. Without any there is no entry either.
    fn end_sessions(
        &self,
        account: AccountId,
        keeping: Option<SessionId>,
        audit: AuditEntry,
    ) -> StoreFuture<u64>;

    /// Notes when sessions were last seen; a moment earlier than the one noted changes nothing. No cache holds it, so
    /// the [change feed](super::ChangeFeed) does not tell of it.
    fn sessions_seen(&self, seen: Vec<(SessionId, Timestamp)>) -> StoreFuture<()>;

    /// Removes up to `at_most` sessions that were last seen before `seen_before` or made before `made_before`; answers
    /// how many.
    fn remove_sessions(
        &self,
        seen_before: Timestamp,
        made_before: Timestamp,
        at_most: u32,
    ) -> StoreFuture<u64>;
}

/// A session as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub account: AccountId,
    /// The hash of its secret.
    pub secret: SessionSecretHash,
    /// The secret before that.
    pub former: Option<FormerSecret>,
    /// What the account might do when the secret was drawn.
    pub mark: AuthorityMark,
    /// The account's generation when the session began.
    pub generation: u64,
    /// When it began.
    pub created_at: Timestamp,
    /// When its account last proved itself in it.
    pub authenticated_at: Timestamp,
    /// When it was last used, to about a minute.
    pub last_seen: Timestamp,
    /// What the browser called itself when the session began.
    pub user_agent: Arc<str>,
    /// Where it began from.
    pub address: IpAddr,
}

/// A secret that has been replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormerSecret {
    /// Its hash.
    pub secret: SessionSecretHash,
    /// Until when it is accepted all the same.
    pub accepted_until: Timestamp,
}

/// Another secret for a session.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// Which session.
    pub id: SessionId,
    /// The new secret.
    pub secret: SessionSecretHash,
    /// The secret the caller believes it has; `None` when that does not matter.
    pub replacing: Option<SessionSecretHash>,
    /// Until when the old one is accepted.
    pub accept_old_until: Timestamp,
    /// What the account may do now.
    pub mark: AuthorityMark,
    /// When its account proved itself, if it just did.
    pub authenticated_at: Option<Timestamp>,
}

/// The SHA-256 of a session's secret; `Debug` prints its name alone.
#[derive(Clone, Copy, Eq)]
pub struct SessionSecretHash([u8; 32]);

impl SessionSecretHash {
    /// Takes a hash as it was stored or made.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for SessionSecretHash {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for SessionSecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionSecretHash")
    }
}
