//! What happens to a request before it is routed: whose address it comes from, which host it means, and what every
//! response carries.
//!
//! Pure functions over a request's head; a server calls them between its socket and its router. They know nothing of
//! routes, credentials or configuration files.

mod client_address;

pub use self::client_address::ClientAddress;
