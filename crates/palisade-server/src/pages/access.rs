//! `/admin/routes`: who may call what, as one page. It says everything, so it is for admins.

use std::sync::LazyLock;

use axum::response::{Html, IntoResponse as _};
use http::{HeaderValue, header};
use palisade::{Problem, StartupErrors, picture};

use super::reply::Reply;
use crate::app;

/// The routes are those of the binary, so the page is made once.
static PAGE: LazyLock<Result<String, StartupErrors>> =
    LazyLock::new(|| Ok(app::routes().describe()?.0.to_html(app::TITLE_OF_ROUTES)));

pub(super) async fn show() -> Result<Reply, Problem> {
    let page = PAGE.as_ref().map_err(|errors| Problem::internal(errors.clone()))?;
    // Its style and its script are its own.
    let policy = [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(picture::POLICY))];
    Ok(Reply::of((policy, Html(page.as_str())).into_response()))
}
