//! Cookies: what is read is in the header, has no character that would end a cookie, and stands there once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade::credential::{ApiKeyCookie, SessionCookie};
use palisade_fuzz::{Key, Session, read};

fn contains(data: &[u8], text: &str) -> bool {
    data.windows(text.len()).any(|window| window == text.as_bytes())
}

fn check(data: &[u8], text: &str) {
    assert!(!text.is_empty());
    assert!(text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte)));
    assert!(contains(data, text));
}

fuzz_target!(|data: &[u8]| {
    if let Some(key) = read::<ApiKeyCookie<Key>>("cookie", data) {
        check(data, key.expose());
        let again = [data, b"; key=", key.expose().as_bytes()].concat();
        assert!(read::<ApiKeyCookie<Key>>("cookie", &again).is_none(), "twice is not once");
    }
    if let Some(session) = read::<SessionCookie<Session>>("cookie", data) {
        check(data, session.expose());
    }
});
