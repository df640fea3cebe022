//! API keys: a text that the caller was given, in a header.
//!
//! The challenge is `APIKey`. A 401 carries at least one challenge (RFC 9110, section 15.5.2), and no authentication
//! scheme is registered for keys; this word says what is asked for, is what FastAPI's clients know, and no browser opens a
//! dialog for it.

use std::{fmt, marker::PhantomData, sync::Arc};

use http::{HeaderName, HeaderValue, request::Parts};
use serde_json::json;

use super::{Credential, Reading, Scheme, verified::verified_as};
use crate::secret::SecretString;

/// The longest key that is read, in bytes.
pub(super) const LONGEST: usize = 4096;

/// Where a key stands, and how the API document names it.
pub trait ApiKeyScheme: Send + Sync + 'static {
    /// The scheme's name, unique in a router.
    const NAME: &'static str;

    /// The name of the header, the query parameter or the cookie.
    const PARAMETER: &'static str;

    /// What it is for, in CommonMark, for the API document.
    const DESCRIPTION: Option<&'static str> = None;
}

/// A key as it was sent, read and not verified. It does not print.
#[derive(Clone)]
pub struct PresentedKey(Text);

#[derive(Clone)]
enum Text {
    /// The header's memory is shared: wiping a copy would leave the request itself as it is.
    Part {
        header: HeaderValue,
        start: usize,
        end: usize,
    },
    Decoded(SecretString),
}

impl PresentedKey {
    /// The key itself.
    pub fn expose(&self) -> &str {
        match &self.0 {
            // It was read as ASCII, so nothing is lost here.
            Text::Part { header, start, end } => header
                .as_bytes()
                .get(*start..*end)
                .and_then(|key| std::str::from_utf8(key).ok())
                .unwrap_or_default(),
            Text::Decoded(text) => text.expose(),
        }
    }

    pub(super) fn part(header: &HeaderValue, start: usize, end: usize) -> Self {
        Self(Text::Part { header: header.clone(), start, end })
    }

    pub(super) fn decoded(text: SecretString) -> Self {
        Self(Text::Decoded(text))
    }
}

impl fmt::Debug for PresentedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PresentedKey")
    }
}

/// Why `key` cannot be one, if it cannot: visible ASCII with spaces inside, not empty and not too long.
pub(super) fn unfit(key: &[u8]) -> Option<&'static str> {
    if key.is_empty() {
        return Some("the key is empty");
    }
    if key.len() > LONGEST {
        return Some("the key is too long");
    }
    // All bytes are looked at, and none decides about the next, so that many are compared at once.
    let visible = key.iter().fold(true, |so_far, byte| so_far & (byte.is_ascii_graphic() | (*byte == b' ')));
    let padded = key.first() == Some(&b' ') || key.last() == Some(&b' ');
    (!visible || padded).then_some("the key has characters that no key has")
}

/// The scheme of a key named by `K` that stands in a `place`: `header`, `query` or `cookie`.
pub(super) fn scheme<K: ApiKeyScheme>(place: &str) -> Scheme {
    let object = json!({ "type": "apiKey", "in": place, "name": K::PARAMETER });
    Scheme::new(K::NAME, object, Some("APIKey")).description(K::DESCRIPTION)
}

/// The one header that `K` names.
fn header<K: ApiKeyScheme>(head: &Parts) -> Reading<&HeaderValue> {
    let mut values = head.headers.get_all(K::PARAMETER).iter();
    match (values.next(), values.next()) {
        (None, _) => Reading::Absent,
        (Some(value), None) => Reading::Present(value),
        (Some(_), Some(_)) => Reading::Malformed("more than one key header"),
    }
}

/// A key in the header that `K` names, verified as a `C`, to which it dereferences.
///
/// The header twice, an empty one, and anything but visible ASCII (with spaces inside) is malformed.
pub struct ApiKeyHeader<K, C = PresentedKey>(pub Arc<C>, PhantomData<fn() -> K>);

impl<K: ApiKeyScheme, C> Credential for ApiKeyHeader<K, C> {
    type Read = PresentedKey;

    fn read(head: &Parts) -> Reading<PresentedKey> {
        match header::<K>(head) {
            Reading::Absent => Reading::Absent,
            Reading::Malformed(why) => Reading::Malformed(why),
            Reading::Present(value) => match unfit(value.as_bytes()) {
                Some(why) => Reading::Malformed(why),
                None => Reading::Present(PresentedKey::part(value, 0, value.len())),
            },
        }
    }

    fn presented(head: &Parts) -> Option<&[u8]> {
        match header::<K>(head) {
            Reading::Present(value) if value.len() <= LONGEST => Some(value.as_bytes()),
            Reading::Present(_) | Reading::Absent | Reading::Malformed(_) => None,
        }
    }

    fn scheme() -> Scheme {
        let scheme = scheme::<K>("header");
        match HeaderName::try_from(K::PARAMETER) {
            Ok(_) => scheme,
            Err(_) => scheme.fault(&format!("`{}` is no name of a header", K::PARAMETER)),
        }
    }
}

verified_as!(ApiKeyHeader<K, C> by K: ApiKeyScheme);
