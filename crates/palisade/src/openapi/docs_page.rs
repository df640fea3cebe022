//! Swagger UI, served from the binary: no other host is asked, and the page's own policy would not let it.

use axum::{
    body::Bytes,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};

use crate::{
    authority::Nobody,
    describe::{DescribeResponse, Description},
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
        router.route(
            path,
            get(move || async move { File { media_type, text } })
                .public("the page that shows the API document"),
        )
    })
}

struct File {
    media_type: &'static str,
    text: &'static str,
}

impl IntoResponse for File {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(self.media_type)),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        ];
        (headers, Bytes::from_static(self.text.as_bytes())).into_response()
    }
}

impl DescribeResponse for File {
    fn describe_response(_: &mut Description<'_>) {}
}
