//! What happens to a request before it is routed: which host it means, whose address it comes from, and what every
//! response carries.
//!
//! Pure functions over a request's head; a server calls them between its socket and its router. They know nothing of
//! routes, credentials or configuration files.

mod client_address;
mod headers;
mod host;
mod proxies;

pub use self::{
    client_address::ClientAddress,
    headers::secure_headers,
    host::{AllowedHosts, HostRefused},
    proxies::{ForwardedHeader, TrustedProxies},
};
