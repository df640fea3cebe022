//! 202: it will be done, and whether it comes to anything is not said.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use palisade::{DescribeResponse, Description};

/// 202, without a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accepted;

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        StatusCode::ACCEPTED.into_response()
    }
}

impl DescribeResponse for Accepted {
    fn describe_response(description: &mut Description<'_>) {
        description.answers_with(StatusCode::ACCEPTED, "Accepted; what comes of it shows in a mailbox", None);
    }
}
