//! API keys, in a store.

use palisade::{api_key::LinkId, clock::Timestamp};

use crate::{
    account::AccountId,
    api_keys::ApiKey,
    audit::AuditEntry,
    id::ApiKeyId,
    store::{Engine, StoreFuture},
};

/// Keeps API keys. Of their secrets it gets a keyed hash: a store, and whoever copies it, can use none.
pub trait ApiKeyStore: Engine {
    /// Adds a key.
    ///
    /// # Errors
    ///
    /// [`NotFound`](super::StoreError::NotFound) when there is no such account, or it has no such key to be replaced;
    /// [`Stale`](super::StoreError::Stale) when that key has been replaced already, of two at once one wins, and when the
    /// account is disabled or of another [generation](NewApiKey::generation);
    /// [`Full`](super::StoreError::Full).
    fn insert_api_key(&self, new: NewApiKey, audit: AuditEntry) -> StoreFuture<()>;

    /// The key `id`, if there is one.
    fn api_key(&self, id: ApiKeyId) -> StoreFuture<Option<ApiKey>>;

    /// The keys of the account `of`, the oldest first.
    fn api_keys(&self, of: AccountId) -> StoreFuture<Vec<ApiKey>>;

    /// Removes the key `id` of the account `of`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](super::StoreError::NotFound), also when the key is another account's.
    fn remove_api_key(&self, of: AccountId, id: ApiKeyId, audit: AuditEntry) -> StoreFuture<()>;

    /// Removes all keys of the account `of`, and answers which. Without any there is no entry either.
    fn remove_api_keys(&self, of: AccountId, audit: AuditEntry) -> StoreFuture<Vec<ApiKeyId>>;

    /// Writes down that a link of keys derived from the key `id` of the account `of` is revoked, as long as the key is
    /// kept; at most `at_most` of them. Once more changes nothing, and there is no entry.
    ///
    /// # Errors
    ///
    /// [`NotFound`](super::StoreError::NotFound), also when the key is another account's;
    /// [`Full`](super::StoreError::Full).
    fn revoke_api_key_link(
        &self,
        of: AccountId,
        id: ApiKeyId,
        link: LinkId,
        at_most: u32,
        audit: AuditEntry,
    ) -> StoreFuture<()>;

    /// Writes down that the key `id` was used `at` that moment, unless it was used later. No cache forgets it for that. A
    /// key that is gone is nothing to write about.
    fn api_key_used(&self, id: ApiKeyId, at: Timestamp) -> StoreFuture<()>;
}

/// A key to be added.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// The key.
    pub key: ApiKey,
    /// The generation its account must still have: that of whoever asked, if it is their own.
    pub generation: u64,
    /// The key of the same account it is made in the place of.
    pub replacing: Option<Replaced>,
    /// How many keys its account may have then.
    pub at_most: u32,
    /// Keys of the account that have been dead since before this moment are removed first.
    pub dead_since: Timestamp,
}

/// A key that is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Which.
    pub id: ApiKeyId,
    /// From when on it is dead.
    pub until: Timestamp,
}
