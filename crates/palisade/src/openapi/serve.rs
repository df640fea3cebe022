//! The routes of the document and of the page that shows it.

use axum::body::Bytes;
use http::HeaderMap;

use super::{Document, file::File};
use crate::{
    authority::Nobody,
    extract::Undescribed,
    router::{Route, Router, get},
};

/// The routes; without a document they say only that they exist.
pub(crate) fn routes(document: Option<&Document>) -> Vec<Route<()>> {
    let text = document.map(|document| Bytes::from(document.as_json().to_string())).unwrap_or_default();
    let file = File::new("application/json", text);
    let answer = move |headers: HeaderMap| {
        let file = file.clone();
        async move { Undescribed(file.answer(&headers, [])) }
    };
    let router = Router::<(), Nobody>::new().route("/openapi.json", get(answer).public("the API document"));
    #[cfg(feature = "docs-page")]
    let router = router.merge(super::docs_page::routes());
    router.with_state(()).into_routes()
}
