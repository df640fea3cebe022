//! How a process notices what another process, or another part of it, has changed in a store.

use crate::{
    id::{AccountId, ApiKeyId, SessionId},
    store::{Engine, StoreError},
};

/// Says cheaply whether something has changed that is kept in memory. Called on the way of every request: these do not wait.
pub trait ChangeFeed: Engine {
    /// The number of the newest committed change of an existing account (with what it was given), session or API key, of
    /// the stored roles, or of the signing keys, by any process; it only grows. What is new, hashes renewed, when something
    /// was last used, and audit entries do not count: no cache holds them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot say; the caller then knows nothing either.
    fn version(&self) -> Result<u64, StoreError>;

    /// What has changed after `version`.
    ///
    /// # Errors
    ///
    /// As [`version`](Self::version).
    fn changed_since(&self, version: u64) -> Result<Changed, StoreError>;
}

/// What has changed, up to and including the change number `version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The number to ask from next time.
    pub version: u64,
    /// What changed; `None` when it was too long ago to say: then forget all.
    pub records: Option<ChangedRecords>,
    /// Whether the signing keys have changed, or may have.
    pub keys: bool,
    /// Whether the stored roles have changed, or may have.
    pub roles: bool,
}

/// The records that changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedRecords {
    /// Accounts that were changed, or given other roles.
    pub accounts: Vec<AccountId>,
    /// Browser sessions that ended or were changed.
    pub sessions: Vec<SessionId>,
    /// API keys that were revoked or changed.
    pub api_keys: Vec<ApiKeyId>,
}
