//! A name and a password with each request (RFC 7617).

use std::{fmt, marker::PhantomData, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, request::Parts};
use serde_json::json;
use zeroize::Zeroizing;

use super::{Credential, Reading, Scheme, authorization, verified::verified_as};
use crate::secret::SecretString;

/// The longest text that is read, in bytes, encoded.
const LONGEST: usize = 4096;

/// The part of a server that a name and a password are for.
pub trait Realm: Send + Sync + 'static {
    /// The scheme's name, unique in a router; `Basic` or `Digest` unless one is said.
    const NAME: Option<&'static str> = None;

    /// What a person is shown beside "name and password".
    const REALM: &'static str;

    /// What it is for, in CommonMark, for the API document.
    const DESCRIPTION: Option<&'static str> = None;
}

/// The realm `API`.
#[derive(Clone, Copy, Debug)]
pub struct DefaultRealm;

impl Realm for DefaultRealm {
    const REALM: &'static str = "API";
}

/// A name and a password as they were sent, read and not verified. The password does not print.
#[derive(Clone)]
pub struct BasicCredentials {
    /// The name; it has no colon and may be empty.
    pub username: String,
    /// The password; it may be empty.
    pub password: SecretString,
}

impl fmt::Debug for BasicCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BasicCredentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// A name and a password from the `Authorization` header, verified as a `C`, to which it dereferences. `R` names the realm.
///
/// They are UTF-8, which the challenge says; strict Base64 (RFC 4648, sections 3 and 4: padded, no white space, unused
/// bits zero) and no control characters (RFC 7617, section 2). Anything else is malformed.
///
/// It is [ambient](Credential::AMBIENT): a browser that was once given the password sends it with every request.
pub struct Basic<C = BasicCredentials, R = DefaultRealm>(pub Arc<C>, PhantomData<fn() -> R>);

impl<C, R: Realm> Credential for Basic<C, R> {
    type Read = BasicCredentials;

    const AMBIENT: bool = true;

    fn read(head: &Parts) -> Reading<BasicCredentials> {
        read(&head.headers)
    }

    fn scheme() -> Scheme {
        Scheme::new(R::NAME.unwrap_or("Basic"), json!({ "type": "http", "scheme": "basic" }), Some("Basic"))
            .description(R::DESCRIPTION)
            .realm(R::REALM)
            .challenge_parameter("charset", "\"UTF-8\"")
    }
}

verified_as!(Basic<C, R> by R: Realm);

fn read(headers: &HeaderMap) -> Reading<BasicCredentials> {
    let encoded = match authorization::read(headers, b"Basic") {
        Reading::Present((_, encoded)) => encoded,
        Reading::Absent => return Reading::Absent,
        Reading::Malformed(why) => return Reading::Malformed(why),
    };
    if encoded.len() > LONGEST {
        return Reading::Malformed("the name and password are too long");
    }
    let Ok(decoded) = STANDARD.decode(encoded).map(Zeroizing::new) else {
        return Reading::Malformed("what follows `Basic` is not strict Base64");
    };
    let Ok(text) = std::str::from_utf8(&decoded) else {
        return Reading::Malformed("the name and password are not UTF-8");
    };
    let Some((username, password)) = text.split_once(':') else {
        return Reading::Malformed("there is no colon between name and password");
    };
    if text.chars().any(char::is_control) {
        return Reading::Malformed("the name or password has control characters");
    }
    Reading::Present(BasicCredentials {
        username: username.to_owned(),
        password: SecretString::new(password),
    })
}
