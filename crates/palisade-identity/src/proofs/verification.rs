//! Proving an address: the one an account has, or the one it is to have.

use palisade::secret::SecretString;

use super::{ProofToken, Proofs};
use crate::{
    account::{Account, AccountId},
    accounts::AccountsError,
    audit::{Action, Actor},
    email::Email,
    mail::Message,
    store::{AccountChange, Deed, Purpose, Redeemed},
};

/// What came of asking for another address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailChange {
    /// It is the account's now, unproven: this server sends no mail.
    Done,
    /// A link was sent to it; until it is proven, all stays as it is.
    Asked,
}

impl Proofs {
    /// Asks whoever reads the mail of a new account to prove it. Whether somebody else has proven the address already
    /// shows in the message alone.
    pub fn welcome(&self, account: &Account) {
        // Without mail there is nothing to do, and with a full outbox its owner can ask again.
        let _sent = self.request_verification(account.id);
    }

    /// Sends a link that proves the address of `id`, later, unless it is proven.
    ///
    /// # Errors
    ///
    /// [`AccountsError::NoMail`] and [`AccountsError::OutboxFull`].
    pub fn request_verification(&self, id: AccountId) -> Result<(), AccountsError> {
        self.post(|proofs| async move { proofs.write_verification(id).await })
    }

    /// Asks for `new` to be the address of `account`. With mail it is, once it has been proven; without, at once.
    ///
    /// Whoever calls this has seen to it that the account's owner signed in just now: an address is a way in. `account` is
    /// as it was then. If its tokens have ended since, or its address has changed, nothing comes of the request.
    ///
    /// # Errors
    ///
    /// [`AccountsError::OutboxFull`]; without mail [`AccountsError::ChangedMeanwhile`] when the account's tokens have
    /// ended since, [`AccountsError::NotFound`] and [`AccountsError::Store`].
    pub async fn change_email(&self, account: &Account, new: Email) -> Result<EmailChange, AccountsError> {
        let accounts = &self.0.accounts;
        if self.sends_mail() {
            let asking = account.clone();
            self.post(|proofs| async move { proofs.write_change(asking, new).await })?;
            return Ok(EmailChange::Asked);
        }
        let id = account.id;
        if accounts.by_id(id).await?.email != new {
            let audit = accounts.entry(Actor::Account(id), Action::ProfileChanged, id);
            let generation = Some(account.generation);
            let change = AccountChange::Email { address: new, verified: false, generation };
            accounts.change(id, change, audit).await?;
        }
        Ok(EmailChange::Done)
    }

    /// Proves the address that `token` was sent to: it is its account's from now on. The address before it is told.
    ///
    /// # Errors
    ///
    /// [`AccountsError::LinkVoid`]; [`AccountsError::AddressTaken`] when another account's owner has proven it, which is
    /// told to nobody but whoever reads its mail; [`AccountsError::Store`].
    pub async fn verify_email(&self, token: &SecretString) -> Result<Account, AccountsError> {
        let accounts = &self.0.accounts;
        let hash = ProofToken::parse(token).ok_or(AccountsError::LinkVoid)?.hash();
        let standing = self.store().standing_proof(hash, accounts.clock().now()).await?;
        let (proof, _) = standing.ok_or(AccountsError::LinkVoid)?;
        let action = match proof.purpose {
            Purpose::ChangeEmail => Action::EmailChanged,
            Purpose::VerifyEmail | Purpose::ResetPassword => Action::EmailVerified,
        };
        let audit = accounts.entry(Actor::Account(proof.account), action, proof.account);
        let redeemed = self.store().redeem(hash, Deed::ProveAddress, audit).await;
        // Also after an error: it may have been committed although nobody could say so.
        accounts.forget(proof.account);
        let Redeemed { before, after } = redeemed?.ok_or(AccountsError::LinkVoid)?;
        self.tell_former_address(&before, &after);
        Ok(after)
    }

    /// Sets the address of an account for somebody else, by the rules of [`Accounts::set_email`](crate::accounts::Accounts::set_email); an address that was proven
    /// and is not the account's any more is told.
    ///
    /// # Errors
    ///
    /// As [`Accounts::set_email`](crate::accounts::Accounts::set_email).
    pub async fn set_email(
        &self,
        actor: Actor,
        id: AccountId,
        email: Option<Email>,
        verified: Option<bool>,
    ) -> Result<Account, AccountsError> {
        let before = self.0.accounts.by_id(id).await?;
        let after = self.0.accounts.set_email(actor, id, email, verified).await?;
        self.tell_former_address(&before, &after);
        Ok(after)
    }

    fn tell_former_address(&self, before: &Account, after: &Account) {
        if before.email_verified_at.is_some() && before.email != after.email {
            let notice = self.0.texts.address_changed(before.email.clone(), &after.username);
            // A full outbox has been logged, and what is done is done.
            let _sent = self.post(|_| std::future::ready(Ok(Some(notice))));
        }
    }

    async fn write_verification(&self, id: AccountId) -> Result<Option<Message>, AccountsError> {
        let account = self.0.accounts.by_id(id).await?;
        let address = account.email.clone();
        if !account.is_active()
            || account.email_verified_at.is_some()
            || !self.may_mail(&address, Purpose::VerifyEmail, Some(id))
        {
            return Ok(None);
        }
        if let Some(owner) = self.store().account_proven(&address).await? {
            return Ok(Some(self.0.texts.address_known(address, &owner.username)));
        }
        let (token, _) = self.issue(&account, Purpose::VerifyEmail, address.clone(), false, None).await?;
        Ok(Some(self.0.texts.verify(address, &account.username, &token)))
    }

    /// `asking` is the account as it was when it asked: a link made for what it is by now would outlive the end of the
    /// session that asked.
    async fn write_change(&self, asking: Account, new: Email) -> Result<Option<Message>, AccountsError> {
        let id = asking.id;
        let account = self.0.accounts.by_id(id).await?;
        if (account.generation, &account.email) != (asking.generation, &asking.email) {
            return Ok(None);
        }
        if account.email == new {
            return self.write_verification(id).await;
        }
        if !account.is_active() || !self.may_mail(&new, Purpose::ChangeEmail, Some(id)) {
            return Ok(None);
        }
        let owner = self.store().account_proven(&new).await?;
        if let Some(owner) = owner.filter(|owner| owner.id != id) {
            return Ok(Some(self.0.texts.address_known(new, &owner.username)));
        }
        let audit = self.0.accounts.entry(Actor::Account(id), Action::EmailChangeAsked, id);
        let (token, _) = self.issue(&account, Purpose::ChangeEmail, new.clone(), false, Some(audit)).await?;
        Ok(Some(self.0.texts.change(new, &account.username, &token)))
    }
}
