//! API keys in the query. Addresses are written to logs and histories, and a key with them: prefer a header.

use std::{marker::PhantomData, sync::Arc};

use http::request::Parts;
use percent_encoding::percent_decode;

use super::{ApiKeyScheme, Credential, PresentedKey, Reading, Scheme, api_key, verified::verified_as};
use crate::secret::SecretString;

/// A key in the query parameter that `K` names, verified as a `C`, to which it dereferences.
///
/// Names and values are decoded once (`%XX`, and `+` for a space). The parameter twice, an empty one, a broken `%`, and
/// anything but visible ASCII (with spaces inside) is malformed.
pub struct ApiKeyQuery<K, C = PresentedKey>(pub Arc<C>, PhantomData<fn() -> K>);

impl<K: ApiKeyScheme, C> Credential for ApiKeyQuery<K, C> {
    type Read = PresentedKey;

    fn read(head: &Parts) -> Reading<PresentedKey> {
        read(head.uri.query().unwrap_or_default(), K::PARAMETER)
    }

    fn scheme() -> Scheme {
        let scheme = api_key::scheme::<K>("query");
        if K::PARAMETER.is_empty() { scheme.fault("its parameter has no name") } else { scheme }
    }
}

verified_as!(ApiKeyQuery<K, C> by K: ApiKeyScheme);

fn read(query: &str, name: &str) -> Reading<PresentedKey> {
    let mut values = query.split('&').filter_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(key)?.as_slice() == name.as_bytes()).then_some(value)
    });
    let Some(value) = values.next() else { return Reading::Absent };
    if values.next().is_some() {
        return Reading::Malformed("more than one key in the query");
    }
    if value.len() > 3 * api_key::LONGEST {
        return Reading::Malformed("the key is too long");
    }
    let Some(key) = decoded(value).and_then(|key| String::from_utf8(key).ok()).map(SecretString::new) else {
        return Reading::Malformed("the key is not percent-encoded UTF-8");
    };
    match api_key::unfit(key.expose().as_bytes()) {
        Some(why) => Reading::Malformed(why),
        None => Reading::Present(PresentedKey::decoded(key)),
    }
}

/// The bytes `text` stands for; none if a `%` is not followed by two hexadecimal digits.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut escapes = text.split('%');
    escapes.next();
    let is_escape = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    if !escapes.all(is_escape) {
        return None;
    }
    let spaced: Vec<u8> = text.bytes().map(|byte| if byte == b'+' { b' ' } else { byte }).collect();
    Some(percent_decode(&spaced).collect())
}
