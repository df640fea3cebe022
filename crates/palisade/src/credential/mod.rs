//! Credentials: how a caller says who it is.
//!
//! A credential reads itself from the head of a request ([`Reading`]: absent, present or malformed, without verifying),
//! and has a [`Scheme`]: its name, its OpenAPI object and its challenge. Verifying is a second step, by the type the
//! credential is read as: [`Bearer<AccessToken>`](Bearer). One file, one credential.

#[cfg(feature = "tokens")]
mod access_token;
mod bearer;
mod challenge;
mod need;
mod oauth2_password;
mod scheme;

use http::request::Parts;

pub use self::{
    bearer::{Bearer, BearerToken, FromBearer},
    oauth2_password::{OAuth2PasswordBearer, PasswordFlow},
    scheme::Scheme,
};
pub(crate) use self::{
    challenge::challenges,
    need::{Need, Together},
};

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

/// A credential that can read itself from the head of a request.
pub trait Credential: Sized + Send {
    /// Looks for the credential, without verifying it.
    fn read(head: &Parts) -> Reading<Self>;

    /// Its scheme.
    fn scheme() -> Scheme;
}
