//! `Authorization: Basic`: what is read has one spelling, the one that was sent.
#![no_main]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use libfuzzer_sys::fuzz_target;
use palisade::credential::Basic;
use palisade_fuzz::read;

fuzz_target!(|data: &[u8]| {
    let Some(read) = read::<Basic>("authorization", data) else { return };
    assert!(!read.username.contains(':'));
    let text = format!("{}:{}", read.username, read.password.expose());
    assert!(!text.chars().any(char::is_control));
    assert!(data.ends_with(STANDARD.encode(text).as_bytes()));
});
