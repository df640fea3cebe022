//! What one account may do, worked out.

use std::{collections::BTreeSet, sync::Arc};

use palisade::{Authority, Membership, Tenants, requirement::RoleSet, scope::ScopeSet};

use super::{AuthorityMark, Grants, RoleBook, RoleName, book::union};
use crate::role::{Role, Roles, reserved_scopes};

/// What an account may do as of one moment: its built-in roles, and its scopes and tenants by all its roles. Every
/// authority of a caller is made here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holdings {
    roles: RoleSet,
    scopes: ScopeSet,
    tenants: Tenants,
    mark: AuthorityMark,
}

impl Holdings {
    /// What an account with `roles` and `grants` may do by the roles of `book`. A role that the book does not know gives
    /// nothing.
    pub fn of(roles: Roles, grants: &Grants, book: &RoleBook) -> Self {
        let (role_set, _) = roles.authority();
        let built_in = roles.iter().map(RoleName::from);
        let held = built_in.chain(grants.everywhere.iter().cloned()).map(|name| book.scopes_of(&name));
        let tenants = grants.tenants.iter();
        let mut holdings = Self {
            roles: role_set.clone(),
            scopes: union(held),
            tenants: tenants.map(|(name, roles)| (name.clone(), membership(roles, book))).collect(),
            mark: AuthorityMark::shipped(roles),
        };
        holdings.mark = AuthorityMark::of(roles, &holdings);
        holdings
    }

    /// The scopes it holds everywhere.
    pub fn scopes(&self) -> &ScopeSet {
        &self.scopes
    }

    /// The tenants it belongs to, and what it holds in each.
    pub fn tenants(&self) -> &Tenants {
        &self.tenants
    }

    /// All of it as a text to compare.
    pub fn mark(&self) -> &AuthorityMark {
        &self.mark
    }

    /// The scopes a credential that is read here alone may be issued: those held everywhere, and those held in a tenant. Each
    /// counts wherever the account holds it when the credential is used, so a credential is not bound to one tenant. A
    /// tenant's admin issues nothing of the server's administration.
    pub fn issuable(&self) -> ScopeSet {
        let beyond = |scopes: &ScopeSet| -> ScopeSet {
            scopes.iter().filter(|scope| !reserved_scopes().contains(scope.as_str())).cloned().collect()
        };
        let in_tenants = self.tenants.iter().map(|(_, membership)| beyond(membership.held_scopes()));
        union([self.scopes.clone()].into_iter().chain(in_tenants))
    }

    /// The authority of `account` itself, which signed in with all it has.
    pub fn whole(&self, account: impl Into<Arc<str>>) -> Authority {
        Authority::account(account)
            .scopes(self.scopes.clone())
            .role_set(self.roles.clone())
            .tenants(self.tenants.clone())
    }

    /// The authority of a credential that acts for `account` and was issued `scopes`: what is both issued and held,
    /// everywhere and in each tenant.
    pub fn narrowed(&self, account: impl Into<Arc<str>>, scopes: &ScopeSet) -> Authority {
        let narrowed = |(name, membership): (&str, &Membership)| {
            let left = scopes.intersection(membership.held_scopes());
            (Arc::<str>::from(name), membership.clone().scopes(left))
        };
        Authority::delegated(account)
            .scopes(scopes.intersection(&self.scopes))
            .role_set(self.roles.clone())
            .tenants(self.tenants.iter().map(narrowed).collect())
    }
}

/// What `roles` come to in a tenant. A built-in role is a role there; what a stored role includes is not.
fn membership(roles: &BTreeSet<RoleName>, book: &RoleBook) -> Membership {
    let built_in: Vec<Role> = roles.iter().filter_map(RoleName::built_in).collect();
    let scopes = union(roles.iter().map(|name| book.scopes_of(name)));
    let membership = Membership::new().scopes(scopes);
    if built_in.is_empty() { membership } else { membership.roles(built_in) }
}
