//! Who there is, and what they are in which organisation.

use palisade::{Membership, Tenants, scope::ScopeSet, secret::SecretString};

/// What somebody is in an organisation. `Admin` includes `Editor`, which includes `Viewer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
pub(crate) enum Role {
    /// Reads what the organisation sees.
    Viewer,
    /// Writes documents, and edits what the organisation sees.
    #[role(includes(Viewer))]
    Editor,
    /// May everything in the organisation.
    #[role(includes(Editor))]
    Admin,
}

/// Everybody.
#[derive(Debug)]
pub(crate) struct People(Vec<Person>);

/// Somebody.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) name: &'static str,
    password: SecretString,
    roles: Vec<(&'static str, Role)>,
}

impl People {
    pub(crate) fn of_the_example() -> Self {
        let person = |name, password: &str, roles: &[(&'static str, Role)]| Person {
            name,
            password: SecretString::new(password),
            roles: roles.to_vec(),
        };
        Self(vec![
            person("ada", "a reed against the tide", &[("acme", Role::Admin)]),
            person("tim", "three blind kettles", &[("acme", Role::Editor)]),
            person("eve", "seven quiet lanterns", &[("acme", Role::Viewer)]),
            person("gil", "one gilded fishhook", &[("globex", Role::Admin), ("acme", Role::Viewer)]),
        ])
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Person> {
        self.0.iter().find(|person| person.name == name)
    }

    /// Who signs in with this name and password.
    pub(crate) fn sign_in(&self, name: &str, password: &SecretString) -> Option<&Person> {
        self.find(name).filter(|person| person.password == *password)
    }

    /// The members of an organisation, and what they are there.
    pub(crate) fn of(&self, organisation: &str) -> Vec<(&'static str, Role)> {
        let role = |person: &Person| Some((person.name, person.role_in(organisation)?));
        self.0.iter().filter_map(role).collect()
    }
}

impl Person {
    fn role_in(&self, organisation: &str) -> Option<Role> {
        self.roles.iter().find(|(known, _)| *known == organisation).map(|(_, role)| *role)
    }

    pub(crate) fn scopes(&self) -> ScopeSet {
        "documents:read documents:write".parse().unwrap_or_default()
    }

    /// What they hold in each organisation.
    pub(crate) fn memberships(&self) -> Tenants {
        self.roles.iter().map(|(name, role)| (*name, Membership::new().roles([*role]))).collect()
    }
}
