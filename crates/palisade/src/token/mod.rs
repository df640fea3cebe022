//! Tokens: strict verification, keys, issuing.
//!
//! A token passes through here in one direction. `jws` takes its text apart; a profile checks the header
//! and picks the key from the configured [`KeySet`]; the signature makes it authentic, and only then its claims are
//! read and checked. What comes out is an [`AccessToken`], which nothing else can make.
//!
//! Signatures are aws-lc's. Everything around them is here, and stricter than the standards ask: one spelling of
//! base64url, no member twice at any depth of the JSON, no extension, no key from the token itself.
//!
//! ```
//! use palisade::token::{KeySet, Verifier};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let keys = KeySet::from_json(r#"{"keys": []}"#)?; // what the issuer publishes
//! let verifier = Verifier::access_tokens("https://issuer.example", "https://api.example").keys(keys).build();
//! let refused = verifier.verify("not a token").unwrap_err();
//! assert_eq!(refused.code(), "not-compact"); // for the log, never for the caller
//! # Ok(())
//! # }
//! ```
//!
#![doc = include_str!("attacks.md")]

mod acceptance;
mod access_token;
mod algorithm;
mod base64url;
mod cache;
mod claims;
mod inspect;
#[cfg(feature = "issue")]
mod issue;
mod json;
mod jwk;
mod jws;
mod key_set;
mod numeric_date;
pub mod offline;
mod profile;
mod profiles;
mod public_key;
mod refused;
mod replay;
mod revocations;
mod rule;
mod sentence;
#[cfg(feature = "issue")]
mod signing_key;
mod uri;
mod verifier;
mod window;

pub use acceptance::Acceptance;
pub use access_token::AccessToken;
pub use algorithm::Algorithm;
pub use cache::VerifiedCache;
pub use inspect::inspect;
#[cfg(feature = "issue")]
pub use issue::{AccessTokenClaims, Issuer};
pub use jwk::UnusableKey;
pub use key_set::{InvalidKeySet, KeySet, SkippedKey};
pub use profiles::{InvalidProfiles, Profiles};
pub use refused::{Claim, CriticalFault, JsonFault, Part, Refused};
pub use revocations::{Revocations, RevocationsFull};
#[cfg(feature = "issue")]
pub use signing_key::{InvalidSigningKey, SigningKey};
pub use verifier::{DangerousVerifierBuilder, Verifier, VerifierBuilder};
pub use window::Window;

/// The longest token that is looked at, in bytes.
pub const MAX_LENGTH: usize = 16_384;
