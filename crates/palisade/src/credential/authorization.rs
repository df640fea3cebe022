//! The `Authorization` header, which several credentials share (RFC 9110, section 11.6.2).

use http::{HeaderMap, HeaderValue, header};

use super::Reading;

/// The header, and what follows the authentication scheme `scheme` in it. Another scheme is "absent"; two headers are
/// malformed, for which of them was meant nobody can know.
pub(super) fn read<'a>(headers: &'a HeaderMap, scheme: &[u8]) -> Reading<(&'a HeaderValue, &'a [u8])> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Reading::Absent };
    if values.next().is_some() {
        return Reading::Malformed("more than one Authorization header");
    }
    let bytes = value.as_bytes();
    let (word, rest) = match bytes.iter().position(|byte| *byte == b' ') {
        Some(space) => (&bytes[..space], trim_start(&bytes[space..])),
        None => (bytes, &b""[..]),
    };
    if word.eq_ignore_ascii_case(scheme) { Reading::Present((value, rest)) } else { Reading::Absent }
}

/// Spaces and nothing else stand between scheme and credentials (RFC 9110, section 11.4).
fn trim_start(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.iter().take_while(|byte| **byte == b' ').count()..]
}
