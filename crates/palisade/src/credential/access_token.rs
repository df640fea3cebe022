//! A bearer token verified as an access token (RFC 9068).

use std::sync::Arc;

use axum::extract::FromRef;
use http::request::Parts;

use super::{BearerToken, FromCredential};
use crate::{
    denied::Denied,
    token::{AccessToken, Verifier},
};

impl<S> FromCredential<BearerToken, S> for AccessToken
where
    S: Sync,
    Arc<Verifier>: FromRef<S>,
{
    async fn verify(token: BearerToken, _: &Parts, state: &S) -> Result<Arc<Self>, Denied> {
        // Which check refused is for the log; the caller learns only that the credential is not valid.
        Arc::<Verifier>::from_ref(state)
            .verify(token.expose())
            .map_err(|why| Denied::invalid_credentials().because(why))
    }

    fn cached(token: &[u8], _: &Parts, state: &S) -> Result<Option<Arc<Self>>, Denied> {
        let known = Arc::<Verifier>::from_ref(state).verified_before(token);
        known.map_err(|why| Denied::invalid_credentials().because(why))
    }
}
