//! What happens to a request before it is routed: which host it means, whose address it comes from, and what every
//! response carries. And which site's page sent it, which is asked where a credential is one that browsers send by
//! themselves.
//!
//! Pure functions over a request's head; a server calls them between its socket and its router, and credentials the last.
//! They know nothing of routes, credentials or configuration files.

mod client_address;
mod headers;
mod host;
mod origin;
mod proxies;

pub use self::{
    client_address::ClientAddress,
    headers::secure_headers,
    host::{AllowedHosts, HostRefused},
    origin::{NotAnOrigin, SameOrigin, TrustedOrigins, check_origin},
    proxies::{ForwardedHeader, TrustedProxies},
};
pub(crate) use self::{host::is_of_this_machine, origin::REFUSAL as CROSS_SITE_REFUSAL};
