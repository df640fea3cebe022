//! The address a request comes from.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr},
};

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::describe::{Describe, Description};

/// The address a request comes from: the peer's, or what trusted proxies say of it.
///
/// A server puts it into the request's extensions. Where none did, everybody has the unspecified address `0.0.0.0`:
/// whoever counts by address then counts all callers together, which is too strict rather than too lax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// Stands for everybody whose address nobody noted.
    pub const UNKNOWN: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(head.extensions.get().copied().unwrap_or(Self::UNKNOWN))
    }
}

impl<S> Describe<S> for ClientAddress {
    fn describe(_: &mut Description<'_>) {}
}
