//! Callers with a browser session.

use std::sync::Arc;

use axum::extract::FromRequestParts as _;
use http::header;
use palisade::{
    Rechecking,
    credential::{ApiKeyScheme, Authenticate, FromCredential, Scheme, SessionCookie, SessionText},
    prelude::*,
};
use serde_json::json;

use super::{
    Identity,
    current_account::{Caller, Proof, SessionProof},
    refusal,
};
use crate::{
    epochs::Subject,
    sessions::{Presented, SessionSecret, SignedIn, cookie},
};

/// A session in the cookie [`cookie::NAME`]. One that has ended counts as absent, and the answer deletes the cookie.
pub(super) struct BySession(pub(super) Arc<Caller>);

struct OurCookie;

impl ApiKeyScheme for OurCookie {
    const NAME: &'static str = "Session";
    const PARAMETER: &'static str = cookie::NAME;
}

/// What the cookie's text was found to be, if it has not ended.
#[derive(Debug)]
pub(super) enum Found {
    Live(Arc<Caller>),
    Replaced,
}

impl FromCredential<SessionText, Identity> for Found {
    async fn verify(text: SessionText, head: &Parts, identity: &Identity) -> Result<Arc<Self>, Denied> {
        // In a box, as all that takes long: what it holds would make the future of every request large.
        let found = Box::pin(work_out(text, identity)).await?;
        if let Some(proof) = found.proof()
            && !Rechecking::is_in(head)
        {
            identity.0.sessions.note_use(&proof.signed_in, identity.0.clock.now());
        }
        Ok(found)
    }

    /// The same session and secret as before: nothing has changed since of what its caller rests on, and it has not expired
    /// ([`caller_cache`](super::caller_cache)).
    fn cached(text: &[u8], head: &Parts, Identity(identity): &Identity) -> Result<Option<Arc<Self>>, Denied> {
        let callers = &identity.callers;
        let Some(found) = callers.of_session(text) else { return Ok(None) };
        let Some(SessionProof { signed_in, basis }) = found.proof() else { return Ok(None) };
        callers.catch_up().map_err(Denied::undecided)?;
        let now = identity.clock.now();
        if !callers.is_current(basis) || signed_in.has_expired(now) {
            return Ok(None);
        }
        if !Rechecking::is_in(head) {
            identity.sessions.note_use(signed_in, now);
        }
        Ok(Some(found))
    }
}

impl Found {
    /// What proves the caller, if there is one.
    fn proof(&self) -> Option<&SessionProof> {
        match self {
            Self::Live(caller) => proof_of(caller),
            Self::Replaced => None,
        }
    }
}

fn proof_of(caller: &Caller) -> Option<&SessionProof> {
    match &caller.proof {
        Proof::Session(proof) => Some(proof),
        Proof::Token(_) | Proof::Key(_) | Proof::Password => None,
    }
}

/// Looks the session up, and finds out who came in it and what that caller may do.
async fn work_out(text: SessionText, Identity(identity): &Identity) -> Result<Arc<Found>, Denied> {
    let text = text.expose().as_bytes();
    let secret = SessionSecret::parse(text).ok_or_else(Denied::not_authenticated)?;
    let callers = &identity.callers;
    // Before anything is looked up.
    let as_of = callers.epoch();
    let signed_in = match identity.sessions.find(&secret).await.map_err(Denied::undecided)? {
        Presented::Live(signed_in) => signed_in,
        Presented::Replaced => return Ok(Arc::new(Found::Replaced)),
        Presented::Ended => return Err(Denied::not_authenticated()),
    };
    let (account, at, keeps) =
        (Arc::clone(signed_in.account()), signed_in.authenticated_at(), signed_in.keeps_secret());
    let basis = callers.basis(as_of, [Subject::Account(account.id), Subject::Session(signed_in.id())]);
    let proof = Proof::Session(SessionProof { signed_in, basis });
    let found = Arc::new(Found::Live(Arc::new(Caller::signed_in(account, at, proof))));
    // A former secret soon counts no more, and one that is outdated is to be replaced: neither is kept.
    if keeps {
        callers.insert_session(text, &found);
    }
    Ok(found)
}

impl Authenticate<Identity> for BySession {
    async fn authenticate(head: &mut Parts, identity: &Identity) -> Result<Option<Self>, Problem> {
        let Some(found) = SessionCookie::<OurCookie, Found>::authenticate(head, identity).await? else {
            return Ok(None);
        };
        // One that was replaced counts as absent too, but stays: the browser may hold the new one already.
        let Found::Live(caller) = &*found.0 else { return Ok(None) };
        // A socket that is only asked about again has no answer to carry a secret.
        if let Some(SessionProof { signed_in, .. }) = proof_of(caller)
            && signed_in.needs_secret()
            && !Rechecking::is_in(head)
        {
            Box::pin(renew(head, identity, signed_in)).await?;
        }
        Ok(Some(Self(Arc::clone(caller))))
    }
}

/// Hands out the session's new secret.
async fn renew(head: &mut Parts, identity: &Identity, signed_in: &SignedIn) -> Result<(), Problem> {
    // Asked for first: a new secret that cannot be handed out must not be made.
    let headers = ResponseHeaders::from_request_parts(head, identity).await?;
    if let Some(secret) = identity.0.sessions.used(signed_in).await.map_err(refusal::of_session)? {
        let ends_at = signed_in.session().ends_at;
        headers.append(header::SET_COOKIE, cookie::set(&secret, ends_at, identity.0.clock.now()));
    }
    Ok(())
}

impl Describe<Identity> for BySession {
    fn describe(description: &mut Description<'_>) {
        // No challenge: signing in is a page, and not an answer to one.
        let cookie = json!({ "type": "apiKey", "in": "cookie", "name": cookie::NAME });
        let words = "The session of a browser that signed in at `/sign-in`. A request that could change something counts \
                     only from our own pages.";
        let scheme = Scheme::new(<OurCookie as ApiKeyScheme>::NAME, cookie, None);
        description.credential(scheme.description(Some(words)).ambient());
    }
}
