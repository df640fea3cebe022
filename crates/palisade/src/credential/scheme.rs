//! A security scheme: the name under which the API document knows a credential, its object there, and its challenge.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::Credential;

/// A security scheme (OpenAPI 3.1, section 4.8.27). Names are unique in a router; a clash is a start-up error.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheme {
    pub(crate) name: Cow<'static, str>,
    pub(crate) object: Value,
    pub(crate) challenge: Option<Cow<'static, str>>,
    pub(crate) ambient: bool,
    pub(crate) faults: Vec<String>,
}

impl Scheme {
    /// A scheme with the OpenAPI object `object`, challenged for by the authentication scheme `challenge`
    /// (RFC 9110, section 11.6.1), such as `Bearer`.
    pub fn new(name: impl Into<Cow<'static, str>>, object: Value, challenge: Option<&'static str>) -> Self {
        Self {
            name: name.into(),
            object,
            challenge: challenge.map(Cow::Borrowed),
            ambient: false,
            faults: Vec::new(),
        }
    }

    /// The scheme of the credential `A`.
    pub(crate) fn of<A: Credential>() -> Self {
        Self { ambient: A::AMBIENT, ..A::scheme() }
    }

    /// Adds a description for the API document, in CommonMark, if there is one.
    #[must_use]
    pub fn description(mut self, description: Option<&str>) -> Self {
        if let (Some(description), Value::Object(members)) = (description, &mut self.object) {
            members.insert("description".into(), json!(description));
        }
        self
    }

    /// Adds the realm to the challenge (RFC 9110, section 11.5). A realm with control characters is a start-up error.
    #[must_use]
    pub fn realm(self, realm: &str) -> Self {
        if realm.chars().any(char::is_control) {
            return self.fault(&format!("the realm {realm:?} has control characters"));
        }
        self.challenge_parameter("realm", &quoted(realm))
    }

    /// Adds a parameter to the challenge; `value` is a token or a quoted string.
    #[must_use]
    pub(crate) fn challenge_parameter(mut self, name: &str, value: &str) -> Self {
        if let Some(challenge) = &mut self.challenge {
            let separator = if challenge.contains(' ') { ", " } else { " " };
            *challenge = format!("{challenge}{separator}{name}={value}").into();
        }
        self
    }

    /// Something about the scheme is wrong; told at start-up.
    #[must_use]
    pub(crate) fn fault(mut self, fault: &str) -> Self {
        self.faults.push(format!("the security scheme `{}`: {fault}", self.name));
        self
    }

    /// A browser sends the credential by itself; the document then says that unsafe methods can be refused for it (403).
    #[must_use]
    pub fn ambient(mut self) -> Self {
        self.ambient = true;
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its OpenAPI object.
    pub fn object(&self) -> &Value {
        &self.object
    }

    /// Its challenge: an authentication scheme and its parameters.
    pub fn challenge(&self) -> Option<&str> {
        self.challenge.as_deref()
    }

    /// The authentication scheme by which it stands in the `Authorization` header, in lower case, if that is its place.
    pub(crate) fn authorization_scheme(&self) -> Option<String> {
        match self.object["type"].as_str()? {
            "http" => Some(self.object["scheme"].as_str()?.to_ascii_lowercase()),
            "oauth2" | "openIdConnect" => Some("bearer".to_owned()),
            _ => None,
        }
    }

    /// Whether the API document can say which scopes it must carry.
    pub(crate) fn says_scopes(&self) -> bool {
        matches!(self.object["type"].as_str(), Some("oauth2" | "openIdConnect"))
    }
}

/// `text` as a quoted string (RFC 9110, section 5.6.4).
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}
