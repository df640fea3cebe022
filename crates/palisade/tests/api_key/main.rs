//! API keys: their written form, and keys derived from them.
#![cfg(feature = "api-keys")]
#![expect(clippy::unwrap_used, reason = "the tests' own helpers are no `#[test]` functions")]

mod algebra;
mod attacks;
mod by_hand;
mod derived;
mod documented;
mod written;

use palisade::{
    api_key::{ApiKeyText, KeyId, LinkId, PublicKey},
    clock::Timestamp,
    random::SeededRandom,
    scope::ScopeSet,
};

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
const ID: KeyId = KeyId::from_bytes([7; 16]);

/// A key; the same one for the same number.
fn key(number: u64) -> ApiKeyText {
    ApiKeyText::generate(ID, &*SeededRandom::shared(number)).unwrap()
}

fn scopes(text: &str) -> ScopeSet {
    text.parse().unwrap()
}
