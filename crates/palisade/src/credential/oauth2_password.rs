//! The bearer token of the OAuth 2.0 password flow: a bearer token whose API document also says where to get one.

use std::{marker::PhantomData, sync::Arc};

use http::request::Parts;

use super::{BearerToken, Credential, Flow, Reading, Scheme, bearer, oauth2, verified::verified_as};

/// A password flow (RFC 6749, section 4.3) as the API document describes it.
pub trait PasswordFlow: Send + Sync + 'static {
    /// The scheme's name, unique in a router.
    const NAME: &'static str = "OAuth2PasswordBearer";

    /// Where a token is issued, verbatim in the document; relative to it, so that it works behind a path prefix.
    const TOKEN_URL: &'static str;

    /// Where a token is refreshed, if that is not where it is issued.
    const REFRESH_URL: Option<&'static str> = None;

    /// The scopes there are, each with a description.
    const SCOPES: &'static [(&'static str, &'static str)];

    /// What it is for, in CommonMark, for the API document.
    const DESCRIPTION: Option<&'static str> = None;
}

/// A bearer token from the flow `F`, verified as a `C`, to which it dereferences.
pub struct OAuth2PasswordBearer<F, C = BearerToken>(pub Arc<C>, PhantomData<fn() -> F>);

impl<F: PasswordFlow, C> Credential for OAuth2PasswordBearer<F, C> {
    type Read = BearerToken;

    fn read(head: &Parts) -> Reading<BearerToken> {
        bearer::read(&head.headers)
    }

    fn presented(head: &Parts) -> Option<&[u8]> {
        bearer::presented(&head.headers)
    }

    fn scheme() -> Scheme {
        let flow = Flow::password(F::TOKEN_URL, F::SCOPES).refreshed_at(F::REFRESH_URL);
        oauth2::scheme(F::NAME, &[flow], F::DESCRIPTION)
    }
}

verified_as!(OAuth2PasswordBearer<F, C> by F: PasswordFlow);
