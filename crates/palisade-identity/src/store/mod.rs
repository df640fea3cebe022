//! What identity asks of a store, engine by engine the same; the suite under the feature `contract` is the proof.
//!
//! **Writes** are handed over when the method is called, or at the first poll at the latest, and then run to their
//! end: dropping the future gives up the answer, not the write. A write that has been acknowledged is durable and
//! seen by every later read of every process. Each is one transaction.
//!
//! **Reads** see what has been committed. A store in the same process answers them in microseconds on the caller's
//! thread.
//!
//! A store keeps what it is given and knows no rule of its own, except the ones that only a transaction can keep:
//! usernames are unique, as are proven addresses, the last active admin stays, the first admin is made once, a mailed
//! link works once, stored roles go together.

mod accounts;
mod api_keys;
mod audit;
mod changes;
mod first_admin;
mod keys;
mod proofs;
mod roles;
mod sessions;

use std::{fmt, pin::Pin, sync::Arc};

pub use self::{
    accounts::{AccountChange, AccountStore, NewAccount, PageSize, Rehash, SignInRecord},
    api_keys::{ApiKeyStore, NewApiKey, Replaced},
    audit::{AuditRow, AuditStore},
    changes::{ChangeFeed, Changed, ChangedRecords},
    first_admin::{Claimed, FirstAdminSecretHash, FirstAdminStore, Offer},
    keys::{KeyChange, KeyRecord, KeyStore},
    proofs::{Deed, Proof, ProofHash, ProofStore, Purpose, Redeemed},
    roles::{Member, RoleStore},
    sessions::{FormerSecret, Rotation, SessionRecord, SessionSecretHash, SessionStore},
};

use crate::roles::RoleRefused;

/// What a store answers, later.
pub type StoreFuture<T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send>>;

/// Everything a store keeps.
pub trait Store:
    AccountStore
    + SessionStore
    + ApiKeyStore
    + KeyStore
    + FirstAdminStore
    + ProofStore
    + RoleStore
    + AuditStore
    + ChangeFeed
{
}

impl<
    S: AccountStore
        + SessionStore
        + ApiKeyStore
        + KeyStore
        + FirstAdminStore
        + ProofStore
        + RoleStore
        + AuditStore
        + ChangeFeed,
> Store for S
{
}

/// A store that can be handed around.
pub type SharedStore = Arc<dyn Store>;

/// What every part of a store is.
pub trait Engine: fmt::Debug + Send + Sync + 'static {}

impl<S: fmt::Debug + Send + Sync + 'static> Engine for S {}

/// Why a store did not do what it was asked. Nothing was changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The caller's: another account has this username.
    #[error("the username is taken")]
    UsernameTaken,
    /// The caller's: another account's owner has proven this address.
    #[error("the address is another account's")]
    AddressTaken,
    /// The caller's: there is no such account, key or session.
    #[error("there is no such account, key or session")]
    NotFound,
    /// The caller's: no active admin would be left.
    #[error("the last active admin cannot be removed, demoted or disabled")]
    LastAdmin,
    /// The caller's: the record is no longer what the change was based on.
    #[error("it has been changed meanwhile")]
    Stale,
    /// The caller's: there are as many as there may be.
    #[error("there are as many as there may be")]
    Full,
    /// The caller's: the roles, or who holds them, would not go together.
    #[error(transparent)]
    Role(#[from] RoleRefused),
    /// Nobody's: too many writes are waiting, or another process holds the store. Trying again may help.
    #[error("the store is busy")]
    Busy,
    /// The engine's: it did not answer, or the disk refused. For the log.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// Somebody's who wrote into the store from outside: a record cannot be read. For the log.
    #[error("the store holds what cannot be read: {0}")]
    Corrupt(String),
    /// The operator's: a newer version of this program has used the store.
    #[error(
        "the store has schema version {found}; this program knows versions up to {known}: run the newer program"
    )]
    SchemaTooNew {
        /// The version found.
        found: u32,
        /// The newest version this program knows.
        known: u32,
    },
}
