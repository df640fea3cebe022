//! Callers with an API key, presented or signed with.

use std::sync::Arc;

use palisade::{
    credential::{
        ApiKeyHeader, ApiKeyScheme, Authenticate, FromCredential, HttpSignature, PresentedKey, Scheme,
    },
    prelude::*,
    signature::SignedRequest,
};
use serde_json::json;

use super::{
    Identity,
    current_account::{Caller, KeyProof, Proof},
};
use crate::{
    api_keys::{Accepted, is_derived},
    epochs::Subject,
};

/// A key in the header `X-API-Key`. As a bearer token it is refused: a key that is taken in two places leaks in two.
pub(super) struct ByKey(pub(super) Arc<Caller>);

/// A request that was signed with a key.
pub(super) struct BySignature(pub(super) Arc<Caller>);

struct OurHeader;

impl ApiKeyScheme for OurHeader {
    const NAME: &'static str = "ApiKey";
    const PARAMETER: &'static str = "X-API-Key";
    const DESCRIPTION: Option<&'static str> = Some(
        "An API key, `pal_..`, or one derived from it, `pald_..`. It has the scopes it was given, as far as its account \
         holds them, and is never a sign-in.",
    );
}

impl FromCredential<PresentedKey, Identity> for Caller {
    async fn verify(key: PresentedKey, head: &Parts, identity: &Identity) -> Result<Arc<Self>, Denied> {
        // In a box, as all that takes long: what it holds would make the future of every request large.
        Box::pin(work_out(key, head, identity)).await
    }

    /// The same whole key as before: nothing has changed since of what its caller rests on, and it has not expired
    /// ([`caller_cache`](super::caller_cache)).
    fn cached(text: &[u8], head: &Parts, Identity(identity): &Identity) -> Result<Option<Arc<Self>>, Denied> {
        if is_derived(text) {
            return Ok(None);
        }
        let Some(caller) = identity.callers.of_key(text) else { return Ok(None) };
        let Proof::Key(Some(proof)) = &caller.proof else { return Ok(None) };
        identity.callers.catch_up().map_err(Denied::undecided)?;
        let stands = identity.callers.is_current(&proof.basis)
            && identity.api_keys.accept_again(&proof.accepted, head)?;
        Ok(stands.then_some(caller))
    }
}

/// Verifies the key, and finds out who came with it and what that caller may do. Of a whole key that is kept.
async fn work_out(
    key: PresentedKey,
    head: &Parts,
    Identity(identity): &Identity,
) -> Result<Arc<Caller>, Denied> {
    let (text, callers) = (key.expose(), &identity.callers);
    // Before anything is looked up.
    let as_of = callers.epoch();
    let accepted = identity.api_keys.accept(text, head).await?;
    if is_derived(text.as_bytes()) {
        return Ok(Arc::new(accepted.into()));
    }
    let (account, authority) = (Arc::clone(accepted.account()), accepted.authority());
    let basis = callers.basis(as_of, [Subject::Account(account.id), Subject::ApiKey(accepted.key().id)]);
    let proof = Proof::Key(Some(KeyProof { accepted, basis }));
    let caller = Arc::new(Caller::new(account, authority, proof));
    callers.insert_key(text.as_bytes(), &caller);
    Ok(caller)
}

impl FromCredential<SignedRequest, Identity> for Caller {
    async fn verify(request: SignedRequest, head: &Parts, identity: &Identity) -> Result<Arc<Self>, Denied> {
        let accepted = Box::pin(identity.0.api_keys.accept_signed(&request, head)).await?;
        Ok(Arc::new(accepted.into()))
    }
}

impl From<Accepted> for Caller {
    fn from(accepted: Accepted) -> Self {
        let (account, authority) = (Arc::clone(accepted.account()), accepted.authority());
        Self::new(account, authority, Proof::Key(None))
    }
}

impl Authenticate<Identity> for ByKey {
    async fn authenticate(head: &mut Parts, identity: &Identity) -> Result<Option<Self>, Problem> {
        let found = ApiKeyHeader::<OurHeader, Caller>::authenticate(head, identity).await?;
        Ok(found.map(|found| Self(found.0)))
    }
}

impl Authenticate<Identity> for BySignature {
    async fn authenticate(head: &mut Parts, identity: &Identity) -> Result<Option<Self>, Problem> {
        let found = HttpSignature::<Caller>::authenticate(head, identity).await?;
        Ok(found.map(|found| Self(found.0)))
    }
}

impl Describe<Identity> for ByKey {
    fn describe(description: &mut Description<'_>) {
        // No challenge: whoever is to send a key has one, and a browser asked for two things shows neither.
        let header = json!({ "type": "apiKey", "in": "header", "name": OurHeader::PARAMETER });
        description
            .credential(Scheme::new(OurHeader::NAME, header, None).description(OurHeader::DESCRIPTION));
        describe_quota(description);
    }
}

impl Describe<Identity> for BySignature {
    fn describe(description: &mut Description<'_>) {
        <HttpSignature<Caller> as Describe<Identity>>::describe(description);
        describe_quota(description);
    }
}

fn describe_quota(description: &mut Description<'_>) {
    let words = "The API key's quota is used up; `Retry-After` says when to come back";
    description.refusal(StatusCode::TOO_MANY_REQUESTS, words);
}
