//! `Authorization: Digest`: what is read is of the forms of RFC 7616, and reads the same when it is written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade::credential::{Digest, DigestCredentials};
use palisade_fuzz::read;

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn written(read: &DigestCredentials) -> String {
    let mut text = format!(
        "Digest username={}, realm={}, nonce={}, uri={}, response={}, cnonce={}, nc={:08x}, qop={}, userhash={}",
        quoted(&read.username),
        quoted(&read.realm),
        quoted(&read.nonce),
        quoted(&read.uri),
        quoted(&read.response),
        quoted(&read.cnonce),
        read.nc,
        if read.covers_body { "auth-int" } else { "auth" },
        read.userhash,
    );
    if let Some(algorithm) = &read.algorithm {
        text += &format!(", algorithm={algorithm}");
    }
    if let Some(opaque) = &read.opaque {
        text += &format!(", opaque={}", quoted(opaque));
    }
    text
}

fuzz_target!(|data: &[u8]| {
    let Some(first) = read::<Digest>("authorization", data) else { return };
    assert!(matches!(first.response.len(), 32 | 64));
    let text = written(&first);
    // Escapes may make it longer than what is read.
    if text.len() < 8 * 1024 {
        assert_eq!(read::<Digest>("authorization", text.as_bytes()), Some(first));
    }
});
