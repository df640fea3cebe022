//! What the fuzz targets share: requests made of bytes. They read them through the public interface, as a server does.

use http::{HeaderValue, Request, request::Parts};
use palisade::credential::{ApiKeyScheme, Credential, Reading};

/// A request with these headers; none if a server would not have taken one of them for a header.
pub fn head(uri: &str, headers: &[(&str, &[u8])]) -> Option<Parts> {
    let mut request = Request::get(uri);
    for (name, value) in headers {
        request = request.header(*name, HeaderValue::from_bytes(value).ok()?);
    }
    Some(request.body(()).ok()?.into_parts().0)
}

/// The credential `A` of a request with the lines of `data` as headers `name`, if it is there and well-formed.
pub fn read<A: Credential>(name: &str, data: &[u8]) -> Option<A::Read> {
    let headers: Vec<_> = data.split(|byte| *byte == b'\n').map(|line| (name, line)).collect();
    present(A::read(&head("/", &headers)?))
}

/// What was read, if it is there and well-formed.
pub fn present<T>(reading: Reading<T>) -> Option<T> {
    match reading {
        Reading::Present(read) => Some(read),
        Reading::Absent | Reading::Malformed(_) => None,
    }
}

/// A key named `key`.
pub struct Key;

impl ApiKeyScheme for Key {
    const NAME: &'static str = "Key";
    const PARAMETER: &'static str = "key";
}

/// A session in the cookie `__Host-key`.
pub struct Session;

impl ApiKeyScheme for Session {
    const NAME: &'static str = "Session";
    const PARAMETER: &'static str = "__Host-key";
}

/// Whether `text` is what a key can be: visible, not padded, not empty, not long.
pub fn is_key(text: &str) -> bool {
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    visible && !text.is_empty() && text.trim() == text && text.len() <= 4096
}
