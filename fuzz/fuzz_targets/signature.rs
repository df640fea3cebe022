//! `Signature-Input` and `Signature` (RFC 9421), line by line, as a server reads them from a request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade::credential::{Credential, HttpSignature};
use palisade_fuzz::head;

fuzz_target!(|data: &[u8]| {
    let mut lines = data.split(|byte| *byte == b'\n');
    let mut next = || lines.next().unwrap_or_default();
    let headers = [
        ("signature-input", next()),
        ("signature", next()),
        ("content-digest", next()),
        ("palisade-key-chain", next()),
        ("host", &b"api.example.org"[..]),
    ];
    if let Some(head) = head("/x?y=z", &headers) {
        let _ = HttpSignature::<palisade::signature::SignedRequest>::read(&head);
    }
});
