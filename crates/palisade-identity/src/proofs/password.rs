//! A forgotten password.

use palisade::secret::SecretString;

use super::{ProofToken, Proofs};
use crate::{
    account::{Account, Kind},
    accounts::AccountsError,
    audit::{Action, Actor},
    email::Email,
    mail::Message,
    store::{Deed, Purpose, Redeemed},
    username::Username,
};

impl Proofs {
    /// Sends a link that sets another password, later, to the proven address of the account of this name or proven
    /// address; an address counts before a name that looks like one. Whether there is such an account, nobody is told,
    /// neither by the answer nor by its time: it is looked up after the answer.
    ///
    /// # Errors
    ///
    /// [`AccountsError::NoMail`]; [`AccountsError::Store`] when the store does not answer just now. Neither depends on who
    /// is named, and a full outbox is not told.
    pub fn forgot_password(&self, name_or_address: &str) -> Result<(), AccountsError> {
        // Longer ones are nobody's, and would lie in memory until their turn comes.
        let named: String = name_or_address.chars().take(Email::MAX_BYTES + 1).collect();
        self.store().version()?;
        match self.post(|proofs| async move { proofs.write_reset(&named).await }) {
            Ok(()) | Err(AccountsError::OutboxFull) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Sets another password for the account `token` was made for. All its tokens, sessions and API keys end, and its
    /// proven address is told.
    ///
    /// # Errors
    ///
    /// [`AccountsError::LinkVoid`]; [`AccountsError::WeakPassword`], which leaves the link good;
    /// [`AccountsError::Password`] and [`AccountsError::Store`].
    pub async fn reset_password(
        &self,
        token: &SecretString,
        new: SecretString,
    ) -> Result<Account, AccountsError> {
        let accounts = &self.0.accounts;
        let hash = ProofToken::parse(token).ok_or(AccountsError::LinkVoid)?.hash();
        let standing = self.store().standing_proof(hash, accounts.clock().now()).await?;
        let (proof, account) = standing.ok_or(AccountsError::LinkVoid)?;
        if proof.purpose != Purpose::ResetPassword {
            return Err(AccountsError::LinkVoid);
        }
        let new = accounts.hash(new, &account.username, &account.email).await?;
        let audit = accounts.entry(Actor::Nobody, Action::PasswordReset, proof.account);
        let redeemed = self.store().redeem(hash, Deed::ResetPassword(new), audit).await;
        // Also after an error: it may have been committed although nobody could say so.
        accounts.forget(proof.account);
        let Redeemed { after, .. } = redeemed?.ok_or(AccountsError::LinkVoid)?;
        if after.email_verified_at.is_some() {
            let notice = self.0.texts.password_reset(after.email.clone(), &after.username);
            // Without mail nobody can be told, and a full outbox has been logged.
            let _sent = self.post(|_| std::future::ready(Ok(Some(notice))));
        }
        Ok(after)
    }

    async fn write_reset(&self, named: &str) -> Result<Option<Message>, AccountsError> {
        let Some(account) = self.find(named).await? else { return Ok(None) };
        let reachable =
            account.is_active() && account.kind == Kind::Person && account.email_verified_at.is_some();
        if !reachable || !self.may_mail(&account.email, Purpose::ResetPassword, None) {
            return Ok(None);
        }
        let audit = self.0.accounts.entry(Actor::Nobody, Action::ResetMailed, account.id);
        let address = account.email.clone();
        let (token, _) =
            self.issue(&account, Purpose::ResetPassword, address.clone(), false, Some(audit)).await?;
        Ok(Some(self.0.texts.reset(address, &account.username, &token)))
    }

    async fn find(&self, named: &str) -> Result<Option<Account>, AccountsError> {
        let named = named.trim();
        if let Ok(address) = Email::new(named)
            && let Some(account) = self.store().account_proven(&address).await?
        {
            return Ok(Some(account));
        }
        match Username::new(named) {
            Ok(username) => Ok(self.store().account_named(&username).await?),
            Err(_) => Ok(None),
        }
    }
}
