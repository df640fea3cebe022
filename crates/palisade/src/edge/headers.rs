//! What every response carries.

use http::{HeaderMap, HeaderValue, header};

/// Adds what every response should carry: nobody guesses its media type, and what it says is not kept, unless the
/// endpoint said otherwise.
///
/// `Cache-Control: no-store` (RFC 9111, section 5.2.2.5) keeps answers made for one caller out of shared and private
/// caches; `X-Content-Type-Options: nosniff` (WHATWG Fetch) keeps a browser from taking JSON for a page.
pub fn secure_headers(headers: &mut HeaderMap) {
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_endpoint_says_about_caching_stays() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
        secure_headers(&mut headers);
        assert_eq!(headers[header::CACHE_CONTROL], "public, max-age=60");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }

    #[test]
    fn an_answer_is_not_kept_unless_it_says_so() {
        let mut headers = HeaderMap::new();
        secure_headers(&mut headers);
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    }
}
