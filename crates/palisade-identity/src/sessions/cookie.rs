//! The cookie a browser keeps its session in (RFC 6265bis).

use http::HeaderValue;
use palisade::clock::Timestamp;

use super::SessionSecret;

/// The cookie's name. By its prefix a browser takes it over TLS only, for this very host and all its paths: no other host
/// of the domain can set it, and none can read it.
pub const NAME: &str = "__Host-palisade";

/// The `Set-Cookie` that hands `secret` out until `ends_at`. `Lax`: it comes along when somebody follows a link to us, and
/// not with what other sites send by themselves.
pub fn set(secret: &SessionSecret, ends_at: Timestamp, now: Timestamp) -> HeaderValue {
    value(secret.to_text().expose(), ends_at.since(now).as_secs())
}

/// The `Set-Cookie` that has the browser forget it.
pub fn clear() -> HeaderValue {
    value("", 0)
}

fn value(content: &str, max_age: u64) -> HeaderValue {
    let text = format!("{NAME}={content}; Path=/; Max-Age={max_age}; Secure; HttpOnly; SameSite=Lax");
    let mut value = HeaderValue::try_from(text).expect("base64url and numbers are allowed in a header");
    value.set_sensitive(!content.is_empty());
    value
}
