//! Callers with an access token.

use std::{fmt, sync::Arc};

use palisade::{
    Authority,
    credential::{BearerToken, FromCredential},
    prelude::*,
};

use super::{
    Identity,
    current_account::{Caller, Proof},
    state::Inner,
    token::FIRST_PARTY,
};
use crate::{account::AccountId, accounts::ActiveAccount};

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

/// Roles, scopes, status and generation come from the store at each request, or from a cache that their changes invalidate; of
/// the token only what it was narrowed to counts.
impl FromCredential<BearerToken, Identity> for Caller {
    async fn verify(token: BearerToken, _: &Parts, identity: &Identity) -> Result<Arc<Self>, Denied> {
        // In a box: this is seldom, and what it holds would make the future of every request large.
        Box::pin(work_out(token, identity)).await
    }

    /// The same token as before: nothing has changed since of what its caller rests on, and its time has not come
    /// ([`caller_cache`](super::caller_cache)).
    fn cached(token: &[u8], _: &Parts, Identity(identity): &Identity) -> Result<Option<Arc<Self>>, Denied> {
        let now = identity.clock.now();
        if !identity.keys.are_current(now).map_err(Denied::undecided)? {
            return Ok(None);
        }
        let Some(caller) = identity.callers.of_token(token) else { return Ok(None) };
        let Proof::Token(proof) = &caller.proof else { return Ok(None) };
        let stands = identity.callers.is_current(&proof.basis)
            && identity.verifier.still_accepts(&proof.acceptance, now).map_err(invalid)?;
        Ok(stands.then_some(caller))
    }
}

fn invalid(why: impl fmt::Display) -> Denied {
    Denied::invalid_credentials().because(why)
}

/// Verifies the token, and finds out who came with it and what that caller may do.
async fn work_out(presented: BearerToken, Identity(identity): &Identity) -> Result<Arc<Caller>, Denied> {
    let text = presented.expose();
    if text.starts_with("pal_") || text.starts_with("pald_") {
        return Err(invalid("an API key was sent as a bearer token; it goes into the header `X-API-Key`"));
    }
    // The keys that count now, also when another process has changed them; and before anything is looked up, when that is.
    identity.keys.refresh().await.map_err(Denied::undecided)?;
    let as_of = identity.callers.epoch();
    let token = verified(text, identity)?;
    let id: AccountId = token.subject().parse().map_err(|_| invalid("the subject is not an account"))?;
    let account = identity.accounts.active(&id).await.map_err(Denied::undecided)?;
    let account = account.ok_or_else(|| invalid("there is no such account, or it is disabled"))?;
    if !account.accepts_token(token.generation(), token.id()) {
        return Err(invalid("the account's tokens have been ended since this one was issued"));
    }
    let authority = authority(&account, &token);
    let proof = Proof::Token(identity.callers.token_proof(token, account.id, as_of));
    let caller = Arc::new(Caller::new(account, authority, proof));
    identity.callers.insert_token(text.as_bytes(), &caller);
    Ok(caller)
}

/// The token. The signature of one that was verified before, with the keys that count now, is not verified again.
fn verified(text: &str, identity: &Inner) -> Result<Arc<AccessToken>, Denied> {
    if let Some(known) = identity.callers.of_token(text.as_bytes())
        && let Proof::Token(known) = &known.proof
        && identity.verifier.still_accepts(&known.acceptance, identity.clock.now()).map_err(invalid)?
    {
        return Ok(Arc::clone(&known.token));
    }
    identity.verifier.verify_in_full(text).map_err(invalid)
}

fn authority(account: &ActiveAccount, token: &AccessToken) -> Authority {
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
    match token.authenticated_at() {
        Some(at) => authority.authenticated_at(at),
        None => authority,
    }
}
