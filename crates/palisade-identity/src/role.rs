//! The built-in roles of accounts, and what each may do with the server's own API as it ships. What an account may do with
//! all that is stored beside them, [`roles`](crate::roles) says.

use std::{
    borrow::Cow,
    fmt,
    str::FromStr,
    sync::{LazyLock, OnceLock},
};

use palisade::{requirement::RoleSet, scope::ScopeSet};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A role; each includes the ones before it: admin > editor > user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, palisade::Role, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Anybody with an account.
    #[role(scopes("me:read", "me:write", "keys:write"))]
    User,
    /// May change what users may only read; the server itself has nothing such, an API beside it may.
    #[role(includes(User))]
    Editor,
    /// May administer the accounts.
    #[role(includes(Editor), scopes("accounts:read", "accounts:write", "audit:read"))]
    Admin,
}

/// No role has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role is `user`, `editor` or `admin`")]
pub struct UnknownRole;

impl Role {
    /// The role's name: `user`, `editor` or `admin`.
    pub fn name(self) -> &'static str {
        palisade::Role::name(self)
    }

    /// Whether whoever has this role has `other` too.
    fn brings(self, other: Self) -> bool {
        self == other || palisade::Role::includes(self).iter().any(|included| included.brings(other))
    }

    /// The scopes of the server's own API that this role ships with.
    pub fn scopes(self) -> ScopeSet {
        // Asked at every request; a clone costs nothing.
        static SCOPES: LazyLock<Vec<(Role, ScopeSet)>> =
            LazyLock::new(|| ALL.iter().map(|role| (*role, RoleSet::of([*role]).scopes())).collect());
        let known = SCOPES.iter().find(|(role, _)| *role == self);
        known.map(|(_, scopes)| scopes.clone()).unwrap_or_default()
    }
}

/// The scopes that are an admin's alone: no role that is made while the server runs brings one.
pub(crate) fn reserved_scopes() -> &'static ScopeSet {
    static RESERVED: LazyLock<ScopeSet> = LazyLock::new(|| {
        let others = Role::Editor.scopes();
        Role::Admin.scopes().iter().filter(|scope| !others.contains(scope.as_str())).cloned().collect()
    });
    &RESERVED
}

/// All roles, the smallest first.
const ALL: &[Role] = <Role as palisade::Role>::ALL;

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, UnknownRole> {
        ALL.iter().copied().find(|role| role.name() == name).ok_or(UnknownRole)
    }
}

/// The roles an account was given: at least one, as given, without those they include.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<Role>", into = "Vec<Role>")]
pub struct Roles(u8);

/// An account without a role could do nothing, and nobody would see why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account has at least one role")]
pub struct NoRoles;

impl Roles {
    /// The roles in `given`; doubles count once.
    ///
    /// # Errors
    ///
    /// [`NoRoles`] when there is none.
    pub fn new(given: impl IntoIterator<Item = Role>) -> Result<Self, NoRoles> {
        let bits = given.into_iter().fold(0, |bits, role| bits | bit(role));
        if bits == 0 { Err(NoRoles) } else { Ok(Self(bits)) }
    }

    /// Exactly one role.
    pub fn only(role: Role) -> Self {
        Self(bit(role))
    }

    /// The roles given, the smallest first.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        ALL.iter().copied().filter(move |role| self.0 & bit(*role) != 0)
    }

    /// Whether a role given is `role` or includes it.
    pub fn include(self, role: Role) -> bool {
        self.iter().any(|given| given.brings(role))
    }

    /// What these roles ship with: the roles with all that they include, and their scopes. There are few sets
    /// of roles, so each is worked out once. What an account may do is [`Holdings`](crate::roles::Holdings)' to say.
    pub(crate) fn authority(self) -> &'static (RoleSet, ScopeSet) {
        static KNOWN: [OnceLock<(RoleSet, ScopeSet)>; 1 << ALL.len()] =
            [const { OnceLock::new() }; 1 << ALL.len()];
        KNOWN[usize::from(self.0)].get_or_init(|| (RoleSet::of(self.iter()), self.scopes()))
    }

    /// The scopes all the roles together ship with.
    pub(crate) fn scopes(self) -> ScopeSet {
        // Roles are a chain, so the greatest given holds what all of them hold.
        self.iter().last().map(Role::scopes).unwrap_or_default()
    }
}

const fn bit(role: Role) -> u8 {
    1 << role as u8
}

impl From<Role> for Roles {
    fn from(role: Role) -> Self {
        Self::only(role)
    }
}

impl From<Roles> for Vec<Role> {
    fn from(roles: Roles) -> Self {
        roles.iter().collect()
    }
}

impl TryFrom<Vec<Role>> for Roles {
    type Error = NoRoles;

    fn try_from(given: Vec<Role>) -> Result<Self, NoRoles> {
        Self::new(given)
    }
}

impl fmt::Debug for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl JsonSchema for Roles {
    fn schema_name() -> Cow<'static, str> {
        "Roles".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "minItems": 1, "items": generator.subschema_for::<Role>() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admin_includes_editor_includes_user() {
        assert!(Role::Admin.brings(Role::Editor) && Role::Editor.brings(Role::User));
        assert!(!Role::User.brings(Role::Editor) && !Role::Editor.brings(Role::Admin));
        assert!(Roles::only(Role::Admin).include(Role::User));
    }

    #[test]
    fn only_an_admin_holds_the_scopes_of_administration() {
        assert_eq!(Role::User.scopes().to_string(), "keys:write me:read me:write");
        assert_eq!(Role::Editor.scopes(), Role::User.scopes());
        let both = Roles::new([Role::User, Role::Admin]).unwrap();
        assert_eq!(
            both.scopes().to_string(),
            "accounts:read accounts:write audit:read keys:write me:read me:write"
        );
    }

    #[test]
    fn roles_are_read_strictly() {
        assert_eq!("Admin".parse::<Role>(), Err(UnknownRole));
        assert!(serde_json::from_str::<Roles>("[]").is_err());
        assert!(serde_json::from_str::<Roles>(r#"["root"]"#).is_err());
        let roles: Roles = serde_json::from_str(r#"["admin","user","admin"]"#).unwrap();
        assert_eq!(serde_json::to_string(&roles).unwrap(), r#"["user","admin"]"#);
    }
}
