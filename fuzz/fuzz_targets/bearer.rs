//! `Authorization: Bearer`: what is read has the characters of a token, and is what was sent.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade::credential::Bearer;
use palisade_fuzz::read;

fuzz_target!(|data: &[u8]| {
    let Some(token) = read::<Bearer>("authorization", data) else { return };
    let token = token.expose();
    let body = token.trim_end_matches('=');
    assert!(!body.is_empty());
    assert!(body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte)));
    assert!(data.ends_with(token.as_bytes()));
    assert!(data[..6].eq_ignore_ascii_case(b"bearer"));
});
