//! Signing keys, sealed, in a store.

use palisade::clock::Timestamp;

use crate::{
    audit::AuditEntry,
    store::{Engine, StoreFuture},
};

/// Keeps signing keys. Their private halves arrive sealed: a store, and whoever copies it, cannot use them.
pub trait KeyStore: Engine {
    /// All signing keys, the oldest first.
    fn keys(&self) -> StoreFuture<Vec<KeyRecord>>;

    /// Changes the keys in one transaction.
    ///
    /// # Errors
    ///
    /// [`NotFound`](super::StoreError::NotFound) for an unknown `kid`, and [`Stale`](super::StoreError::Stale) by
    /// [`KeyChange::Rotate`].
    fn change_keys(&self, change: KeyChange, audit: AuditEntry) -> StoreFuture<()>;
}

/// A signing key as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// The key's id, `kid` in tokens (RFC 7515, section 4.1.4).
    pub kid: String,
    /// The algorithm it signs with, as `alg` names it.
    pub algorithm: String,
    /// The private half, sealed under the master key.
    pub sealed: Vec<u8>,
    /// The public half as a JWK (RFC 7517), in JSON.
    pub public_jwk: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it signs.
    pub active_from: Timestamp,
    /// Until when tokens it signed are accepted; `None` while it signs.
    pub accepted_until: Option<Timestamp>,
}

/// A change of the signing keys.
#[derive(Clone, Debug)]
pub enum KeyChange {
    /// `new` signs from now on; the keys that signed until now are accepted until `accept_old_until`, and those
    /// that are accepted no longer as of `new.created_at` are removed.
    Rotate {
        /// The key to sign with.
        new: KeyRecord,
        /// Until when tokens of the keys before it are accepted.
        accept_old_until: Timestamp,
        /// The key the caller believes to be signing, `None` for no key: two processes that both start without
        /// keys, or rotate at once, must not both win.
        replacing: Option<String>,
    },
    /// Removes a key at once: nothing it signed is accepted any more.
    Remove {
        /// The key's id.
        kid: String,
    },
}
