//! Credentials as they are sent: where each scheme has its place, and what is malformed there.

use http::{HeaderName, HeaderValue, Request, Uri, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::credential::Scheme;

/// What is well-formed everywhere, and no credential anywhere.
const GARBAGE: &str = "matrix.garbage.AAAA";

/// A request without a body, which is all that a guard looks at.
pub(super) type Head = Request<axum::body::Body>;

/// Where a scheme's credential stands.
enum Place {
    /// `Authorization`, after this word.
    Authorization(String),
    Header(HeaderName),
    Query(String),
    Cookie(String),
}

fn place(scheme: &Scheme) -> Option<Place> {
    let text = |member: &str| scheme.object()[member].as_str();
    match (text("type")?, text("in")) {
        ("oauth2" | "openIdConnect", _) => Some(Place::Authorization("Bearer".into())),
        ("http", _) => {
            let word = text("scheme")?;
            let (first, rest) = word.split_at_checked(1)?;
            Some(Place::Authorization(format!("{}{rest}", first.to_ascii_uppercase())))
        }
        ("apiKey", Some("header")) => Some(Place::Header(text("name")?.parse().ok()?)),
        ("apiKey", Some("query")) => Some(Place::Query(text("name")?.to_owned())),
        ("apiKey", Some("cookie")) => Some(Place::Cookie(text("name")?.to_owned())),
        _ => None,
    }
}

/// Puts `credential` where `scheme` has its place; false if that is not known, or it cannot stand there.
pub(super) fn put(request: &mut Head, scheme: &Scheme, credential: &str) -> bool {
    let Some(place) = place(scheme) else { return false };
    put_at(request, &place, credential.as_bytes())
}

fn put_at(request: &mut Head, place: &Place, credential: &[u8]) -> bool {
    let (name, value) = match place {
        Place::Authorization(word) => (header::AUTHORIZATION, [word.as_bytes(), b" ", credential].concat()),
        Place::Header(name) => (name.clone(), credential.to_vec()),
        Place::Cookie(name) => (header::COOKIE, [name.as_bytes(), b"=", credential].concat()),
        Place::Query(name) => return put_into_query(request, name, credential),
    };
    let Ok(mut value) = HeaderValue::from_bytes(&value) else { return false };
    value.set_sensitive(true);
    request.headers_mut().append(name, value);
    true
}

fn put_into_query(request: &mut Head, name: &str, credential: &[u8]) -> bool {
    let encoded = percent_encoding::percent_encode(credential, NON_ALPHANUMERIC);
    let pair = format!("{}={encoded}", utf8_percent_encode(name, NON_ALPHANUMERIC));
    let uri = request.uri();
    let joined = match uri.query() {
        Some(query) => format!("{}?{query}&{pair}", uri.path()),
        None => format!("{}?{pair}", uri.path()),
    };
    let Ok(uri) = joined.parse::<Uri>() else { return false };
    *request.uri_mut() = uri;
    true
}

/// Ways in which a credential of `scheme` is none, in words, and what is sent for each: once or more often.
pub(super) fn malformed(scheme: &Scheme) -> Vec<(&'static str, Vec<&'static [u8]>)> {
    let garbage = ("that nobody issued", vec![GARBAGE.as_bytes()]);
    match place(scheme) {
        Some(Place::Authorization(word)) => match word.as_str() {
            "Basic" => vec![
                ("empty", vec![b""]),
                ("that is no Base64", vec![b"!"]),
                ("without a colon", vec![b"bWF0cml4"]),
                ("of nobody", vec![b"bWF0cml4OmdhcmJhZ2U="]),
            ],
            "Bearer" => vec![
                ("empty", vec![b""]),
                ("of padding alone", vec![b"="]),
                ("with a space", vec![b"a b"]),
                ("sent twice", vec![b"a", b"a"]),
                garbage,
            ],
            _ => vec![("empty", vec![b""]), garbage],
        },
        Some(Place::Header(_)) => {
            vec![("empty", vec![b""]), ("with a byte of no text", vec![b"\xE9"]), garbage]
        }
        Some(Place::Query(_) | Place::Cookie(_)) => vec![("empty", vec![b""]), garbage],
        None => Vec::new(),
    }
}

/// Puts what is malformed where `scheme` has its place.
pub(super) fn put_malformed(request: &mut Head, scheme: &Scheme, sent: &[&[u8]]) -> bool {
    let Some(place) = place(scheme) else { return false };
    sent.iter().all(|credential| put_at(request, &place, credential))
}
