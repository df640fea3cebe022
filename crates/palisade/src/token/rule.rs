//! What must hold for one kind of token and not for every kind. Each rule has a sentence, by which a profile names it.

use aws_lc_rs::digest;

use super::{
    Algorithm, Refused, base64url,
    claims::{Audience, Claims},
    json::Value,
    profile::{Context, Profile},
    refused::{Claim, ensure},
    uri,
};
use crate::scope::ScopeSet;

/// Something that must hold for a kind of token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rule {
    /// The claims RFC 9068 gives a type have it.
    AccessToken,
    /// The token is for us alone.
    SoleAudience,
    /// `aud` is a string, not a list of one.
    PlainAudience,
    /// `azp` is the client, if it is there.
    AuthorizedParty,
    /// `sub` is 1 to 255 ASCII characters (OpenID Connect Core, section 2).
    ShortSubject,
    /// `sub` does not name the client.
    SubjectIsNotClient,
    /// `sub` or `sid` is there.
    SubjectOrSession,
    /// `at_hash`, if it is there, fits the access token.
    AccessTokenHash,
    /// The sign-in is recent enough, if the request asks for that.
    MaxAge,
    /// `exp` lies at most so many seconds ahead.
    Lifetime(f64),
    /// `iat` lies within so many seconds before and after now.
    Fresh { before: f64, after: f64 },
    /// `events` holds the back-channel logout event (OpenID Connect Back-Channel Logout, section 2.4).
    LogoutEvent,
    /// These claims must not be there.
    Forbidden(Vec<String>),
    /// The key is the header's `jwk`.
    EmbeddedKey,
    /// `htm` and `htu` are the request's.
    RequestBound,
    /// `ath` is the hash of the access token, if there is one.
    AccessTokenBound,
    /// The key is the one the request must be made with, if that is known.
    Thumbprint,
    /// `nonce` is the one that was handed out, if one was.
    HandedOutNonce,
    /// No `jti` of this issuer is accepted twice.
    SingleUse,
    /// No `jti` is accepted twice for one URI.
    SingleUsePerUri,
    /// A sentence that is not known: nothing satisfies it.
    Unknown,
}

/// What a token is checked against, apart from its profile.
pub(crate) struct Facts<'f> {
    pub(crate) context: &'f Context,
    pub(crate) algorithm: Algorithm,
    /// The thumbprint of the key that came with the token, if it did.
    pub(crate) sender: Option<&'f str>,
    pub(crate) now: f64,
}

const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

impl Rule {
    /// Whether the claims satisfy this rule. Where and when a token was used before is not looked at here.
    pub(crate) fn check(
        &self,
        claims: &Claims<'_>,
        profile: &Profile,
        facts: &Facts<'_>,
    ) -> Result<(), Refused> {
        match self {
            Self::AccessToken => access_token(claims),
            Self::SoleAudience => sole_audience(claims),
            Self::PlainAudience => plain_audience(claims),
            Self::AuthorizedParty => authorized_party(claims, profile),
            Self::ShortSubject => short_subject(claims),
            Self::SubjectIsNotClient => subject_is_not_client(claims, profile),
            Self::SubjectOrSession => subject_or_session(claims),
            Self::AccessTokenHash => access_token_hash(claims, facts),
            Self::MaxAge => max_age(claims, profile, facts),
            Self::Lifetime(seconds) => {
                let expires_at = claims.required_date("exp")?.seconds();
                // check: lifetime
                ensure(expires_at <= facts.now + seconds, Refused::TooLongLived)
            }
            Self::Fresh { before, after } => fresh(claims, facts.now, *before, *after),
            Self::LogoutEvent => logout_event(claims),
            Self::Forbidden(names) => forbidden(claims, names),
            Self::RequestBound => request_bound(claims, facts.context),
            Self::AccessTokenBound => access_token_bound(claims, facts.context),
            Self::Thumbprint => {
                let held = facts.context.jkt.as_deref().is_none_or(|jkt| facts.sender == Some(jkt));
                // check: jkt
                ensure(held, Refused::Mismatch("jkt".into()))
            }
            Self::HandedOutNonce => handed_out_nonce(claims, facts.context),
            Self::EmbeddedKey => Ok(()), // where the key is chosen
            Self::SingleUse | Self::SingleUsePerUri => named_by_id(claims),
            // check: unknown-rule, instead: Self::Unknown => Ok(()),
            Self::Unknown => Err(Refused::UnknownRule),
        }
    }
}

/// RFC 9068, section 2.2. An empty name would be nobody's and everybody's.
fn access_token(claims: &Claims<'_>) -> Result<(), Refused> {
    for name in ["sub", "jti", "client_id"] {
        // check: at-empty-name
        ensure(!claims.required_text(name)?.is_empty(), Refused::Malformed(name.into()))?;
    }
    // check: at-auth-time
    claims.date("auth_time")?;
    let scopes = claims.text("scope")?.unwrap_or_default().parse::<ScopeSet>();
    // check: at-scope
    ensure(scopes.is_ok(), Refused::Malformed("scope".into()))
}

fn sole_audience(claims: &Claims<'_>) -> Result<(), Refused> {
    // check: aud-alone
    ensure(claims.required_audience()?.is_alone(), Refused::Mismatch("aud".into()))
}

fn plain_audience(claims: &Claims<'_>) -> Result<(), Refused> {
    // check: aud-string
    ensure(matches!(claims.required_audience()?, Audience::One(_)), Refused::Malformed("aud".into()))
}

fn authorized_party(claims: &Claims<'_>, profile: &Profile) -> Result<(), Refused> {
    let client = profile.expected.client_id.as_ref().or(profile.expected.audience.as_ref());
    let Some(party) = claims.text("azp")? else { return Ok(()) };
    // check: azp
    ensure(client.is_some_and(|client| client == party), Refused::Mismatch("azp".into()))
}

fn short_subject(claims: &Claims<'_>) -> Result<(), Refused> {
    let subject = claims.required_text("sub")?;
    // check: sub-form
    ensure((1..=255).contains(&subject.len()) && subject.is_ascii(), Refused::Malformed("sub".into()))
}

fn subject_is_not_client(claims: &Claims<'_>, profile: &Profile) -> Result<(), Refused> {
    let client = profile.expected.client_id.as_deref().or(profile.expected.issuer.as_deref());
    let subject = claims.text("sub")?;
    // check: sub-not-client
    ensure(subject.is_none() || subject != client, Refused::Mismatch("sub".into()))
}

fn subject_or_session(claims: &Claims<'_>) -> Result<(), Refused> {
    let (subject, session) = (claims.text("sub")?, claims.text("sid")?);
    // check: sub-or-sid
    ensure(subject.is_some() || session.is_some(), Refused::Missing("sub".into()))
}

/// The left half of the hash, as OpenID Connect Core, section 3.1.3.6 makes it. Without the access token at hand the
/// claim cannot be checked, and what cannot be checked is refused.
fn access_token_hash(claims: &Claims<'_>, facts: &Facts<'_>) -> Result<(), Refused> {
    let Some(found) = claims.text("at_hash")? else { return Ok(()) };
    let token = facts.context.access_token.as_deref().ok_or(Refused::ContextMissing("access_token"))?;
    let hash = digest::digest(facts.algorithm.digest(), token.as_bytes());
    let half = &hash.as_ref()[..hash.as_ref().len() / 2];
    // check: at-hash
    ensure(found == base64url::encode(half), Refused::Mismatch("at_hash".into()))
}

/// `max_age` of OpenID Connect Core, section 3.1.2.1.
fn max_age(claims: &Claims<'_>, profile: &Profile, facts: &Facts<'_>) -> Result<(), Refused> {
    claims.required_date("iat")?;
    let signed_in = claims.date("auth_time")?;
    let Some(max_age) = facts.context.max_age else { return Ok(()) };
    let signed_in = signed_in.ok_or(Refused::Missing("auth_time".into()))?;
    // check: max-age
    ensure(signed_in.seconds() >= facts.now - max_age - profile.leeway, Refused::TooOld("auth_time".into()))
}

fn fresh(claims: &Claims<'_>, now: f64, before: f64, after: f64) -> Result<(), Refused> {
    let issued_at = claims.required_date("iat")?.seconds();
    // check: fresh-before
    ensure(issued_at >= now - before, Refused::TooOld("iat".into()))?;
    // check: fresh-after
    ensure(issued_at <= now + after, Refused::IssuedInFuture)
}

fn logout_event(claims: &Claims<'_>) -> Result<(), Refused> {
    let events = claims.value("events").ok_or(Refused::Missing("events".into()))?;
    let event = events.as_object().and_then(|events| events.member(LOGOUT_EVENT));
    // check: events
    ensure(event.and_then(Value::as_object).is_some(), Refused::Malformed("events".into()))
}

fn forbidden(claims: &Claims<'_>, names: &[String]) -> Result<(), Refused> {
    for name in names {
        // check: forbidden
        if claims.has(name) {
            return Err(Refused::Forbidden(Claim::from(name.clone())));
        }
    }
    Ok(())
}

/// RFC 9449, section 4.3, steps 8 and 9.
fn request_bound(claims: &Claims<'_>, context: &Context) -> Result<(), Refused> {
    let method = context.htm.as_deref().ok_or(Refused::ContextMissing("htm"))?;
    let requested = context.htu.as_deref().and_then(uri::normalized).ok_or(Refused::ContextMissing("htu"))?;
    // check: htm
    ensure(claims.required_text("htm")? == method, Refused::Mismatch("htm".into()))?;
    let claimed = uri::normalized(claims.required_text("htu")?).ok_or(Refused::Malformed("htu".into()))?;
    // check: htu
    ensure(claimed == requested, Refused::Mismatch("htu".into()))
}

/// RFC 9449, section 4.3, step 12.
fn access_token_bound(claims: &Claims<'_>, context: &Context) -> Result<(), Refused> {
    let found = claims.text("ath")?;
    let Some(token) = context.access_token.as_deref() else { return Ok(()) };
    let hash = base64url::encode(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    let found = found.ok_or(Refused::Missing("ath".into()))?;
    // check: ath
    ensure(found == hash, Refused::Mismatch("ath".into()))
}

/// RFC 9449, section 4.3, step 10.
fn handed_out_nonce(claims: &Claims<'_>, context: &Context) -> Result<(), Refused> {
    let found = claims.text("nonce")?;
    let Some(nonce) = context.nonce.as_deref() else { return Ok(()) };
    let found = found.ok_or(Refused::Missing("nonce".into()))?;
    // check: dpop-nonce
    ensure(found == nonce, Refused::Mismatch("nonce".into()))
}

fn named_by_id(claims: &Claims<'_>) -> Result<(), Refused> {
    // check: single-use-name
    ensure(!claims.required_text("jti")?.is_empty(), Refused::Malformed("jti".into()))
}
