//! The bearer token (RFC 6750, section 2.1).

use std::{fmt, sync::Arc};

use http::{HeaderMap, HeaderValue, request::Parts};
use serde_json::json;

use super::{Credential, Reading, Scheme, authorization, verified::verified_as};

/// The longest token that is read, in bytes.
const LONGEST: usize = 16 * 1024;

/// A token as it was sent, read and not verified. It does not print.
///
/// It shares the header's memory instead of copying it: wiping a copy would leave the request itself as it is.
#[derive(Clone)]
pub struct BearerToken {
    header: HeaderValue,
    /// Where in the header it stands.
    start: usize,
}

impl BearerToken {
    /// The token itself.
    pub fn expose(&self) -> &str {
        // It was read as ASCII, so nothing is lost here.
        self.header
            .as_bytes()
            .get(self.start..)
            .and_then(|token| std::str::from_utf8(token).ok())
            .unwrap_or_default()
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken")
    }
}

/// A bearer token from the `Authorization` header. `Bearer` alone reads it; `Bearer<C>` reads it and verifies it as a
/// `C`, to which it dereferences.
pub struct Bearer<C = BearerToken>(pub Arc<C>);

impl<C> Credential for Bearer<C> {
    type Read = BearerToken;

    fn read(head: &Parts) -> Reading<BearerToken> {
        read(&head.headers)
    }

    fn presented(head: &Parts) -> Option<&[u8]> {
        presented(&head.headers)
    }

    fn scheme() -> Scheme {
        Scheme::new("Bearer", json!({ "type": "http", "scheme": "bearer" }), Some("Bearer"))
    }
}

verified_as!(Bearer<C>);

/// What follows `Bearer` in the one `Authorization` header there is.
pub(super) fn presented(headers: &HeaderMap) -> Option<&[u8]> {
    match authorization::read(headers, b"Bearer") {
        Reading::Present((_, token)) if token.len() <= LONGEST => Some(token),
        Reading::Present(_) | Reading::Absent | Reading::Malformed(_) => None,
    }
}

/// Reads `Authorization: Bearer b64token`.
pub(super) fn read(headers: &HeaderMap) -> Reading<BearerToken> {
    let (header, token) = match authorization::read(headers, b"Bearer") {
        Reading::Present(found) => found,
        Reading::Absent => return Reading::Absent,
        Reading::Malformed(why) => return Reading::Malformed(why),
    };
    if token.len() > LONGEST {
        return Reading::Malformed("the bearer token is too long");
    }
    if !is_b64token(token) {
        return Reading::Malformed("what follows `Bearer` is not a token (RFC 6750, section 2.1)");
    }
    Reading::Present(BearerToken { start: header.len() - token.len(), header: header.clone() })
}

/// `b64token` of RFC 6750, section 2.1.
fn is_b64token(token: &[u8]) -> bool {
    let padding = token.iter().rev().take_while(|byte| **byte == b'=').count();
    let body = &token[..token.len() - padding];
    // All bytes are looked at, and none decides about the next, so that many are compared at once: this is on the way
    // of each request.
    !body.is_empty() && body.iter().fold(true, |so_far, byte| so_far & is_b64(*byte))
}

/// A character of a `b64token` before its padding; `-`, `.`, `/` and the digits are neighbours.
fn is_b64(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let in_a_row = byte.wrapping_sub(b'-') <= b'9' - b'-';
    letter | in_a_row | (byte == b'_') | (byte == b'~') | (byte == b'+')
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header};

    use super::*;

    fn reading(values: &[&str]) -> Reading<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        read(&headers).map(|token| token.expose().to_owned())
    }

    #[test]
    fn a_token_is_read_whatever_the_case_of_its_scheme() {
        for value in
            ["Bearer abc.DEF-1_2~3+4/5==", "bearer abc.DEF-1_2~3+4/5==", "BEARER   abc.DEF-1_2~3+4/5=="]
        {
            assert_eq!(reading(&[value]), Reading::Present("abc.DEF-1_2~3+4/5==".into()), "{value}");
        }
    }

    #[test]
    fn a_token_has_the_characters_of_the_grammar_and_no_others() {
        for byte in 0..=255 {
            let named = byte == b'-' || b"._~+/".contains(&byte);
            assert_eq!(is_b64(byte), named || byte.is_ascii_alphanumeric(), "{byte}");
        }
    }

    #[test]
    fn no_header_and_other_schemes_are_absent() {
        for values in [&[][..], &["Basic YTpi"], &["Bearers abc"], &["Bearer\tabc"], &["abc"], &[""]] {
            assert_eq!(reading(values), Reading::Absent, "{values:?}");
        }
    }

    #[test]
    fn an_empty_a_broken_and_a_doubled_token_are_malformed() {
        let long = format!("Bearer {}", "a".repeat(LONGEST + 1));
        for values in [
            &["Bearer"][..],
            &["Bearer "],
            &["Bearer ="],
            &["Bearer a b"],
            &["Bearer a,b"],
            &["Bearer \"a\""],
            &["Bearer a=b"],
            &["Bearer é"],
            &[&long],
            &["Bearer a", "Bearer a"],
            &["Bearer a", "Basic YTpi"],
        ] {
            assert!(matches!(reading(values), Reading::Malformed(_)), "{values:?}");
        }
    }
}
