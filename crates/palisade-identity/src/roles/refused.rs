//! Why a role was not stored, removed or given.

use palisade::scope::ScopeSet;

use super::{Grants, RoleBook, RoleDefinition, RoleName, TenantName};
use crate::role::Role;

/// Why a change of roles, or of who holds them, was refused. All are the caller's, and nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RoleRefused {
    /// There are as many stored roles as there may be.
    #[error("there are at most {} stored roles", RoleBook::MOST)]
    TooManyRoles,
    /// The role includes too many.
    #[error("a role includes at most {} others", RoleDefinition::MOST_INCLUDES)]
    TooManyIncludes,
    /// The role has too many scopes of its own.
    #[error("a role has at most {} scopes of its own", RoleDefinition::MOST_SCOPES)]
    TooManyScopes,
    /// A scope is too long.
    #[error("a scope has at most {} characters", RoleDefinition::LONGEST_SCOPE)]
    ScopeTooLong,
    /// What a built-in role includes stands in the code.
    #[error("what the built-in role `{0}` includes cannot be changed; scopes can be added to it")]
    BuiltInIncludes(Role),
    /// What is to be included is no role.
    #[error("there is no role `{0}` to include")]
    UnknownInclude(RoleName),
    /// What is to be held is no role.
    #[error("there is no role `{0}`")]
    UnknownRole(RoleName),
    /// A stored role never brings what is an admin's.
    #[error("`{0}` cannot include `admin`: being an admin is given by the built-in role alone")]
    IncludesAdmin(RoleName),
    /// A stored role never brings what is an admin's.
    #[error("`{0}` cannot have {1}: the built-in role `admin` alone brings that")]
    Reserved(RoleName, ScopeSet),
    /// The roles would include each other in a circle; the first is named again at the end.
    #[error("roles would include each other in a circle: {}", circle(.0))]
    Cycle(Vec<RoleName>),
    /// No stored role has the name.
    #[error("there is no stored role `{0}`")]
    NotStored(RoleName),
    /// Other roles include it.
    #[error("the role `{role}` is included by {}", listed(.by))]
    Included {
        /// The role.
        role: RoleName,
        /// The roles that include it.
        by: Vec<RoleName>,
    },
    /// Accounts hold it.
    #[error("the role `{role}` is held by `{by}`{}{}", place(.tenant.as_ref()), besides(*.others))]
    Held {
        /// The role.
        role: RoleName,
        /// The username of one that holds it.
        by: Box<str>,
        /// Where that one does; everywhere, if in no tenant.
        tenant: Option<TenantName>,
        /// How often it is held besides.
        others: u64,
    },
    /// A built-in role is held everywhere as part of the account.
    #[error("`{0}` is a built-in role: everywhere it is given with the account's own roles")]
    BuiltInEverywhere(Role),
    /// The account would hold too many roles in one place.
    #[error(
        "an account holds at most {} stored roles everywhere, and as many roles in a tenant",
        Grants::MOST_ROLES
    )]
    TooManyHeld,
    /// The account would be in too many tenants.
    #[error("an account is in at most {} tenants", Grants::MOST_TENANTS)]
    TooManyTenants,
    /// The account is no member of the tenant.
    #[error("the account is no member of the tenant `{0}`")]
    NotAMember(TenantName),
}

fn circle(names: &[RoleName]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" includes ")
}

fn listed(names: &[RoleName]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn place(tenant: Option<&TenantName>) -> String {
    tenant.map(|tenant| format!(" in the tenant `{tenant}`")).unwrap_or_default()
}

fn besides(number: u64) -> String {
    match number {
        0 => String::new(),
        number => format!(", and {number} times besides"),
    }
}
