//! The text of an API key: one written form for each key.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade::api_key::{ApiKeyText, HeldKey};

fuzz_target!(|text: &str| {
    if let Ok(key) = ApiKeyText::parse(text) {
        assert_eq!(key.to_text().expose(), text);
    }
    if let Ok(key) = HeldKey::parse(text) {
        assert_eq!(key.to_text().expose(), text);
    }
});
