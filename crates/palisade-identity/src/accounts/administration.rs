//! What is done with the accounts of others. `actor` is who does it, for the audit trail.

use palisade::secret::SecretString;
use serde_json::json;

use super::{Accounts, AccountsError, Applicant};
use crate::{
    account::{Account, AccountId, Status},
    audit::{Action, Actor},
    first_admin,
    role::{Role, Roles},
    store::{AccountChange, Claimed, PageSize},
};

impl Accounts {
    /// Makes an account with `roles`.
    ///
    /// # Errors
    ///
    /// As [`sign_up`](Self::sign_up).
    pub async fn admin_create(
        &self,
        actor: Actor,
        applicant: Applicant,
        roles: Roles,
    ) -> Result<Account, AccountsError> {
        let new = self.prepare(applicant, roles).await?;
        let account = new.account.clone();
        let audit =
            self.entry(actor, Action::AccountCreated, account.id).with_detail(json!({ "roles": roles }));
        self.0.store.insert_account(new, audit).await?;
        Ok(account)
    }

    /// Makes the first admin for whoever knows the secret. See [`first_admin`].
    ///
    /// # Errors
    ///
    /// [`AccountsError::FirstAdminRefused`], which costs no hash, and those of [`sign_up`](Self::sign_up).
    pub async fn claim_first_admin(
        &self,
        secret: &SecretString,
        applicant: Applicant,
    ) -> Result<Account, AccountsError> {
        let secret = first_admin::hash(secret);
        let offer = self.0.store.first_admin_offer().await?;
        if !offer.is_some_and(|offer| offer.secret == secret && offer.stands(self.0.clock.now())) {
            return Err(AccountsError::FirstAdminRefused);
        }
        let new = self.prepare(applicant, Role::Admin.into()).await?;
        let account = new.account.clone();
        let audit = self.entry(Actor::Nobody, Action::FirstAdminCreated, account.id);
        match self.0.store.claim_first_admin(secret, new, audit).await? {
            Claimed::Granted => Ok(account),
            Claimed::Refused => Err(AccountsError::FirstAdminRefused),
        }
    }

    /// Accounts in the order of their making, starting behind `after`.
    ///
    /// # Errors
    ///
    /// [`AccountsError::Store`].
    pub async fn list(
        &self,
        after: Option<AccountId>,
        at_most: PageSize,
    ) -> Result<Vec<Account>, AccountsError> {
        Ok(self.0.store.accounts(after, at_most).await?)
    }

    /// Sets another address for `id`.
    ///
    /// # Errors
    ///
    /// [`AccountsError::NotFound`] and [`AccountsError::Store`].
    pub async fn set_email(
        &self,
        actor: Actor,
        id: AccountId,
        email: crate::email::Email,
    ) -> Result<Account, AccountsError> {
        self.change(id, AccountChange::Email(email), self.entry(actor, Action::ProfileChanged, id)).await
    }

    /// Disables `id`: it cannot sign in, and its tokens end, for good.
    ///
    /// # Errors
    ///
    /// [`AccountsError::LastAdmin`], also when two try at once; [`AccountsError::NotFound`], [`AccountsError::Store`].
    pub async fn disable(&self, actor: Actor, id: AccountId) -> Result<Account, AccountsError> {
        let audit = self.entry(actor, Action::AccountDisabled, id);
        self.change(id, AccountChange::Status(Status::Disabled), audit).await
    }

    /// Enables `id`: it can sign in again.
    ///
    /// # Errors
    ///
    /// [`AccountsError::NotFound`] and [`AccountsError::Store`].
    pub async fn enable(&self, actor: Actor, id: AccountId) -> Result<Account, AccountsError> {
        let audit = self.entry(actor, Action::AccountEnabled, id);
        self.change(id, AccountChange::Status(Status::Active), audit).await
    }

    /// Sets the roles of `id`, which count from the next request on.
    ///
    /// # Errors
    ///
    /// [`AccountsError::LastAdmin`], also when two try at once; [`AccountsError::NotFound`], [`AccountsError::Store`].
    pub async fn set_roles(
        &self,
        actor: Actor,
        id: AccountId,
        roles: Roles,
    ) -> Result<Account, AccountsError> {
        let audit = self.entry(actor, Action::RolesSet, id).with_detail(json!({ "roles": roles }));
        self.change(id, AccountChange::Roles(roles), audit).await
    }

    /// Sets another password for `id` without asking for the current one, and ends all its tokens in the same write.
    /// For whoever has the machine; no route leads here.
    ///
    /// # Errors
    ///
    /// [`AccountsError::NotFound`], [`AccountsError::WeakPassword`], [`AccountsError::Password`] and
    /// [`AccountsError::Store`].
    pub async fn set_password_by_operator(
        &self,
        id: AccountId,
        new: SecretString,
    ) -> Result<Account, AccountsError> {
        let account = self.by_id(id).await?;
        let new = self.hash(new, &account.username, &account.email).await?;
        let change = AccountChange::Password { new, replacing: None, keeping: None };
        self.change(id, change, self.entry(Actor::Operator, Action::PasswordSet, id)).await
    }
}
