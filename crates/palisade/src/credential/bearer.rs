//! The bearer token (RFC 6750, section 2.1).

use std::{fmt, ops::Deref, sync::Arc};

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use serde_json::json;

use super::{Credential, Reading, Scheme};
use crate::{
    denied::Denied,
    describe::{Describe, Description},
    problem::Problem,
};

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

/// A type a bearer token is verified as.
#[diagnostic::on_unimplemented(
    message = "a bearer token cannot be verified as `{Self}` with the state `{S}`",
    note = "implement `FromBearer` for it; for `AccessToken`, the state needs `impl FromRef<{S}> for Arc<Verifier>`"
)]
pub trait FromBearer<S>: Sized + Send + Sync {
    /// Verifies `token`. What comes of it is shared, so that a verifier can keep it for the next request.
    ///
    /// # Errors
    ///
    /// [`Denied`]: usually [`Denied::invalid_credentials`], with the reason for the log.
    fn verify(
        token: BearerToken,
        head: &Parts,
        state: &S,
    ) -> impl Future<Output = Result<Arc<Self>, Denied>> + Send;
}

impl<S: Sync> FromBearer<S> for BearerToken {
    async fn verify(token: Self, _: &Parts, _: &S) -> Result<Arc<Self>, Denied> {
        Ok(Arc::new(token))
    }
}

/// A bearer token from the `Authorization` header. `Bearer` alone reads it; `Bearer<C>` reads it and verifies it as a
/// `C`, to which it dereferences.
#[derive(Debug)]
pub struct Bearer<C = BearerToken>(pub Arc<C>);

impl<C> Clone for Bearer<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<C> Deref for Bearer<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.0
    }
}

impl Credential for Bearer {
    fn read(head: &Parts) -> Reading<Self> {
        read(&head.headers).map(|token| Self(Arc::new(token)))
    }

    fn scheme() -> Scheme {
        Scheme::new("Bearer", json!({ "type": "http", "scheme": "bearer" }), Some("Bearer"))
    }
}

impl<T> Reading<T> {
    fn map<U>(self, change: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Absent => Reading::Absent,
            Self::Present(value) => Reading::Present(change(value)),
            Self::Malformed(why) => Reading::Malformed(why),
        }
    }
}

impl<S: Sync, C: FromBearer<S>> FromRequestParts<S> for Bearer<C> {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Problem> {
        verified(head, state).await?.map(Self).ok_or_else(|| Denied::not_authenticated().into())
    }
}

impl<S: Sync, C: FromBearer<S>> OptionalFromRequestParts<S> for Bearer<C> {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        Ok(verified(head, state).await?.map(Self))
    }
}

impl<S, C> Describe<S> for Bearer<C> {
    fn describe(description: &mut Description<'_>) {
        description.credential(<Bearer as Credential>::scheme());
    }
}

/// The token of the request verified as a `C`; `None` if the request has none.
pub(super) async fn verified<S: Sync, C: FromBearer<S>>(
    head: &Parts,
    state: &S,
) -> Result<Option<Arc<C>>, Problem> {
    match read(&head.headers) {
        Reading::Absent => Ok(None),
        Reading::Present(token) => Ok(Some(C::verify(token, head, state).await?)),
        Reading::Malformed(why) => Err(Denied::invalid_credentials().because(why).into()),
    }
}

/// Reads `Authorization: Bearer b64token`. Another scheme is "absent"; two headers are malformed, for which of them was
/// meant nobody can know.
fn read(headers: &HeaderMap) -> Reading<BearerToken> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Reading::Absent };
    if values.next().is_some() {
        return Reading::Malformed("more than one Authorization header");
    }
    let bytes = value.as_bytes();
    let (scheme, token) = match bytes.iter().position(|byte| *byte == b' ') {
        Some(space) => (&bytes[..space], bytes[space..].trim_ascii_start()),
        None => (bytes, &b""[..]),
    };
    if !scheme.eq_ignore_ascii_case(b"Bearer") {
        return Reading::Absent;
    }
    if token.len() > LONGEST {
        return Reading::Malformed("the bearer token is too long");
    }
    if !is_b64token(token) {
        return Reading::Malformed("what follows `Bearer` is not a token (RFC 6750, section 2.1)");
    }
    Reading::Present(BearerToken { header: value.clone(), start: bytes.len() - token.len() })
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
    use http::HeaderValue;

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
