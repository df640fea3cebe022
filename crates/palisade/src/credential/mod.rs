//! Credentials: how a caller says who it is.
//!
//! A credential reads itself from the head of a request ([`Reading`]: absent, present or malformed, without verifying),
//! and has a [`Scheme`]: its name, its OpenAPI object and its challenge. Verifying is a second step, by the type the
//! credential is read as: [`Bearer<AccessToken>`](Bearer) ([`FromCredential`]). One file, one credential.
//!
//! Credentials combine: a tuple means all of them, [`AnyOf`] the first that is there, `Option` that it may be missing
//! ([`Authenticate`]).
//!
//! Some a browser sends by itself, whichever site makes it send the request: cookies, Basic, Digest. These are
//! [*ambient*](Credential::AMBIENT), and are taken for a request that could change something only from our own pages
//! ([`edge::check_origin`](crate::edge::check_origin)).

#[cfg(feature = "tokens")]
mod access_token;
mod any_of;
mod api_key;
mod api_key_cookie;
mod api_key_query;
mod authenticate;
mod authorization;
mod basic;
mod bearer;
mod challenge;
mod cookies;
mod digest;
#[cfg(feature = "api-keys")]
mod http_signature;
mod need;
mod oauth2;
mod oauth2_authorization_code;
mod oauth2_client_credentials;
mod oauth2_password;
mod open_id_connect;
mod scheme;
mod session_cookie;
mod together;
mod verified;

use std::sync::Arc;

use http::request::Parts;

#[cfg(feature = "api-keys")]
pub use self::http_signature::HttpSignature;
pub use self::{
    any_of::{Alternatives, AnyOf, OneOf2, OneOf3, OneOf4, OneOf5, OneOf6},
    api_key::{ApiKeyHeader, ApiKeyScheme, PresentedKey},
    api_key_cookie::ApiKeyCookie,
    api_key_query::ApiKeyQuery,
    authenticate::Authenticate,
    basic::{Basic, BasicCredentials, DefaultRealm, Realm},
    bearer::{Bearer, BearerToken},
    digest::{Digest, DigestCredentials},
    oauth2::{Flow, OAuth2, OAuth2Flows},
    oauth2_authorization_code::{AuthorizationCodeFlow, OAuth2AuthorizationCodeBearer},
    oauth2_client_credentials::{ClientCredentialsFlow, OAuth2ClientCredentials},
    oauth2_password::{OAuth2PasswordBearer, PasswordFlow},
    open_id_connect::{OpenIdConnect, OpenIdProvider},
    scheme::Scheme,
    session_cookie::{SessionCookie, SessionText},
    together::AllOf,
};
pub(crate) use self::{
    challenge::challenges,
    need::{Need, Together},
};
use crate::denied::Denied;

/// What a credential found of itself in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading<T> {
    /// The request does not carry this credential.
    Absent,
    /// The request carries it, in the right form. It is not verified.
    Present(T),
    /// The request carries something that claims to be this credential and is not of its form. The reason is for the
    /// log.
    Malformed(&'static str),
}

impl<T> Reading<T> {
    /// The same of what `change` makes of it.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Absent => Reading::Absent,
            Self::Present(value) => Reading::Present(change(value)),
            Self::Malformed(why) => Reading::Malformed(why),
        }
    }
}

/// A credential that can read itself from the head of a request.
pub trait Credential: Sized {
    /// What is read: the credential as it was sent.
    type Read;

    /// Whether a browser sends it by itself. Then it counts for unsafe methods and upgrades only where the request comes
    /// from our own pages or from a trusted origin; else the answer is 403.
    const AMBIENT: bool = false;

    /// Looks for the credential, without verifying it.
    fn read(head: &Parts) -> Reading<Self::Read>;

    /// The bytes of the credential as it was sent, unverified, for [`FromCredential::cached`]. `None` if it is absent, there is
    /// more than one of it, or it is longer than [`read`](Self::read) takes. An ambient credential has to be of its form, too,
    /// as `read` finds it: which page the request comes from is checked before the bytes are looked for.
    fn presented(_: &Parts) -> Option<&[u8]> {
        None
    }

    /// Its scheme.
    fn scheme() -> Scheme;
}

/// A type that a credential is verified as. `R` is what was read of it: [`BearerToken`], [`BasicCredentials`],
/// [`DigestCredentials`], [`PresentedKey`] or [`SessionText`].
#[diagnostic::on_unimplemented(
    message = "a credential read as `{R}` cannot be verified as `{Self}` with the state `{S}`",
    note = "implement `FromCredential<{R}, {S}>` for it; for `AccessToken`, the state needs `impl FromRef<{S}> for Arc<Verifier>`"
)]
pub trait FromCredential<R, S>: Sized + Send + Sync {
    /// Verifies what was read. What comes of it is shared, so that a verifier can keep it for the next request.
    ///
    /// Where this holds much while it waits, put that in a box: it is part of the future of every request.
    ///
    /// # Errors
    ///
    /// [`Denied`]: usually [`Denied::invalid_credentials`], with the reason for the log. [`Denied::not_authenticated`] says
    /// that the credential counts as absent, as that of a session that is over: another alternative may be there, and a
    /// page that does not need it is shown.
    fn verify(read: R, head: &Parts, state: &S) -> impl Future<Output = Result<Arc<Self>, Denied>> + Send;

    /// What exactly these bytes were verified as before, if that is kept and still holds: the way of a request whose credential
    /// is known. `None`, as it is by default, has the credential read and verified.
    ///
    /// The bytes are unchecked, so find them by comparing all of them with what was accepted
    /// ([`VerifiedCache`](crate::token::VerifiedCache)), and check all that can have ended the credential since.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    fn cached(_presented: &[u8], _head: &Parts, _state: &S) -> Result<Option<Arc<Self>>, Denied> {
        Ok(None)
    }
}

/// What was read can be had as it is.
macro_rules! reads_as_itself {
    ($($read:ty),* $(,)?) => {$(
        impl<S: Sync> FromCredential<$read, S> for $read {
            async fn verify(read: Self, _: &Parts, _: &S) -> Result<Arc<Self>, Denied> {
                Ok(Arc::new(read))
            }
        }
    )*};
}

reads_as_itself!(BearerToken, BasicCredentials, DigestCredentials, PresentedKey, SessionText);
#[cfg(feature = "api-keys")]
reads_as_itself!(crate::signature::SignedRequest);
