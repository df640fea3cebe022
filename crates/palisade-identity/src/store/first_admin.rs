//! The single-use secret that makes the first admin, in a store.

use std::{fmt, time::Duration};

use palisade::clock::Timestamp;
use subtle::ConstantTimeEq as _;

use crate::{
    audit::AuditEntry,
    store::{Engine, NewAccount, StoreFuture},
};

/// Keeps the secret that makes the first admin, and sees to it that it does so once.
pub trait FirstAdminStore: Engine {
    /// Keeps `offer` instead of the one before it, unless an account with the role admin exists, active or not.
    /// Answers whether it was kept.
    ///
    /// An admin that comes to be in any way voids the offer for good.
    fn offer_first_admin(&self, offer: Offer) -> StoreFuture<bool>;

    /// The offer that is kept, if there is one; it may be void by its age.
    fn first_admin_offer(&self) -> StoreFuture<Option<Offer>>;

    /// Adds `new` and voids the offer, in one transaction, if `secret` is the offer's, the offer is younger than
    /// [`Offer::LIFETIME`] as of `audit.at`, and no account has the role admin. Of two claims at once one is granted.
    ///
    /// # Errors
    ///
    /// [`UsernameTaken`](super::StoreError::UsernameTaken); the offer stands then.
    fn claim_first_admin(
        &self,
        secret: FirstAdminSecretHash,
        new: NewAccount,
        audit: AuditEntry,
    ) -> StoreFuture<Claimed>;
}

/// The SHA-256 of the secret; `Debug` prints its name alone.
#[derive(Clone, Copy, Eq)]
pub struct FirstAdminSecretHash([u8; 32]);

impl FirstAdminSecretHash {
    /// Takes a hash as it was stored or made.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for FirstAdminSecretHash {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for FirstAdminSecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FirstAdminSecretHash")
    }
}

/// The offer to make whoever knows the secret the first admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The secret's hash.
    pub secret: FirstAdminSecretHash,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Offer {
    /// How long an offer stands: 24 hours.
    pub const LIFETIME: Duration = Duration::from_hours(24);

    /// Whether it still stands as of `now`. A clock that has been set back does not lengthen it.
    pub fn stands(&self, now: Timestamp) -> bool {
        self.created_at <= now && now < self.created_at.after(Self::LIFETIME)
    }
}

/// What came of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// The account exists and is admin.
    Granted,
    /// The secret is wrong or void, or there is an admin already: all look the same.
    Refused,
}
