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
    current_account::{Caller, Proof},
    refusal,
};
use crate::sessions::{Presented, SessionSecret, SignedIn, cookie};

/// A session in the cookie [`cookie::NAME`]. One that has ended counts as absent, and the answer deletes the cookie.
pub(super) struct BySession(pub(super) Arc<Caller>);

struct OurCookie;

impl ApiKeyScheme for OurCookie {
    const NAME: &'static str = "Session";
    const PARAMETER: &'static str = cookie::NAME;
}

/// What the cookie's text was found to be, if it has not ended.
enum Found {
    Live(SignedIn),
    Replaced,
}

impl FromCredential<SessionText, Identity> for Found {
    async fn verify(text: SessionText, _: &Parts, identity: &Identity) -> Result<Arc<Self>, Denied> {
        let Some(secret) = SessionSecret::parse(text.expose().as_bytes()) else {
            return Err(Denied::not_authenticated());
        };
        // In a box, as all that takes long: what it holds would make the future of every request large.
        match Box::pin(identity.0.sessions.find(&secret)).await.map_err(Denied::undecided)? {
            Presented::Live(signed_in) => Ok(Arc::new(Self::Live(signed_in))),
            Presented::Replaced => Ok(Arc::new(Self::Replaced)),
            Presented::Ended => Err(Denied::not_authenticated()),
        }
    }
}

impl Authenticate<Identity> for BySession {
    async fn authenticate(head: &mut Parts, identity: &Identity) -> Result<Option<Self>, Problem> {
        let Some(found) = SessionCookie::<OurCookie, Found>::authenticate(head, identity).await? else {
            return Ok(None);
        };
        // One that was replaced counts as absent too, but stays: the browser may hold the new one already.
        let Found::Live(signed_in) = &*found.0 else { return Ok(None) };
        // A socket that is only asked about again has no answer to carry a secret, and nobody is using it just now.
        if head.extensions.get::<Rechecking>().is_none() {
            Box::pin(renew(head, identity, signed_in)).await?;
        }
        let proof = Proof::Session(signed_in.clone());
        let caller = Caller::signed_in(Arc::clone(signed_in.account()), signed_in.authenticated_at(), proof);
        Ok(Some(Self(Arc::new(caller))))
    }
}

/// Notes that the session is in use, and hands out its new secret if it has got one.
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
