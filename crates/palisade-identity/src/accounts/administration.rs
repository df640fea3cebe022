//! What is done with the accounts of others. `actor` is who does it, for the audit trail.

use palisade::secret::SecretString;
use serde_json::json;

use super::{Accounts, AccountsError, Applicant};
use crate::{
    account::{Account, AccountId, Kind, Status},
    audit::{Action, Actor},
    email::Email,
    first_admin,
    role::{Role, Roles},
    store::{AccountChange, Claimed, NewAccount, PageSize},
    username::Username,
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

    /// Makes an account with `roles` for a program: without a password, so that nobody can sign in to it. `email` is that
    /// of whoever is responsible.
    ///
    /// # Errors
    ///
    /// [`AccountsError::NotForServices`] when an admin is asked for; [`AccountsError::UsernameTaken`],
    /// [`AccountsError::Random`] and [`AccountsError::Store`].
    pub async fn create_service(
        &self,
        actor: Actor,
        username: Username,
        email: Email,
        roles: Roles,
    ) -> Result<Account, AccountsError> {
        refuse_admin_service(Kind::Service, roles)?;
        let mut account = Account::new(self.draw_id()?, username, email, roles, self.0.clock.now());
        account.kind = Kind::Service;
        let audit = self
            .entry(actor, Action::AccountCreated, account.id)
            .with_detail(json!({ "roles": roles, "kind": account.kind }));
        self.0.store.insert_account(NewAccount { account: account.clone(), password: None }, audit).await?;
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

    /// Sets the address of `id`, or says whether it is known to be its owner's; what is `None` stays, except that
    /// another address is not verified unless `verified` says so.
    ///
    /// # Errors
    ///
    /// [`AccountsError::AddressTaken`] when another account's owner has proven it; [`AccountsError::NotFound`] and
    /// [`AccountsError::Store`].
    pub async fn set_email(
        &self,
        actor: Actor,
        id: AccountId,
        email: Option<Email>,
        verified: Option<bool>,
    ) -> Result<Account, AccountsError> {
        let before = self.by_id(id).await?;
        let was_verified = before.email_verified_at.is_some();
        let address = email.unwrap_or_else(|| before.email.clone());
        let verified = verified.unwrap_or(was_verified && address == before.email);
        if address == before.email && verified == was_verified {
            return Ok(before);
        }
        let audit =
            self.entry(actor, Action::ProfileChanged, id).with_detail(json!({ "email_verified": verified }));
        self.change(id, AccountChange::Email { address, verified, generation: None }, audit).await
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
    /// [`AccountsError::LastAdmin`], also when two try at once; [`AccountsError::NotForServices`] when a service is to be
    /// admin; [`AccountsError::NotFound`], [`AccountsError::Store`].
    pub async fn set_roles(
        &self,
        actor: Actor,
        id: AccountId,
        roles: Roles,
    ) -> Result<Account, AccountsError> {
        // An account's kind never changes, so there is nothing to race with.
        refuse_admin_service(self.by_id(id).await?.kind, roles)?;
        let audit = self.entry(actor, Action::RolesSet, id).with_detail(json!({ "roles": roles }));
        self.change(id, AccountChange::Roles(roles), audit).await
    }

    /// Sets another password for `id` without asking for the current one, and ends all its tokens in the same write.
    /// For whoever has the machine; no route leads here.
    ///
    /// # Errors
    ///
    /// [`AccountsError::NotFound`], [`AccountsError::NotForServices`], [`AccountsError::WeakPassword`],
    /// [`AccountsError::Password`] and [`AccountsError::Store`].
    pub async fn set_password_by_operator(
        &self,
        id: AccountId,
        new: SecretString,
    ) -> Result<Account, AccountsError> {
        let account = self.by_id(id).await?;
        if account.kind == Kind::Service {
            return Err(AccountsError::NotForServices);
        }
        let new = self.hash(new, &account.username, &account.email).await?;
        let change = AccountChange::Password { new, replacing: None, keeping: None };
        self.change(id, change, self.entry(Actor::Operator, Action::PasswordSet, id)).await
    }
}

/// Nobody could sign in as it, and as an active admin it would let the last one who can be removed.
fn refuse_admin_service(kind: Kind, roles: Roles) -> Result<(), AccountsError> {
    match kind {
        Kind::Service if roles.include(Role::Admin) => Err(AccountsError::NotForServices),
        Kind::Service | Kind::Person => Ok(()),
    }
}
