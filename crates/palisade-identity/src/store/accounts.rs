//! Accounts and their passwords' hashes, in a store.

use crate::{
    account::{Account, AccountId, Status},
    audit::AuditEntry,
    email::Email,
    password::PasswordHash,
    role::Roles,
    store::{Engine, StoreFuture},
    username::Username,
};

/// Keeps accounts.
pub trait AccountStore: Engine {
    /// Adds an account.
    ///
    /// # Errors
    ///
    /// [`UsernameTaken`](super::StoreError::UsernameTaken): of two that ask at once exactly one wins.
    fn insert_account(&self, new: NewAccount, audit: AuditEntry) -> StoreFuture<()>;

    /// The account `id`, if there is one.
    fn account(&self, id: AccountId) -> StoreFuture<Option<Account>>;

    /// The account called `username`, if there is one.
    fn account_named(&self, username: &Username) -> StoreFuture<Option<Account>>;

    /// What signing in to `username` needs, if there is such an account and it has a password.
    fn sign_in_record(&self, username: &Username) -> StoreFuture<Option<SignInRecord>>;

    /// The hash of the password of the account `id`, if there is one.
    fn password_hash(&self, id: AccountId) -> StoreFuture<Option<PasswordHash>>;

    /// Accounts in the order of their ids, which is that of their making, starting behind `after`. An account made
    /// or changed meanwhile neither repeats nor skips another.
    fn accounts(&self, after: Option<AccountId>, at_most: PageSize) -> StoreFuture<Vec<Account>>;

    /// How many active accounts have the role admin.
    fn active_admins(&self) -> StoreFuture<u64>;

    /// Changes the account `id` as of `audit.at`, and answers what it is now.
    ///
    /// # Errors
    ///
    /// [`NotFound`](super::StoreError::NotFound), [`Stale`](super::StoreError::Stale) by
    /// [`AccountChange::Password`] and [`AccountChange::Email`], [`AddressTaken`](super::StoreError::AddressTaken) by the
    /// latter, and [`LastAdmin`](super::StoreError::LastAdmin) when no active admin would be left: also of two changes at
    /// once at most one wins.
    fn change_account(&self, id: AccountId, change: AccountChange, audit: AuditEntry)
    -> StoreFuture<Account>;

    /// Replaces a hash of a password by another hash of the same password; the generation stays. Answers whether
    /// the old one was still there, and does nothing otherwise.
    fn rehash(&self, rehash: Rehash) -> StoreFuture<bool>;
}

/// An account to be added.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The account.
    pub account: Account,
    /// Its password's hash; a service has none.
    pub password: Option<PasswordHash>,
}

/// An account beside the hash its password is checked against, read at one moment.
#[derive(Clone, Debug)]
pub struct SignInRecord {
    /// The account.
    pub account: Account,
    /// Its password's hash.
    pub password: PasswordHash,
}

/// A change of one account.
#[derive(Clone, Debug)]
pub enum AccountChange {
    /// An address, and whether it is known to be the account's owner's as of now. Proofs of the address before it do not
    /// stand any more.
    Email {
        /// The address.
        address: Email,
        /// Whether it counts as proven.
        verified: bool,
        /// The account's generation when its owner asked for it; `None` when somebody else did.
        generation: Option<u64>,
    },
    /// May be used, or may not; the latter raises the generation.
    Status(Status),
    /// Other roles.
    Roles(Roles),
    /// Another password, which raises the generation.
    Password {
        /// The new hash.
        new: PasswordHash,
        /// The hash the caller has proved the password of; `None` when nobody had to.
        replacing: Option<PasswordHash>,
        /// The one token (its `jti`) that does not end.
        keeping: Option<String>,
    },
    /// Raises the generation.
    EndTokens,
}

/// A new hash of the same password.
#[derive(Clone, Debug)]
pub struct Rehash {
    /// Whose.
    pub id: AccountId,
    /// The hash that was checked.
    pub old: PasswordHash,
    /// The hash to keep from now on.
    pub new: PasswordHash,
}

/// How many records a page has: 1 to [`PageSize::LARGEST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(u32);

impl PageSize {
    /// The largest page; whoever shows pages of 200 can ask for one record more to see whether another follows.
    pub const LARGEST: Self = Self(500);

    /// A page of `records`, or the nearest size there is.
    pub fn nearest(records: u32) -> Self {
        Self(records.clamp(1, Self::LARGEST.0))
    }

    /// The number of records.
    pub const fn records(self) -> u32 {
        self.0
    }
}
