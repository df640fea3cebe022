//! The bearer token of the OAuth 2.0 password flow: a bearer token whose API document also says where to get one.

use std::{fmt, marker::PhantomData, ops::Deref, sync::Arc};

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use serde_json::{Map, Value, json};

use super::{
    Credential, Reading, Scheme,
    bearer::{Bearer, BearerToken, FromBearer, verified},
};
use crate::{
    denied::Denied,
    describe::{Describe, Description},
    problem::Problem,
};

/// A password flow (RFC 6749, section 4.3) as the API document describes it.
pub trait PasswordFlow: Send + Sync + 'static {
    /// The scheme's name, unique in a router.
    const NAME: &'static str = "OAuth2PasswordBearer";

    /// Where a token is issued, verbatim in the document; relative to it, so that it works behind a path prefix.
    const TOKEN_URL: &'static str;

    /// The scopes there are, each with a description.
    const SCOPES: &'static [(&'static str, &'static str)];
}

/// A bearer token from the flow `F`, verified as a `C`, to which it dereferences.
pub struct OAuth2PasswordBearer<F, C = BearerToken>(pub Arc<C>, PhantomData<fn() -> F>);

impl<F, C> Deref for OAuth2PasswordBearer<F, C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.0
    }
}

impl<F, C: fmt::Debug> fmt::Debug for OAuth2PasswordBearer<F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OAuth2PasswordBearer").field(&self.0).finish()
    }
}

impl<F, C> Clone for OAuth2PasswordBearer<F, C> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<F: PasswordFlow> Credential for OAuth2PasswordBearer<F> {
    fn read(head: &Parts) -> Reading<Self> {
        match Bearer::read(head) {
            Reading::Absent => Reading::Absent,
            Reading::Present(Bearer(token)) => Reading::Present(Self(token, PhantomData)),
            Reading::Malformed(why) => Reading::Malformed(why),
        }
    }

    fn scheme() -> Scheme {
        let scopes: Map<String, Value> =
            F::SCOPES.iter().map(|(name, words)| ((*name).to_owned(), json!(words))).collect();
        let flow = json!({ "scopes": scopes, "tokenUrl": F::TOKEN_URL });
        Scheme::new(F::NAME, json!({ "type": "oauth2", "flows": { "password": flow } }), Some("Bearer"))
    }
}

impl<S, F, C> FromRequestParts<S> for OAuth2PasswordBearer<F, C>
where
    S: Sync,
    F: PasswordFlow,
    C: FromBearer<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Problem> {
        let token = verified(head, state).await?.ok_or_else(Denied::not_authenticated)?;
        Ok(Self(token, PhantomData))
    }
}

impl<S, F, C> OptionalFromRequestParts<S> for OAuth2PasswordBearer<F, C>
where
    S: Sync,
    F: PasswordFlow,
    C: FromBearer<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        Ok(verified(head, state).await?.map(|token| Self(token, PhantomData)))
    }
}

impl<S, F: PasswordFlow, C> Describe<S> for OAuth2PasswordBearer<F, C> {
    fn describe(description: &mut Description<'_>) {
        description.credential(<OAuth2PasswordBearer<F> as Credential>::scheme());
    }
}
