//! What somebody does with their own account.

use palisade::secret::SecretString;

use super::{Accounts, AccountsError};
use crate::{
    account::{Account, AccountId},
    audit::{Action, Actor},
    password::{PasswordHash, Queue, Verified},
    store::AccountChange,
};

impl Accounts {
    /// Sets another password for `id`, whose `current` one is needed, and ends all its tokens in the same write but
    /// the one token or session named `keeping`, which the change was asked with.
    ///
    /// # Errors
    ///
    /// [`AccountsError::WrongPassword`]; [`AccountsError::WeakPassword`]; [`AccountsError::ChangedMeanwhile`] when the password was changed between
    /// check and write; [`AccountsError::NotFound`], [`AccountsError::Password`] and [`AccountsError::Store`].
    pub async fn change_password(
        &self,
        id: AccountId,
        current: SecretString,
        new: SecretString,
        keeping: Option<&str>,
    ) -> Result<Account, AccountsError> {
        let stored = self.0.store.password_hash(id).await?.ok_or(AccountsError::NotFound)?;
        let replacing = Some(self.prove(stored, current).await?);
        let account = self.by_id(id).await?;
        let new = self.hash(new, &account.username, &account.email).await?;
        let change = AccountChange::Password { new, replacing, keeping: keeping.map(str::to_owned) };
        self.change(id, change, self.entry(Actor::Account(id), Action::PasswordChanged, id)).await
    }

    async fn prove(
        &self,
        stored: PasswordHash,
        current: SecretString,
    ) -> Result<PasswordHash, AccountsError> {
        match self.0.hashing.verify(Queue::SignIn, current, Some(stored.clone())).await? {
            Verified::No => Err(AccountsError::WrongPassword),
            Verified::Yes | Verified::YesRehash(_) => Ok(stored),
        }
    }

    /// Ends all tokens of `id`.
    ///
    /// # Errors
    ///
    /// [`AccountsError::NotFound`] and [`AccountsError::Store`].
    pub async fn sign_out_everywhere(&self, id: AccountId) -> Result<Account, AccountsError> {
        let audit = self.entry(Actor::Account(id), Action::SignedOutEverywhere, id);
        self.change(id, AccountChange::EndTokens, audit).await
    }
}
