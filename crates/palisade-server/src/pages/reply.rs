//! What the pages' endpoints answer with: a page, or where to go on (Post/Redirect/Get).

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use palisade::{DescribeResponse, Description, Problem};
use serde_json::json;

/// A page, or where to go on.
#[derive(Debug)]
pub(super) struct Reply(Response);

impl Reply {
    /// A page.
    pub(super) fn page(page: &impl Template) -> Result<Self, Problem> {
        Self::page_with(StatusCode::OK, page)
    }

    /// A page that is whole already.
    pub(super) fn of(page: Response) -> Self {
        Self(page)
    }

    /// A page that is no success.
    pub(super) fn page_with(status: StatusCode, page: &impl Template) -> Result<Self, Problem> {
        let page = page.render().map_err(Problem::internal)?;
        Ok(Self((status, Html(page)).into_response()))
    }

    /// 303: go on at this path, which is ours.
    pub(super) fn see_other(path: &str) -> Result<Self, Problem> {
        let path = HeaderValue::try_from(path).map_err(Problem::internal)?;
        Ok(Self((StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()))
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        self.0
    }
}

impl DescribeResponse for Reply {
    fn describe_response(description: &mut Description<'_>) {
        let page = || Some(("text/html", json!({ "type": "string" })));
        description.answers_with(StatusCode::OK, "A page", page());
        description.answers_with(StatusCode::UNPROCESSABLE_ENTITY, "The form again, with its faults", page());
        description.answers_with(StatusCode::SEE_OTHER, "Where to go on", None);
    }
}
