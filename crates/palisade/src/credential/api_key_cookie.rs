//! API keys in a cookie.

use std::{marker::PhantomData, sync::Arc};

use http::request::Parts;

use super::{
    ApiKeyScheme, Credential, PresentedKey, Reading, Scheme, api_key, cookies, verified::verified_as,
};

/// A key in the cookie that `K` names, verified as a `C`, to which it dereferences.
///
/// The cookie twice, an empty one, and one that is not of the form of RFC 6265, section 4.1.1, is malformed; quotes around
/// the value are no part of it, and nothing is decoded. A name that begins with `__Host-` (RFC 6265bis, section 4.1.3.2)
/// keeps other hosts of the same site from setting it.
///
/// It is [ambient](Credential::AMBIENT): for unsafe methods and upgrades it counts only from our own pages.
pub struct ApiKeyCookie<K, C = PresentedKey>(pub Arc<C>, PhantomData<fn() -> K>);

impl<K: ApiKeyScheme, C> Credential for ApiKeyCookie<K, C> {
    type Read = PresentedKey;

    const AMBIENT: bool = true;

    fn read(head: &Parts) -> Reading<PresentedKey> {
        match cookies::read(&head.headers, K::PARAMETER) {
            Reading::Absent => Reading::Absent,
            Reading::Malformed(why) => Reading::Malformed(why),
            Reading::Present((header, start, end)) => match api_key::unfit(&header.as_bytes()[start..end]) {
                Some(why) => Reading::Malformed(why),
                None => Reading::Present(PresentedKey::part(header, start, end)),
            },
        }
    }

    fn scheme() -> Scheme {
        let scheme = api_key::scheme::<K>("cookie");
        if cookies::is_name(K::PARAMETER) {
            scheme
        } else {
            scheme.fault(&format!("`{}` is no name of a cookie", K::PARAMETER))
        }
    }
}

verified_as!(ApiKeyCookie<K, C> by K: ApiKeyScheme);
