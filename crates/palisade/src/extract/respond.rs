//! Results that describe themselves.

use std::borrow::Cow;

use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::json::json_response;
use crate::{
    denied::Denied,
    describe::{DescribeResponse, Description},
    problem::Problem,
};

/// 201 with `T` as JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Created<T>(pub T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        json_response(StatusCode::CREATED, &self.0)
    }
}

impl<T: JsonSchema> DescribeResponse for Created<T> {
    fn describe_response(description: &mut Description<'_>) {
        description.answers::<T>(StatusCode::CREATED, "Created");
    }
}

/// 204, without a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl DescribeResponse for NoContent {
    fn describe_response(description: &mut Description<'_>) {
        description.answers_with(StatusCode::NO_CONTENT, "Done", None);
    }
}

impl DescribeResponse for () {
    fn describe_response(description: &mut Description<'_>) {
        description.answers_with(StatusCode::OK, "Success", None);
    }
}

impl<T: DescribeResponse, E: DescribeResponse> DescribeResponse for Result<T, E> {
    fn describe_response(description: &mut Description<'_>) {
        T::describe_response(description);
        E::describe_response(description);
    }
}

impl DescribeResponse for Problem {
    /// A problem can have any error status: it is documented as the response to everything not said otherwise. A result
    /// type of your own can say which.
    fn describe_response(description: &mut Description<'_>) {
        description.any_refusal();
    }
}

impl DescribeResponse for Denied {
    fn describe_response(description: &mut Description<'_>) {
        for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::SERVICE_UNAVAILABLE] {
            description.refusal(status, "Denied");
        }
    }
}

macro_rules! texts {
    ($($type:ty => $media_type:literal),* $(,)?) => {$(
        impl DescribeResponse for $type {
            fn describe_response(description: &mut Description<'_>) {
                let schema = json!({ "type": "string" });
                description.answers_with(StatusCode::OK, "Success", Some(($media_type, schema)));
            }
        }
    )*};
}

texts! {
    &'static str => "text/plain",
    String => "text/plain",
    Cow<'static, str> => "text/plain",
    Html<&'static str> => "text/html",
    Html<String> => "text/html",
}

impl<T: JsonSchema> DescribeResponse for axum::Json<T> {
    fn describe_response(description: &mut Description<'_>) {
        description.answers::<T>(StatusCode::OK, "Success");
    }
}
