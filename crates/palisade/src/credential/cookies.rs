//! Cookies as a request carries them (RFC 6265, section 5.4).

use http::{HeaderMap, HeaderValue, header};

use super::Reading;

/// The value of the cookie `name`: its header, and where it stands there. A cookie that is there twice is malformed: the
/// second may come from another host of the same site, and which comes first says nothing (RFC 6265, section 4.2.2).
///
/// HTTP/2 may split cookies over several headers (RFC 9113, section 8.2.3); they count as one list.
pub(super) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Reading<(&'a HeaderValue, usize, usize)> {
    let mut found = Reading::Absent;
    for header in headers.get_all(header::COOKIE) {
        for (start, end) in values(header.as_bytes(), name.as_bytes()) {
            if found != Reading::Absent {
                return Reading::Malformed("the cookie is there twice");
            }
            found = Reading::Present((header, start, end));
        }
    }
    if let Reading::Present((header, start, end)) = found {
        return match unquoted(header.as_bytes(), start, end) {
            Some((start, end)) => Reading::Present((header, start, end)),
            None => Reading::Malformed("the cookie is not of the form of RFC 6265, section 4.1.1"),
        };
    }
    found
}

/// Where the values of the cookies called `name` stand in the header `bytes`. Spaces between cookies are skipped, and
/// nothing else: a name that is ours but for white space is another cookie to a browser, which does not protect it by its
/// prefix.
fn values<'a>(bytes: &'a [u8], name: &'a [u8]) -> impl Iterator<Item = (usize, usize)> + 'a {
    let mut next = 0;
    bytes.split(|byte| *byte == b';').filter_map(move |pair| {
        let from = next;
        next += pair.len() + 1;
        let before = pair.iter().take_while(|byte| **byte == b' ').count();
        let after = pair.iter().rev().take_while(|byte| **byte == b' ').count();
        let (start, end) = (from + before, from + pair.len().saturating_sub(after));
        let value = bytes.get(start..end)?.strip_prefix(name)?.strip_prefix(b"=")?;
        Some((end - value.len(), end))
    })
}

/// Where the cookie's octets stand, without the quotes that may be around them; none if they are not of that form.
fn unquoted(bytes: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    let (start, end) = match &bytes[start..end] {
        [b'"', .., b'"'] => (start + 1, end - 1),
        _ => (start, end),
    };
    // All bytes are looked at, and none decides about the next, so that many are compared at once.
    let octets = bytes[start..end].iter().fold(true, |so_far, byte| so_far & is_octet(*byte));
    octets.then_some((start, end))
}

/// `cookie-octet` of RFC 6265, section 4.1.1.
fn is_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() & (byte != b'"') & (byte != b',') & (byte != b';') & (byte != b'\\')
}

/// Whether `name` can be a cookie's name: a token (RFC 9110, section 5.6.2).
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
