//! What can be done with accounts, and the rules of it.
//!
//! [`Accounts`] takes checked values, asks the store and the password hasher, and leaves an entry in the audit trail.
//! Who may call what is not decided here: a route's requirement does that.

mod active;
mod administration;
mod error;
mod hashing;
mod own;
mod proven;
mod roles;
mod sign_in;

use std::sync::Arc;

use palisade::{
    clock::SharedClock,
    random::{RandomUnavailable, SharedRandom},
    secret::SecretString,
};

use self::active::ActiveAccounts;
pub use self::{
    active::ActiveAccount,
    error::AccountsError,
    hashing::{HashFuture, PasswordHashing, Passwords},
    proven::ProvenPasswords,
};
use crate::{
    account::{Account, AccountId},
    audit::{Action, Actor, AuditEntry},
    changes::Changes,
    email::Email,
    password::{PasswordHash, Queue},
    role::Roles,
    store::{AccountChange, NewAccount, SharedStore, StoreError},
    username::Username,
};

/// The accounts of one store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Accounts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: SharedStore,
    hashing: Arc<dyn PasswordHashing>,
    clock: SharedClock,
    random: SharedRandom,
    active: ActiveAccounts,
}

/// Who is to get an account.
#[derive(Clone, Debug)]
pub struct Applicant {
    /// The name to sign in with.
    pub username: Username,
    /// Where mail goes.
    pub email: Email,
    /// The password.
    pub password: SecretString,
}

impl Accounts {
    /// The accounts in the store of `changes`.
    pub fn new(changes: Changes, hashing: Arc<dyn PasswordHashing>, random: SharedRandom) -> Self {
        let (store, clock) = (Arc::clone(changes.store()), Arc::clone(changes.clock()));
        let active = ActiveAccounts::begin(changes);
        Self(Arc::new(Inner { store, hashing, clock, random, active }))
    }

    /// The account `id` if it exists and is active, and what it may do, for the way of every request: from memory when
    /// nothing has changed. A change by this process is seen at once, one by another process a millisecond later.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot say; that is not "no".
    pub async fn active(&self, id: &AccountId) -> Result<Option<Arc<ActiveAccount>>, StoreError> {
        self.0.active.find(*id).await
    }

    /// The account `id`, active or not, as the store has it.
    ///
    /// # Errors
    ///
    /// [`AccountsError::NotFound`] and [`AccountsError::Store`].
    pub async fn by_id(&self, id: AccountId) -> Result<Account, AccountsError> {
        self.0.store.account(id).await?.ok_or(AccountsError::NotFound)
    }

    /// The account called `username`, active or not, as the store has it.
    ///
    /// # Errors
    ///
    /// [`AccountsError::NotFound`] and [`AccountsError::Store`].
    pub async fn by_username(&self, username: &Username) -> Result<Account, AccountsError> {
        self.0.store.account_named(username).await?.ok_or(AccountsError::NotFound)
    }

    /// The store, for what has no rules: reading the audit trail.
    pub fn store(&self) -> &SharedStore {
        &self.0.store
    }

    /// The change feed of that store.
    pub(crate) fn changes(&self) -> &Changes {
        self.0.active.changes()
    }

    pub(crate) fn clock(&self) -> &SharedClock {
        &self.0.clock
    }

    pub(crate) fn random(&self) -> &SharedRandom {
        &self.0.random
    }

    /// Forgets what is in memory of `id`, which this process has just changed or tried to.
    pub(crate) fn forget(&self, id: AccountId) {
        self.0.active.forget(id);
    }

    pub(crate) fn entry(&self, actor: Actor, action: Action, target: AccountId) -> AuditEntry {
        AuditEntry::new(self.0.clock.now(), actor, action, target)
    }

    pub(crate) async fn change(
        &self,
        id: AccountId,
        change: AccountChange,
        audit: AuditEntry,
    ) -> Result<Account, AccountsError> {
        let changed = self.0.store.change_account(id, change, audit).await;
        // Also after an error: it may have been committed although nobody could say so.
        self.forget(id);
        Ok(changed?)
    }

    /// Judges and hashes a new password of whoever is called `username`. It waits in the line of sign-ups, so that
    /// those who sign in do not wait for it.
    pub(crate) async fn hash(
        &self,
        password: SecretString,
        username: &Username,
        email: &Email,
    ) -> Result<PasswordHash, AccountsError> {
        let own = vec![username.to_string(), email.to_string()];
        self.0.hashing.judge(Queue::SignUp, password.clone(), own).await?;
        Ok(self.0.hashing.hash(Queue::SignUp, password).await?)
    }

    /// Hashes the applicant's password and gives the account an id. A name that is taken costs no hash.
    async fn prepare(&self, applicant: Applicant, roles: Roles) -> Result<NewAccount, AccountsError> {
        let Applicant { username, email, password } = applicant;
        if self.0.store.account_named(&username).await?.is_some() {
            return Err(AccountsError::UsernameTaken);
        }
        let password = self.hash(password, &username, &email).await?;
        let account = Account::new(self.draw_id()?, username, email, roles, self.0.clock.now());
        Ok(NewAccount { account, password: Some(password) })
    }

    fn draw_id(&self) -> Result<AccountId, RandomUnavailable> {
        AccountId::draw(&*self.0.clock, &*self.0.random)
    }
}
