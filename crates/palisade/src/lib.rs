//! Palisade guards a web API: a route states its *requirement* once, as a value, and the check, the API
//! document, the challenge, the access table and the negative tests are derived from it.

pub mod clock;
pub mod random;
pub mod scope;
pub mod secret;
#[cfg(feature = "tokens")]
pub mod token;
