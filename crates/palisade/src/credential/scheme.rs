//! A security scheme: the name under which the API document knows a credential, its object there, and its challenge.

use std::borrow::Cow;

use serde_json::Value;

/// A security scheme (OpenAPI 3.1, section 4.8.27). Names are unique in a router; a clash is a start-up error.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheme {
    pub(crate) name: Cow<'static, str>,
    pub(crate) object: Value,
    pub(crate) challenge: Option<&'static str>,
}

impl Scheme {
    /// A scheme with the OpenAPI object `object`, challenged for by the authentication scheme `challenge`
    /// (RFC 9110, section 11.6.1), such as `Bearer`.
    pub fn new(name: impl Into<Cow<'static, str>>, object: Value, challenge: Option<&'static str>) -> Self {
        Self { name: name.into(), object, challenge }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its OpenAPI object.
    pub fn object(&self) -> &Value {
        &self.object
    }

    /// Whether the API document can say which scopes it must carry.
    pub(crate) fn says_scopes(&self) -> bool {
        matches!(self.object["type"].as_str(), Some("oauth2" | "openIdConnect"))
    }
}
