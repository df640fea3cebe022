//! The bearer token of a client that acts for itself.

use std::{marker::PhantomData, sync::Arc};

use http::request::Parts;

use super::{BearerToken, Credential, Flow, Reading, Scheme, bearer, oauth2, verified::verified_as};

/// A client credentials flow (RFC 6749, section 4.4) as the API document describes it.
pub trait ClientCredentialsFlow: Send + Sync + 'static {
    /// The scheme's name, unique in a router.
    const NAME: &'static str = "OAuth2ClientCredentials";

    /// Where a token is issued, verbatim in the document.
    const TOKEN_URL: &'static str;

    /// The scopes there are, each with a description.
    const SCOPES: &'static [(&'static str, &'static str)];

    /// What it is for, in CommonMark, for the API document.
    const DESCRIPTION: Option<&'static str> = None;
}

/// A bearer token from the flow `F`, verified as a `C`, to which it dereferences.
pub struct OAuth2ClientCredentials<F, C = BearerToken>(pub Arc<C>, PhantomData<fn() -> F>);

impl<F: ClientCredentialsFlow, C> Credential for OAuth2ClientCredentials<F, C> {
    type Read = BearerToken;

    fn read(head: &Parts) -> Reading<BearerToken> {
        bearer::read(&head.headers)
    }

    fn presented(head: &Parts) -> Option<&[u8]> {
        bearer::presented(&head.headers)
    }

    fn scheme() -> Scheme {
        // Such a token is asked for again, not refreshed (RFC 6749, section 4.4.3).
        oauth2::scheme(F::NAME, &[Flow::client_credentials(F::TOKEN_URL, F::SCOPES)], F::DESCRIPTION)
    }
}

verified_as!(OAuth2ClientCredentials<F, C> by F: ClientCredentialsFlow);
