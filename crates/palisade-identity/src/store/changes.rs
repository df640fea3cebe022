//! How a process notices what another process, or another part of it, has changed in a store.

use crate::{
    account::AccountId,
    store::{Engine, StoreError},
};

/// Says cheaply whether accounts or keys have changed. Called on the way of every request: these do not wait.
pub trait ChangeFeed: Engine {
    /// The number of the newest committed change of an existing account or of the signing keys, by any process;
    /// it only grows. New accounts, hashes renewed and audit entries do not count: no cache holds them.
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
    /// The accounts that changed; `None` when it was too long ago to say which: then forget all.
    pub accounts: Option<Vec<AccountId>>,
    /// Whether the signing keys have changed, or may have.
    pub keys: bool,
}
