//! Tenants: the organisations, teams or customers one API serves side by side, and what a caller holds in each.
//!
//! What is held in a tenant counts there and nowhere else, and what is held everywhere is not held in a tenant by itself: a
//! requirement says which of the two it asks for (`role(r)` or `role(r).within("tenant")`).

use std::{fmt, sync::Arc};

use crate::{
    requirement::{Role, RoleSet},
    scope::ScopeSet,
};

/// What a caller holds in one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Membership {
    roles: RoleSet,
    scopes: ScopeSet,
}

impl Membership {
    /// A member without a role or a scope: it belongs to the tenant, and that is all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds roles held in the tenant; each brings what it includes.
    #[must_use]
    pub fn roles<R: Role>(mut self, roles: impl IntoIterator<Item = R>) -> Self {
        self.roles = self.roles.with(roles);
        self
    }

    /// Sets the roles from a set made before.
    #[cfg(feature = "testing")]
    pub(crate) fn role_set(mut self, roles: RoleSet) -> Self {
        self.roles = roles;
        self
    }

    /// Sets the scopes held in the tenant; of a delegated credential those it was also issued
    /// ([`ScopeSet::intersection`]).
    #[must_use]
    pub fn scopes(mut self, scopes: ScopeSet) -> Self {
        self.scopes = scopes;
        self
    }

    /// Adds the scopes bundled into the roles held in the tenant, as [`Authority::bundled_scopes`](crate::Authority::bundled_scopes).
    #[must_use]
    pub fn bundled_scopes(mut self) -> Self {
        self.scopes = self.scopes.iter().chain(self.roles.scopes().iter()).cloned().collect();
        self
    }

    /// The roles held in the tenant.
    pub fn held_roles(&self) -> &RoleSet {
        &self.roles
    }

    /// The scopes held in the tenant.
    pub fn held_scopes(&self) -> &ScopeSet {
        &self.scopes
    }
}

/// The tenants a caller belongs to, by name, and what it holds in each; cheap to clone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Tenants(Option<Arc<[Named]>>);

type Named = (Arc<str>, Membership);

impl Tenants {
    /// What is held in the tenant `name`, if the caller belongs to it. Names are compared by bytes.
    pub fn get(&self, name: &str) -> Option<&Membership> {
        let tenants = self.0.as_deref()?;
        let at = tenants.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        Some(&tenants[at].1)
    }

    /// The tenants, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Membership)> {
        self.0.iter().flat_map(|tenants| tenants.iter().map(|(name, membership)| (&**name, membership)))
    }
}

impl<N: Into<Arc<str>>> FromIterator<(N, Membership)> for Tenants {
    /// Of a tenant that is named twice, the last counts.
    fn from_iter<I: IntoIterator<Item = (N, Membership)>>(tenants: I) -> Self {
        let tenants: std::collections::BTreeMap<Arc<str>, Membership> =
            tenants.into_iter().map(|(name, membership)| (name.into(), membership)).collect();
        Self((!tenants.is_empty()).then(|| tenants.into_iter().collect()))
    }
}

impl fmt::Debug for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
