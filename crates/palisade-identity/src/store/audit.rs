//! The audit trail, in a store.

use crate::{
    audit::{AuditEntry, Trail},
    store::{Engine, PageSize, StoreFuture},
};

/// Keeps the audit trail; nothing changes or removes an entry, except that [`Trail::SignIns`] is bounded.
pub trait AuditStore: Engine {
    /// Adds an entry that belongs to no change.
    fn record(&self, entry: AuditEntry) -> StoreFuture<()>;

    /// Entries of `trail`, the newest first, starting before `before`.
    fn audit(&self, trail: Trail, before: Option<u64>, at_most: PageSize) -> StoreFuture<Vec<AuditRow>>;
}

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place in its trail; later entries have higher ones.
    pub number: u64,
    /// The entry.
    pub entry: AuditEntry,
}
