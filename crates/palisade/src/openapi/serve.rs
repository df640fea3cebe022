//! The routes of the document and of the page that shows it.

use std::sync::Arc;

use axum::{body::Bytes, response::IntoResponse};
use http::{HeaderValue, header};
use serde_json::json;

use super::Document;
use crate::{
    authority::Nobody,
    describe::{DescribeResponse, Description},
    router::{Route, Router, get},
};

const DOCUMENT: &str = "/openapi.json";

/// Whether `path` belongs to the document rather than to the API.
pub(crate) fn is_documentation(path: &str) -> bool {
    path == DOCUMENT || path == "/docs" || path.starts_with("/docs/")
}

/// The routes; without a document they say only that they exist.
pub(crate) fn routes(document: Option<&Document>) -> Vec<Route<()>> {
    let text = document.map(|document| Bytes::from(document.as_json().to_string())).unwrap_or_default();
    let text = Arc::new(text);
    let router = Router::<(), Nobody>::new().route(
        DOCUMENT,
        get(move || {
            let text = text.clone();
            async move { JsonText((*text).clone()) }
        })
        .public("the API document"),
    );
    #[cfg(feature = "docs-page")]
    let router = router.merge(super::docs_page::routes());
    router.with_state(()).into_routes()
}

/// JSON that is text already.
struct JsonText(Bytes);

impl IntoResponse for JsonText {
    fn into_response(self) -> axum::response::Response {
        ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], self.0).into_response()
    }
}

impl DescribeResponse for JsonText {
    fn describe_response(description: &mut Description<'_>) {
        let content = Some(("application/json", json!({ "type": "object" })));
        description.answers_with(http::StatusCode::OK, "The document", content);
    }
}
