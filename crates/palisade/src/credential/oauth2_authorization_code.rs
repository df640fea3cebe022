//! The bearer token of the OAuth 2.0 authorization code flow.

use std::{marker::PhantomData, sync::Arc};

use http::request::Parts;

use super::{BearerToken, Credential, Flow, Reading, Scheme, bearer, oauth2, verified::verified_as};

/// An authorization code flow (RFC 6749, section 4.1) as the API document describes it.
pub trait AuthorizationCodeFlow: Send + Sync + 'static {
    /// The scheme's name, unique in a router.
    const NAME: &'static str = "OAuth2AuthorizationCodeBearer";

    /// Where a person is asked, verbatim in the document.
    const AUTHORIZATION_URL: &'static str;

    /// Where a code is exchanged for a token, verbatim in the document.
    const TOKEN_URL: &'static str;

    /// Where a token is refreshed, if that is not where it is issued.
    const REFRESH_URL: Option<&'static str> = None;

    /// The scopes there are, each with a description.
    const SCOPES: &'static [(&'static str, &'static str)];

    /// What it is for, in CommonMark, for the API document.
    const DESCRIPTION: Option<&'static str> = None;
}

/// A bearer token from the flow `F`, verified as a `C`, to which it dereferences.
pub struct OAuth2AuthorizationCodeBearer<F, C = BearerToken>(pub Arc<C>, PhantomData<fn() -> F>);

impl<F: AuthorizationCodeFlow, C> Credential for OAuth2AuthorizationCodeBearer<F, C> {
    type Read = BearerToken;

    fn read(head: &Parts) -> Reading<BearerToken> {
        bearer::read(&head.headers)
    }

    fn presented(head: &Parts) -> Option<&[u8]> {
        bearer::presented(&head.headers)
    }

    fn scheme() -> Scheme {
        let flow = Flow::authorization_code(F::AUTHORIZATION_URL, F::TOKEN_URL, F::SCOPES);
        oauth2::scheme(F::NAME, &[flow.refreshed_at(F::REFRESH_URL)], F::DESCRIPTION)
    }
}

verified_as!(OAuth2AuthorizationCodeBearer<F, C> by F: AuthorizationCodeFlow);
