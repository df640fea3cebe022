//! The browser a request comes from, and signing an account in with it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::{HeaderValue, header, request::Parts};
use palisade::{
    Describe, Description, Problem,
    credential::{ApiKeyScheme, Credential as _, Reading, SessionCookie},
    edge::ClientAddress,
};
use palisade_identity::{
    account::Account,
    http::IdentityParts,
    sessions::{Device, Presented, Session, SessionSecret, SessionsError, cookie},
};

/// What a browser calls itself, where it is, and the session it has.
#[derive(Debug)]
pub(super) struct Browser {
    pub(super) device: Device,
    secret: Option<SessionSecret>,
}

impl<S: Sync> FromRequestParts<S> for Browser {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let ClientAddress(address) = ClientAddress::from_request_parts(head, state).await?;
        let name = head.headers.get(header::USER_AGENT).map_or(&b""[..], HeaderValue::as_bytes);
        Ok(Self { device: Device::new(name, address), secret: presented(head) })
    }
}

impl<S> Describe<S> for Browser {
    fn describe(_: &mut Description<'_>) {}
}

impl Browser {
    /// Signs `account` in, which has just proved itself; answers the cookie that says so.
    pub(super) async fn enter(
        self,
        identity: &IdentityParts,
        account: &Account,
    ) -> Result<HeaderValue, Problem> {
        let begun = identity.sessions.begin(account, self.device.clone()).await?;
        self.enters(identity, begun).await
    }

    /// The cookie of a session that has begun. The one the browser presented ends, whosever it is: what was planted is
    /// never what a person acts in (session fixation).
    pub(super) async fn enters(
        self,
        identity: &IdentityParts,
        (secret, session): (SessionSecret, Session),
    ) -> Result<HeaderValue, Problem> {
        self.end_presented(identity).await?;
        Ok(cookie::set(&secret, session.ends_at, identity.clock.now()))
    }

    /// Signs out; answers the cookie that says so.
    pub(super) async fn leaves(self, identity: &IdentityParts) -> Result<HeaderValue, Problem> {
        self.end_presented(identity).await?;
        Ok(cookie::clear())
    }

    async fn end_presented(self, identity: &IdentityParts) -> Result<(), SessionsError> {
        let Some(secret) = self.secret else { return Ok(()) };
        let Presented::Live(signed_in) = identity.sessions.find(&secret).await? else { return Ok(()) };
        match identity.sessions.end(signed_in.account().id, signed_in.id()).await {
            // Ended from elsewhere just now.
            Err(SessionsError::NotFound) => Ok(()),
            ended => ended,
        }
    }
}

/// The session's cookie, by its name.
struct Ours;

impl ApiKeyScheme for Ours {
    const NAME: &'static str = "Session";
    const PARAMETER: &'static str = cookie::NAME;
}

/// The session secret in the cookie; a cookie that is there twice, or not of its form, is none.
fn presented(head: &Parts) -> Option<SessionSecret> {
    match SessionCookie::<Ours>::read(head) {
        Reading::Present(text) => SessionSecret::parse(text.expose().as_bytes()),
        Reading::Absent | Reading::Malformed(_) => None,
    }
}
