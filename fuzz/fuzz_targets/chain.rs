//! The chain of a derived key: one written form for each chain, and none that verifies under a key that signed nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade::{
    api_key::{Chain, DerivedKey, PublicKey},
    clock::Timestamp,
};

fuzz_target!(|text: &str| {
    let chain = match (Chain::parse(text), DerivedKey::parse(text)) {
        (Ok(chain), _) => chain,
        (Err(_), Ok(key)) => {
            assert_eq!(key.to_text().expose(), text);
            key.chain().clone()
        }
        (Err(_), Err(_)) => return,
    };
    let written = chain.to_text();
    assert!(Chain::parse(&written).is_ok_and(|again| again.to_text() == written));
    assert!(chain.verify(PublicKey::from_bytes([7; 32]), chain.id(), Timestamp::from_unix(0)).is_err());
});
