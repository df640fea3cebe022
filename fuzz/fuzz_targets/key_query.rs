//! A key in the query: what is read can be a key, and reads the same when it is encoded again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade::credential::{ApiKeyQuery, Credential};
use palisade_fuzz::{Key, head, is_key, present};

fn read(query: &str) -> Option<String> {
    let head = head(&format!("/x?{query}"), &[])?;
    present(ApiKeyQuery::<Key>::read(&head)).map(|key| key.expose().to_owned())
}

fuzz_target!(|data: &[u8]| {
    let Some(key) = std::str::from_utf8(data).ok().and_then(read) else { return };
    assert!(is_key(&key));
    let encoded: String = key.bytes().map(|byte| format!("%{byte:02x}")).collect();
    assert_eq!(read(&format!("key={encoded}")), Some(key.clone()));
    assert_eq!(read(&format!("key={encoded}&k%65y={encoded}")), None, "twice is not once");
});
