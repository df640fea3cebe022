//! The roles an account was given beside its built-in ones.

use std::collections::{BTreeMap, BTreeSet};

use super::{RoleBook, RoleName, RoleRefused, TenantName};

/// The roles an account was given, everywhere and in its tenants, as given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// The stored roles it holds everywhere.
    pub everywhere: BTreeSet<RoleName>,
    /// The tenants it belongs to, and the roles, stored or built-in, that it holds in each.
    pub tenants: BTreeMap<TenantName, BTreeSet<RoleName>>,
}

/// A change of the roles an account holds in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantChange {
    /// In which tenant; everywhere, if in none.
    pub tenant: Option<TenantName>,
    /// What becomes of the roles held there.
    pub held: HeldChange,
}

/// What becomes of the roles held in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldChange {
    /// Exactly these; in a tenant the account is a member then, also without a role.
    Exactly(BTreeSet<RoleName>),
    /// Those before and these.
    With(BTreeSet<RoleName>),
    /// Those before but these.
    Without(BTreeSet<RoleName>),
    /// None; in a tenant it is no member any more.
    Nothing,
}

impl Grants {
    /// How many roles an account may hold in one place: a tenant, or everywhere.
    pub const MOST_ROLES: usize = 16;
    /// How many tenants an account may be in.
    pub const MOST_TENANTS: usize = 64;

    /// The grants after `change`, with the roles of `book`. What was held before may be held further.
    ///
    /// # Errors
    ///
    /// [`RoleRefused`].
    pub fn changed(mut self, change: GrantChange, book: &RoleBook) -> Result<Self, RoleRefused> {
        let GrantChange { tenant, held } = change;
        let Some(tenant) = tenant else {
            self.everywhere = held.apply(self.everywhere, book)?.unwrap_or_default();
            let built_in = self.everywhere.iter().find_map(RoleName::built_in);
            return built_in.map_or(Ok(self), |role| Err(RoleRefused::BuiltInEverywhere(role)));
        };
        let before = self.tenants.remove(&tenant);
        if before.is_none() && matches!(held, HeldChange::Nothing | HeldChange::Without(_)) {
            return Err(RoleRefused::NotAMember(tenant));
        }
        if let Some(roles) = held.apply(before.unwrap_or_default(), book)? {
            self.tenants.insert(tenant, roles);
        }
        if self.tenants.len() > Self::MOST_TENANTS { Err(RoleRefused::TooManyTenants) } else { Ok(self) }
    }

    /// The roles held in `place`: a tenant, or everywhere.
    pub fn held_in(&self, place: Option<&TenantName>) -> Option<&BTreeSet<RoleName>> {
        place.map_or(Some(&self.everywhere), |tenant| self.tenants.get(tenant))
    }
}

impl HeldChange {
    /// The roles this would give.
    pub fn given(&self) -> Option<&BTreeSet<RoleName>> {
        match self {
            Self::Exactly(roles) | Self::With(roles) => Some(roles),
            Self::Without(_) | Self::Nothing => None,
        }
    }

    fn apply(
        self,
        before: BTreeSet<RoleName>,
        book: &RoleBook,
    ) -> Result<Option<BTreeSet<RoleName>>, RoleRefused> {
        let unknown = self.given().and_then(|roles| roles.iter().find(|name| !book.knows(name)));
        if let Some(unknown) = unknown {
            return Err(RoleRefused::UnknownRole(unknown.clone()));
        }
        let after = match self {
            Self::Exactly(roles) => roles,
            Self::With(roles) => before.into_iter().chain(roles).collect(),
            Self::Without(roles) => before.into_iter().filter(|held| !roles.contains(held)).collect(),
            Self::Nothing => return Ok(None),
        };
        if after.len() > Grants::MOST_ROLES { Err(RoleRefused::TooManyHeld) } else { Ok(Some(after)) }
    }
}
