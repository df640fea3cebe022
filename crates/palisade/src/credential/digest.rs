//! Digest access authentication (RFC 7616): what a client answers to a challenge. It is read here and not verified; nonces
//! are kept by whoever issues them.

mod parameters;

use std::{fmt, marker::PhantomData, sync::Arc};

use http::{HeaderMap, request::Parts};
use serde_json::json;

use self::parameters::Parameters;
use super::{Credential, DefaultRealm, Reading, Realm, Scheme, authorization, verified::verified_as};

/// The longest text that is read, in bytes.
const LONGEST: usize = 8 * 1024;

/// What a client answered (RFC 7616, section 3.4), read and not verified. Of it, only whose it is and what it is for print.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DigestCredentials {
    /// The name, from `username` or `username*`; its hash where [`userhash`](Self::userhash) says so.
    pub username: String,
    /// Whether the name was hashed (RFC 7616, section 3.4.4).
    pub userhash: bool,
    /// The realm.
    pub realm: String,
    /// The server's nonce.
    pub nonce: String,
    /// The request's target, as the client says it. Whoever verifies compares it with the one that was asked for.
    pub uri: String,
    /// The proof, in lower-case hexadecimal digits: 32 or 64.
    pub response: String,
    /// The hash, such as `SHA-256`; MD5 where none is said.
    pub algorithm: Option<String>,
    /// The client's nonce.
    pub cnonce: String,
    /// How often the server's nonce was used, this time included.
    pub nc: u32,
    /// Whether the body is covered (`auth-int`) or not (`auth`).
    pub covers_body: bool,
    /// What the server asked to have back.
    pub opaque: Option<String>,
}

impl fmt::Debug for DigestCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DigestCredentials")
            .field("username", &self.username)
            .field("realm", &self.realm)
            .field("uri", &self.uri)
            .finish_non_exhaustive()
    }
}

/// A digest from the `Authorization` header, verified as a `C`, to which it dereferences. `R` names the realm.
///
/// Each parameter stands there once, quoted or not as RFC 7616, section 3.4, has it; anything else is malformed. The
/// challenge names the realm. A verifier that issues nonces answers with a challenge of its own:
/// [`Problem::header`](crate::Problem::header).
///
/// It is [ambient](Credential::AMBIENT), as [`Basic`](super::Basic) is.
pub struct Digest<C = DigestCredentials, R = DefaultRealm>(pub Arc<C>, PhantomData<fn() -> R>);

impl<C, R: Realm> Credential for Digest<C, R> {
    type Read = DigestCredentials;

    const AMBIENT: bool = true;

    fn read(head: &Parts) -> Reading<DigestCredentials> {
        read(&head.headers)
    }

    fn scheme() -> Scheme {
        let object = json!({ "type": "http", "scheme": "digest" });
        Scheme::new(R::NAME.unwrap_or("Digest"), object, Some("Digest"))
            .description(R::DESCRIPTION)
            .realm(R::REALM)
    }
}

verified_as!(Digest<C, R> by R: Realm);

fn read(headers: &HeaderMap) -> Reading<DigestCredentials> {
    let parameters = match authorization::read(headers, b"Digest") {
        Reading::Present((_, parameters)) => parameters,
        Reading::Absent => return Reading::Absent,
        Reading::Malformed(why) => return Reading::Malformed(why),
    };
    if parameters.len() > LONGEST {
        return Reading::Malformed("the digest is too long");
    }
    let Some(parameters) = Parameters::read(parameters) else {
        return Reading::Malformed(
            "what follows `Digest` is no list of parameters, or one stands there twice",
        );
    };
    match credentials(&parameters) {
        Some(credentials) => Reading::Present(credentials),
        None => Reading::Malformed("a parameter of the digest is missing or not of its form"),
    }
}

fn credentials(parameters: &Parameters) -> Option<DigestCredentials> {
    let userhash = match parameters.token("userhash")? {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return None,
    };
    let username = match (parameters.quoted("username")?, parameters.extended("username*")?) {
        (Some(name), None) => name.to_owned(),
        // A hash needs no other alphabet (RFC 7616, section 3.4.4).
        (None, Some(name)) if !userhash => name,
        _ => return None,
    };
    let required = |name: &str| parameters.quoted(name)?.map(str::to_owned);
    let response = required("response").filter(|text| is_lower_hex(text) && matches!(text.len(), 32 | 64))?;
    let nc = parameters.token("nc")?.filter(|text| text.len() == 8 && is_lower_hex(text))?;
    Some(DigestCredentials {
        username,
        userhash,
        realm: required("realm")?,
        nonce: required("nonce")?,
        uri: required("uri").filter(|uri| !uri.is_empty())?,
        response,
        algorithm: parameters.token("algorithm")?.map(str::to_owned),
        cnonce: required("cnonce")?,
        nc: u32::from_str_radix(nc, 16).ok()?,
        covers_body: match parameters.token("qop")?? {
            "auth" => false,
            "auth-int" => true,
            _ => return None,
        },
        opaque: parameters.quoted("opaque")?.map(str::to_owned),
    })
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
