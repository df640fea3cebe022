//! A key in a header: what is read is what was sent.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade::credential::ApiKeyHeader;
use palisade_fuzz::{Key, is_key, read};

fuzz_target!(|data: &[u8]| {
    let Some(key) = read::<ApiKeyHeader<Key>>("key", data) else { return };
    assert!(is_key(key.expose()));
    assert_eq!(key.expose().as_bytes(), data);
});
