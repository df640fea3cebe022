//! A bearer token of OAuth 2.0, whose API document also says where to get one, in one flow or several.

use std::{marker::PhantomData, sync::Arc};

use http::request::Parts;
use serde_json::{Map, Value, json};

use super::{BearerToken, Credential, Reading, Scheme, bearer, verified::verified_as};

/// A way to get a token (OpenAPI 3.1, section 4.8.29). Addresses stand in the document verbatim; relative ones work behind a
/// path prefix.
///
/// The implicit flow is not among them: tokens in addresses leak (RFC 9700, section 2.1.2).
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    name: &'static str,
    authorization_url: Option<&'static str>,
    token_url: &'static str,
    refresh_url: Option<&'static str>,
    scopes: Scopes,
}

/// Scopes, each with a description.
type Scopes = &'static [(&'static str, &'static str)];

impl Flow {
    /// A person gives name and password to the application (RFC 6749, section 4.3).
    pub const fn password(token_url: &'static str, scopes: Scopes) -> Self {
        Self { name: "password", authorization_url: None, token_url, refresh_url: None, scopes }
    }

    /// A client acts for itself (RFC 6749, section 4.4).
    pub const fn client_credentials(token_url: &'static str, scopes: Scopes) -> Self {
        Self { name: "clientCredentials", authorization_url: None, token_url, refresh_url: None, scopes }
    }

    /// A person is sent to the authorization server and comes back with a code (RFC 6749, section 4.1).
    pub const fn authorization_code(
        authorization_url: &'static str,
        token_url: &'static str,
        scopes: Scopes,
    ) -> Self {
        let authorization_url = Some(authorization_url);
        Self { name: "authorizationCode", authorization_url, token_url, refresh_url: None, scopes }
    }

    /// Where a token is refreshed, if that is not where it is issued.
    #[must_use]
    pub const fn refreshed_at(mut self, refresh_url: Option<&'static str>) -> Self {
        self.refresh_url = refresh_url;
        self
    }

    fn object(&self) -> Value {
        let scopes: Map<String, Value> =
            self.scopes.iter().map(|(name, words)| ((*name).to_owned(), json!(words))).collect();
        let mut object = json!({ "scopes": scopes, "tokenUrl": self.token_url });
        if let Some(url) = self.authorization_url {
            object["authorizationUrl"] = json!(url);
        }
        if let Some(url) = self.refresh_url {
            object["refreshUrl"] = json!(url);
        }
        object
    }
}

/// The scheme `name` of `flows`.
pub(super) fn scheme(name: &'static str, flows: &[Flow], description: Option<&str>) -> Scheme {
    let objects: Map<String, Value> =
        flows.iter().map(|flow| (flow.name.to_owned(), flow.object())).collect();
    let all_different = objects.len() == flows.len();
    let object = json!({ "type": "oauth2", "flows": objects });
    let scheme = Scheme::new(name, object, Some("Bearer")).description(description);
    if all_different { scheme } else { scheme.fault("a flow is given twice") }
}

/// The flows of a scheme with several.
pub trait OAuth2Flows: Send + Sync + 'static {
    /// The scheme's name, unique in a router.
    const NAME: &'static str = "OAuth2";

    /// The flows, each kind once.
    const FLOWS: &'static [Flow];

    /// What it is for, in CommonMark, for the API document.
    const DESCRIPTION: Option<&'static str> = None;
}

/// A bearer token from one of the flows `F`, verified as a `C`, to which it dereferences.
pub struct OAuth2<F, C = BearerToken>(pub Arc<C>, PhantomData<fn() -> F>);

impl<F: OAuth2Flows, C> Credential for OAuth2<F, C> {
    type Read = BearerToken;

    fn read(head: &Parts) -> Reading<BearerToken> {
        bearer::read(&head.headers)
    }

    fn presented(head: &Parts) -> Option<&[u8]> {
        bearer::presented(&head.headers)
    }

    fn scheme() -> Scheme {
        scheme(F::NAME, F::FLOWS, F::DESCRIPTION)
    }
}

verified_as!(OAuth2<F, C> by F: OAuth2Flows);
