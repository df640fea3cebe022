//! A file in memory, served so that a browser asks for it once: with an entity tag, which a conditional request is compared
//! with (RFC 9110, section 13.1.2).

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::{
    body::Bytes,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

/// Text with its media type and its tag.
#[derive(Clone)]
pub(super) struct File {
    text: Bytes,
    media_type: &'static str,
    tag: HeaderValue,
}

impl File {
    pub(super) fn new(media_type: &'static str, text: Bytes) -> Self {
        // Tells versions of one file apart; nothing is secured by it.
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let tag = HeaderValue::try_from(format!("\"{:016x}\"", hasher.finish()));
        let tag = tag.unwrap_or(HeaderValue::from_static("\"\""));
        Self { text, media_type, tag }
    }

    /// 200 with the text, or 304 to whoever has this version; with `headers` either way.
    pub(super) fn answer<const N: usize>(
        self,
        request: &HeaderMap,
        headers: [(HeaderName, HeaderValue); N],
    ) -> Response {
        let mut response = if self.is_known_to(request) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type))], self.text).into_response()
        };
        response.headers_mut().extend(headers);
        response.headers_mut().insert(header::ETAG, self.tag);
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        let nosniff = HeaderValue::from_static("nosniff");
        response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
        response
    }

    fn is_known_to(&self, request: &HeaderMap) -> bool {
        let known = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
        known.flat_map(|tags| tags.split(',')).any(|tag| {
            let tag = tag.trim();
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == self.tag.as_bytes()
        })
    }
}
