//! Stored roles, and who holds them. `actor` is who does it, for the audit trail.

use std::{collections::BTreeSet, sync::Arc};

use palisade::scope::Scope;
use serde_json::{Value, json};

use super::{Accounts, AccountsError};
use crate::{
    account::{Account, AccountId, Kind},
    audit::{Action, Actor, AuditEntry},
    role::Role,
    roles::{
        EffectiveRole, GrantChange, Grants, HeldChange, Holdings, RoleBook, RoleDefinition, RoleName,
        TenantName,
    },
    store::{Member, PageSize, StoreError},
};

impl Accounts {
    /// All stored roles as they stand now.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn role_book(&self) -> Result<Arc<RoleBook>, StoreError> {
        self.0.active.book().await
    }

    /// What each role comes to as it stands now, built-in ones first.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn effective_roles(&self) -> Result<Vec<EffectiveRole>, StoreError> {
        Ok(self.role_book().await?.effective())
    }

    /// What `account`, which was read just now, may do: with all that is stored, asked of the store. For the way of every
    /// request there is [`active`](Self::active).
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot say; that is not "nothing".
    pub async fn holdings(&self, account: &Account) -> Result<Holdings, StoreError> {
        self.0.active.holdings(account).await
    }

    /// Stores `role`, in the place of one of its name; it counts from the next request on, for all who hold it.
    ///
    /// # Errors
    ///
    /// [`AccountsError::Role`] when it does not go with the others, and [`AccountsError::Store`].
    pub async fn define_role(
        &self,
        actor: Actor,
        role: RoleDefinition,
    ) -> Result<EffectiveRole, AccountsError> {
        let name = role.name.clone();
        let scopes: Vec<_> = role.scopes.iter().map(Scope::as_str).collect();
        let detail = json!({ "includes": role.includes, "scopes": scopes });
        let audit = self.about(actor, Action::RoleDefined, &name, detail);
        let defined = self.0.store.define_role(role, audit).await;
        // Also after an error: it may have been committed although nobody could say so.
        self.0.active.forget_roles();
        defined?;
        let stored = self.effective_roles().await?.into_iter().find(|role| role.name == name);
        stored.ok_or(AccountsError::ChangedMeanwhile)
    }

    /// Removes the stored role `name`, or what was added to the built-in one.
    ///
    /// # Errors
    ///
    /// [`AccountsError::Role`] when there is none, or others include it, or accounts hold it; [`AccountsError::Store`].
    pub async fn remove_role(&self, actor: Actor, name: RoleName) -> Result<(), AccountsError> {
        let audit = self.about(actor, Action::RoleRemoved, &name, Value::Null);
        let removed = self.0.store.remove_role(name, audit).await;
        self.0.active.forget_roles();
        Ok(removed?)
    }

    /// What the account `id` was given beside its built-in roles.
    ///
    /// # Errors
    ///
    /// [`AccountsError::NotFound`] and [`AccountsError::Store`].
    pub async fn grants(&self, id: AccountId) -> Result<Grants, AccountsError> {
        let account = self.by_id(id).await?;
        Ok(self.0.store.grants(account.id).await?)
    }

    /// Changes what the account `id` holds in one place; it counts from the next request on.
    ///
    /// # Errors
    ///
    /// [`AccountsError::Role`] when a role is unknown or it would be too much; [`AccountsError::NotForServices`] when a
    /// service is to be a tenant's admin; [`AccountsError::NotFound`] and [`AccountsError::Store`].
    pub async fn change_grants(
        &self,
        actor: Actor,
        id: AccountId,
        change: GrantChange,
    ) -> Result<Grants, AccountsError> {
        // An account's kind never changes, so there is nothing to race with.
        let gives_admin = change.held.given().is_some_and(|roles| roles.contains(Role::Admin.name()));
        if gives_admin && self.by_id(id).await?.kind == Kind::Service {
            return Err(AccountsError::NotForServices);
        }
        let action = match (&change.tenant, &change.held) {
            (None, _) => Action::GrantsChanged,
            (Some(_), HeldChange::Nothing) => Action::MembershipEnded,
            (Some(_), _) => Action::MembershipChanged,
        };
        let audit = self.entry(actor, action, id).with_detail(in_words(&change));
        let changed = self.0.store.change_grants(id, change, audit).await;
        // Also after an error: it may have been committed although nobody could say so.
        self.forget(id);
        Ok(changed?)
    }

    /// Members of `tenant` in the order of their accounts' making, starting behind `after`.
    ///
    /// # Errors
    ///
    /// [`AccountsError::Store`].
    pub async fn members(
        &self,
        tenant: TenantName,
        after: Option<AccountId>,
        at_most: PageSize,
    ) -> Result<Vec<Member>, AccountsError> {
        Ok(self.0.store.members(tenant, after, at_most).await?)
    }

    fn about(&self, actor: Actor, action: Action, role: &RoleName, detail: Value) -> AuditEntry {
        AuditEntry::new(self.0.clock.now(), actor, action, role).with_detail(detail)
    }
}

/// A change as the audit trail tells it.
fn in_words(change: &GrantChange) -> Value {
    let nothing = BTreeSet::new();
    let (how, roles) = match &change.held {
        HeldChange::Exactly(roles) => ("roles", roles),
        HeldChange::With(roles) => ("added", roles),
        HeldChange::Without(roles) => ("removed", roles),
        HeldChange::Nothing => ("roles", &nothing),
    };
    json!({ "tenant": change.tenant, how: roles })
}
