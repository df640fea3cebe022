//! One stored role, as it was written.

use std::collections::BTreeSet;

use palisade::scope::ScopeSet;

use super::{RoleName, RoleRefused};
use crate::role::{Role, reserved_scopes};

/// A stored role; under the name of a built-in one, the scopes that are added to those it ships with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleDefinition {
    /// Its name.
    pub name: RoleName,
    /// The roles it includes, built-in or stored: whoever holds it has their scopes too.
    pub includes: BTreeSet<RoleName>,
    /// Its own scopes.
    pub scopes: ScopeSet,
}

impl RoleDefinition {
    /// How many roles one may include.
    pub const MOST_INCLUDES: usize = 32;
    /// How many scopes one may have of its own.
    pub const MOST_SCOPES: usize = 64;
    /// The longest scope, in bytes.
    pub const LONGEST_SCOPE: usize = 256;

    /// What can be said of it without knowing the others.
    ///
    /// # Errors
    ///
    /// [`RoleRefused`] when it has too much, adds includes to a built-in role, or would hand out what is an admin's.
    pub(super) fn check(&self) -> Result<(), RoleRefused> {
        if self.includes.len() > Self::MOST_INCLUDES {
            return Err(RoleRefused::TooManyIncludes);
        }
        if self.scopes.iter().count() > Self::MOST_SCOPES {
            return Err(RoleRefused::TooManyScopes);
        }
        if self.scopes.iter().any(|scope| scope.as_str().len() > Self::LONGEST_SCOPE) {
            return Err(RoleRefused::ScopeTooLong);
        }
        if let Some(role) = self.name.built_in().filter(|_| !self.includes.is_empty()) {
            return Err(RoleRefused::BuiltInIncludes(role));
        }
        if self.includes.contains(Role::Admin.name()) {
            return Err(RoleRefused::IncludesAdmin(self.name.clone()));
        }
        let reserved = self.scopes.iter().filter(|scope| reserved_scopes().contains(scope.as_str()));
        match reserved.cloned().collect::<ScopeSet>() {
            reserved if reserved.is_empty() => Ok(()),
            reserved => Err(RoleRefused::Reserved(self.name.clone(), reserved)),
        }
    }
}
