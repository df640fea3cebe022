//! Stored roles and who holds them, in a store.

use crate::{
    account::AccountId,
    audit::AuditEntry,
    roles::{GrantChange, Grants, RoleDefinition, RoleName, TenantName},
    store::{Engine, PageSize, StoreFuture},
    username::Username,
};

/// Keeps the roles that are made while the server runs, and who holds them. Whatever is changed, what is kept goes
/// together as [`RoleBook`](crate::roles::RoleBook) and [`Grants`] say, also when two change it at once.
pub trait RoleStore: Engine {
    /// All stored roles, by name: [`RoleBook::MOST`](crate::roles::RoleBook::MOST) at most.
    fn roles(&self) -> StoreFuture<Vec<RoleDefinition>>;

    /// Adds a role, or replaces the one of its name.
    ///
    /// # Errors
    ///
    /// [`Role`](super::StoreError::Role) when it does not go with the others.
    fn define_role(&self, role: RoleDefinition, audit: AuditEntry) -> StoreFuture<()>;

    /// Removes a role.
    ///
    /// # Errors
    ///
    /// [`Role`](super::StoreError::Role) when there is none, or others include it, or accounts hold it. What was added to
    /// a built-in role can always be removed.
    fn remove_role(&self, name: RoleName, audit: AuditEntry) -> StoreFuture<()>;

    /// What the account `id` was given, read at one moment; nothing if there is no such account.
    fn grants(&self, id: AccountId) -> StoreFuture<Grants>;

    /// Changes what the account `id` holds in one place, and answers what it was given then.
    ///
    /// # Errors
    ///
    /// [`NotFound`](super::StoreError::NotFound) when there is no such account, and
    /// [`Role`](super::StoreError::Role) as [`Grants::changed`] says.
    fn change_grants(&self, id: AccountId, change: GrantChange, audit: AuditEntry) -> StoreFuture<Grants>;

    /// The members of `tenant` in the order of their ids, starting behind `after`. One who comes or goes meanwhile neither
    /// repeats nor skips another.
    fn members(
        &self,
        tenant: TenantName,
        after: Option<AccountId>,
        at_most: PageSize,
    ) -> StoreFuture<Vec<Member>>;
}

/// A member of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub id: AccountId,
    /// Its name.
    pub username: Username,
    /// The roles it holds there, sorted.
    pub roles: Vec<RoleName>,
}
