//! API keys: their written form, and narrower keys a holder derives by itself.
//!
//! The secret of a key is the seed of an Ed25519 key pair (RFC 8032). Whoever issues it keeps no secret: a [keyed
//! hash](HashKey) to recognise the key when it is presented as it is, and the [public key](PublicKey) for what is signed
//! with it. A holder hands on less than it has, without asking anybody: [`ApiKeyText::derive`] makes a new key pair and
//! signs a *link* that says what the new key may at most. The issuer checks the [`Chain`] of links although it has never
//! seen it, and learns what is left ([`Narrowed`]).
//!
//! Written, a key is `pal_<id>_<secret><checksum>` ([`SECRET_PATTERN`]), a derived one `pald_..`, and the public part of a
//! derived one `palc_..`. Each value has one written form. The checksum is no security, anybody can compute it: it refuses
//! a typing error without a look-up, and lets whoever scans texts for leaked keys tell a key from something alike.

mod base62;
mod caveats;
mod chain;
mod derived;
mod hash;
mod key_pair;
mod link;
mod refused;
mod route;
mod text;
mod written;

pub(crate) use self::key_pair::{SIGNATURE, Seed};
pub use self::{
    caveats::Caveats,
    chain::{Chain, Narrowed},
    derived::{DerivedKey, HeldKey},
    hash::{HashKey, KeyHash},
    key_pair::PublicKey,
    link::LinkId,
    refused::{NotDerived, Refused},
    route::{InvalidRoute, Route},
    text::{ApiKeyText, KeyId},
};

/// A regular expression that matches every written key and every written derived key, for secret scanners. It uses
/// nothing beyond what all common engines have. A match whose checksum is wrong is not a key.
pub const SECRET_PATTERN: &str = r"\bpald?_[0-9A-Za-z]{22}_[0-9A-Za-z]{49,}\b";

/// The longest chain of links.
pub const MOST_LINKS: usize = 8;
