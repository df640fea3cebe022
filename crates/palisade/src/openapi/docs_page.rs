//! Swagger UI, served from the binary: no other host is asked, and the page's own policy would not let it.

use axum::body::Bytes;
use http::{HeaderMap, HeaderValue, header};

use super::file::File;
use crate::{
    authority::Nobody,
    extract::Undescribed,
    router::{Router, get},
};

const PAGE: &str = include_str!("../../assets/docs.html");
const START: &str = include_str!("../../assets/docs.js");
const SCRIPT: &str = include_str!("../../assets/swagger-ui/swagger-ui-bundle.js");
const STYLE: &str = include_str!("../../assets/swagger-ui/swagger-ui.css");
const LICENCE: &str = include_str!("../../assets/swagger-ui/LICENSE");

/// Swagger UI sets styles from its script and draws its icons from `data:` URLs; everything else comes from here.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

pub(super) fn routes() -> Router<(), Nobody> {
    let files: [(&str, &str, &'static str); 5] = [
        ("/docs", "text/html; charset=utf-8", PAGE),
        ("/docs/start.js", "text/javascript; charset=utf-8", START),
        ("/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8", SCRIPT),
        ("/docs/swagger-ui.css", "text/css; charset=utf-8", STYLE),
        ("/docs/licence.txt", "text/plain; charset=utf-8", LICENCE),
    ];
    files.into_iter().fold(Router::new(), |router, (path, media_type, text)| {
        let file = File::new(media_type, Bytes::from_static(text.as_bytes()));
        let answer = move |headers: HeaderMap| {
            let file = file.clone();
            async move {
                let policy = (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
                Undescribed(file.answer(&headers, [policy]))
            }
        };
        router.route(path, get(answer).public("the page that shows the API document"))
    })
}
