//! Requests signed with a key instead of carrying it: HTTP Message Signatures (RFC 9421) with Ed25519. Who reads a signed
//! request on its way can neither use the key nor send the request again or altered.
//!
//! A caller [signs](sign()) with its [key](crate::api_key::HeldKey); a derived one sends its chain along. The server
//! [reads](SignedRequest) the signature from the head, looks the key up, and has the [`Verifier`] check it. The digest of
//! the body is covered by the signature and compared while the body is read ([RFC 9530][]), so a handler that reads the
//! body to its end never acts on another one: the read fails. This needs [`layer`](crate::layer()), which a Palisade router
//! brings along.
//!
//! What is accepted is narrower than the standard: one signature with the tag `palisade`, `Ed25519`, components without
//! parameters, and header fields in the one form structured fields are serialised in (RFC 9651, section 4.1). Signatures
//! with other tags are others' and are not looked at: a proxy or a crawler may add its own.
//!
//! ```
//! use palisade::{
//!     api_key::{ApiKeyText, KeyId},
//!     clock::SystemClock,
//!     random::SystemRandom,
//!     signature,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = ApiKeyText::generate(KeyId::from_bytes([7; 16]), &SystemRandom)?;
//! let body = r#"{"name":"stake"}"#;
//! let mut request = http::Request::post("https://api.example/items")
//!     .header("content-type", "application/json")
//!     .body(body)?;
//! let now = SystemClock::shared().now();
//! signature::sign(&mut request, body.as_bytes(), &key.into(), now, &SystemRandom)?;
//! assert!(request.headers().contains_key("signature"));
//! # Ok(())
//! # }
//! ```
//!
//! # What a server must know
//!
//! - The authority is that of the request target or of `Host`, as it arrives: a proxy must not change it, nor the path, nor
//!   the query.
//! - The scheme is not visible behind a proxy. It matters for `@target-uri` and for a default port that was left out;
//!   `https` is tried first, then `http`.
//! - [Nonces](Verifier) are remembered by one verifier in one process. Behind a balancer, a request can be accepted once by
//!   each process, unless they share a verifier. For ten seconds after a
//!   start signed requests are refused (503): nobody knows whether the process before has accepted them.
//! - Header fields that are not covered can be altered on the way. Covered must be: method, authority, path and query,
//!   `Palisade-Key-Chain` if it is there, `Content-Digest` and `Content-Type` if there is a body.
//!
//! There is no challenge. `Accept-Signature` (RFC 9421, section 5) would name the key to sign with, which nobody knows
//! before the caller has said who it is.
//!
//! [RFC 9530]: https://www.rfc-editor.org/rfc/rfc9530

mod base;
mod body;
mod component;
mod content_digest;
mod fields;
mod nonces;
mod refused;
mod request;
mod sign;
mod verifier;

use std::time::Duration;

use http::HeaderName;

pub(crate) use self::body::watch;
pub use self::{
    refused::{NotSigned, Refused},
    request::SignedRequest,
    sign::sign,
    verifier::{Verified, Verifier},
};

/// The header that carries the chain of a derived key that signs.
pub const KEY_CHAIN: HeaderName = HeaderName::from_static("palisade-key-chain");

const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");

/// Says what a signature is for (RFC 9421, section 2.3), so that one made for something else is none here.
const TAG: &str = "palisade";

/// How old a signature may be.
const LONGEST_AGE: Duration = Duration::from_secs(60);

/// How far the clocks of caller and server may be apart.
const LEEWAY: Duration = Duration::from_secs(10);
