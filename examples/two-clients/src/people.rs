//! Who there is.

use palisade::{scope::ScopeSet, secret::SecretString};

/// Everybody.
#[derive(Debug)]
pub(crate) struct People(Vec<Person>);

/// Somebody.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) name: &'static str,
    password: SecretString,
    scopes: &'static str,
}

impl People {
    pub(crate) fn of_the_example() -> Self {
        let person =
            |name, password: &str, scopes| Person { name, password: SecretString::new(password), scopes };
        Self(vec![
            person("ada", "a reed against the tide", "notes:read notes:write"),
            person("tim", "three blind kettles", "notes:read"),
        ])
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Person> {
        self.0.iter().find(|person| person.name == name)
    }

    /// Who signs in with this name and password.
    pub(crate) fn sign_in(&self, name: &str, password: &SecretString) -> Option<&Person> {
        self.find(name).filter(|person| person.password == *password)
    }
}

impl Person {
    pub(crate) fn scopes(&self) -> ScopeSet {
        self.scopes.parse().unwrap_or_default()
    }
}
