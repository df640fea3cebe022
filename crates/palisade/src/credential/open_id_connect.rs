//! A bearer token of an OpenID provider, whose API document says where the provider describes itself.

use std::{marker::PhantomData, sync::Arc};

use http::request::Parts;
use serde_json::json;

use super::{BearerToken, Credential, Reading, Scheme, bearer, verified::verified_as};

/// An OpenID provider as the API document names it.
pub trait OpenIdProvider: Send + Sync + 'static {
    /// The scheme's name, unique in a router.
    const NAME: &'static str = "OpenIdConnect";

    /// Where the provider describes itself (OpenID Connect Discovery 1.0, section 4), verbatim in the document.
    const OPEN_ID_CONNECT_URL: &'static str;

    /// What it is for, in CommonMark, for the API document.
    const DESCRIPTION: Option<&'static str> = None;
}

/// A bearer token that the provider `P` issued, verified as a `C`, to which it dereferences.
pub struct OpenIdConnect<P, C = BearerToken>(pub Arc<C>, PhantomData<fn() -> P>);

impl<P: OpenIdProvider, C> Credential for OpenIdConnect<P, C> {
    type Read = BearerToken;

    fn read(head: &Parts) -> Reading<BearerToken> {
        bearer::read(&head.headers)
    }

    fn presented(head: &Parts) -> Option<&[u8]> {
        bearer::presented(&head.headers)
    }

    fn scheme() -> Scheme {
        let object = json!({ "type": "openIdConnect", "openIdConnectUrl": P::OPEN_ID_CONNECT_URL });
        Scheme::new(P::NAME, object, Some("Bearer")).description(P::DESCRIPTION)
    }
}

verified_as!(OpenIdConnect<P, C> by P: OpenIdProvider);
