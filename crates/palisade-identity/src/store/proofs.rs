//! Mailed proofs, in a store: that whoever has a link reads the mail of an address, or was handed it by an admin.

use std::fmt;

use palisade::clock::Timestamp;
use subtle::ConstantTimeEq as _;

use crate::{
    account::{Account, AccountId},
    audit::AuditEntry,
    email::Email,
    password::PasswordHash,
    store::{Engine, StoreFuture},
};

/// Keeps proofs that are still to be given, and sees to it that each works once.
pub trait ProofStore: Engine {
    /// The account whose owner has proven `address`, written in whatever case: who types it on a phone means the same.
    fn account_proven(&self, address: &Email) -> StoreFuture<Option<Account>>;

    /// Keeps `proof` beside the newest of its account and purpose that were [handed over](Proof::handed_over) as it was, or
    /// mailed as it was, [`Proof::KEPT`] in all, and removes what has expired
    /// as of its making.
    ///
    /// # Errors
    ///
    /// [`NotFound`](super::StoreError::NotFound) when there is no such account.
    fn keep_proof(&self, proof: Proof, audit: Option<AuditEntry>) -> StoreFuture<()>;

    /// The proof of this hash and its account, if it [stands](Proof::stands) as of `now`.
    fn standing_proof(&self, hash: ProofHash, now: Timestamp) -> StoreFuture<Option<(Proof, Account)>>;

    /// Does `deed` and removes the proof of this hash with those of the same account for the same deed, in one
    /// transaction, if the proof stands as of `audit.at` and is for this deed. Of two at once one is done.
    ///
    /// # Errors
    ///
    /// [`AddressTaken`](super::StoreError::AddressTaken); the proof is kept then.
    fn redeem(&self, hash: ProofHash, deed: Deed, audit: AuditEntry) -> StoreFuture<Option<Redeemed>>;
}

/// What a proof is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// That the account's address reaches its owner.
    VerifyEmail,
    /// That another address does, which is then the account's.
    ChangeEmail,
    /// To set another password.
    ResetPassword,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Self; 3] = [Self::VerifyEmail, Self::ChangeEmail, Self::ResetPassword];

    /// The purpose's name, as stores know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ChangeEmail => "change_email",
            Self::ResetPassword => "reset_password",
        }
    }
}

/// A proof that is still to be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The hash of the token in the link.
    pub hash: ProofHash,
    /// What it is for.
    pub purpose: Purpose,
    /// Whose it is.
    pub account: AccountId,
    /// The account's generation when it was made.
    pub generation: u64,
    /// The account's address when it was made.
    pub email: Email,
    /// The address it proves: `email`, or the one to come with [`Purpose::ChangeEmail`].
    pub address: Email,
    /// Whether an admin hands it over. Anybody can have one mailed, so those push none of these out.
    pub handed_over: bool,
    /// When it was made.
    pub issued_at: Timestamp,
    /// From when on it is void.
    pub expires_at: Timestamp,
}

impl Proof {
    /// How many of an account are kept for one purpose: whoever asks again while the first message is still on its way
    /// can use either.
    pub const KEPT: u32 = 3;

    /// Whether it still counts for `account` as of `now`: not expired, and neither the password nor the address has
    /// changed, nor the account been disabled, since it was made. A clock that has been set back does not lengthen it.
    pub fn stands(&self, account: &Account, now: Timestamp) -> bool {
        let unchanged = account.generation == self.generation && account.email == self.email;
        account.id == self.account
            && account.is_active()
            && unchanged
            && (self.issued_at..self.expires_at).contains(&now)
    }
}

/// What is done for whoever gives a proof.
#[derive(Clone, Debug)]
pub enum Deed {
    /// The proof's address is the account's, and proven.
    ProveAddress,
    /// The password is another one; all tokens, sessions and keys of the account end.
    ResetPassword(PasswordHash),
}

impl Deed {
    /// Whether a proof for `purpose` is one for this.
    pub fn is_for(&self, purpose: Purpose) -> bool {
        match self {
            Self::ProveAddress => matches!(purpose, Purpose::VerifyEmail | Purpose::ChangeEmail),
            Self::ResetPassword(_) => purpose == Purpose::ResetPassword,
        }
    }
}

/// An account before and after a deed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redeemed {
    /// As it was.
    pub before: Account,
    /// As it is now.
    pub after: Account,
}

/// The SHA-256 of a link's token; `Debug` prints its name alone.
#[derive(Clone, Copy, Eq)]
pub struct ProofHash([u8; 32]);

impl ProofHash {
    /// Takes a hash as it was stored or made.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for ProofHash {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for ProofHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProofHash")
    }
}
