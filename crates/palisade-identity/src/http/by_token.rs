//! Callers with an access token.

use std::sync::Arc;

use palisade::{
    credential::{BearerToken, FromCredential},
    prelude::*,
};

use super::{
    Identity,
    current_account::{Caller, Proof},
    token::FIRST_PARTY,
};
use crate::account::AccountId;

/// An access token in the `Authorization` header.
pub(super) type ByToken = OAuth2PasswordBearer<SignInFlow, Caller>;

/// The password flow of `POST /token`, and what its scopes allow in words.
#[derive(Debug)]
pub struct SignInFlow;

impl PasswordFlow for SignInFlow {
    const TOKEN_URL: &'static str = "token";
    const SCOPES: &'static [(&'static str, &'static str)] = &[
        ("me:read", "Read your account"),
        ("me:write", "Change your account"),
        ("keys:write", "Manage your API keys"),
        ("accounts:read", "Read all accounts (admins)"),
        ("accounts:write", "Make and change accounts (admins)"),
        ("audit:read", "Read the audit trail (admins)"),
    ];
}

/// Roles, scopes, status and generation come from the store at each request; of the token only what it was narrowed to
/// counts.
impl FromCredential<BearerToken, Identity> for Caller {
    async fn verify(token: BearerToken, head: &Parts, identity: &Identity) -> Result<Arc<Self>, Denied> {
        if token.expose().starts_with("pal_") || token.expose().starts_with("pald_") {
            let why = "an API key was sent as a bearer token; it goes into the header `X-API-Key`";
            return Err(Denied::invalid_credentials().because(why));
        }
        // The keys that count now, also when another process has changed them.
        identity.0.keys.refresh().await.map_err(Denied::undecided)?;
        let token = AccessToken::verify(token, head, identity).await?;
        let invalid = |why: &'static str| Denied::invalid_credentials().because(why);
        let id: AccountId = token.subject().parse().map_err(|_| invalid("the subject is no account"))?;
        let account = identity.0.accounts.active(&id).await.map_err(Denied::undecided)?;
        let account = account.ok_or_else(|| invalid("there is no such account, or it is disabled"))?;
        if !account.accepts_token(token.generation(), token.id()) {
            return Err(invalid("the account's tokens have been ended since this one was issued"));
        }
        let authority = if token.is_undelegated() {
            account.holdings().whole(token.subject())
        } else {
            account.holdings().narrowed(token.subject(), token.scopes())
        };
        let authority = authority.factors(token.factors().iter());
        let authority = match token.client_id() {
            FIRST_PARTY => authority,
            client => authority.issued_to(client),
        };
        let authority = match token.authenticated_at() {
            Some(at) => authority.authenticated_at(at),
            None => authority,
        };
        Ok(Arc::new(Self { account, authority, proof: Proof::Token(token) }))
    }
}
