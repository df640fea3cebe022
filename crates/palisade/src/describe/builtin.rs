//! What axum's and http's own extractors read.

use std::any::TypeId;

use axum::{
    body::Bytes,
    extract::{Extension, MatchedPath, OriginalUri, Request, State},
};
use http::{Extensions, HeaderMap, Method, Uri, Version};
use schemars::JsonSchema;
use serde_json::json;

use super::{Describe, Description, ParameterPlace, Schemas};
use crate::extract::Path;

macro_rules! nothing {
    ($($type:ty),* $(,)?) => {$(
        impl<S> Describe<S> for $type {
            fn describe(_: &mut Description<'_>) {}
        }
    )*};
}

nothing!(HeaderMap, Method, Uri, Version);

macro_rules! reads_axums_route {
    ($($type:ty),* $(,)?) => {$(
        impl<S> Describe<S> for $type {
            fn describe(description: &mut Description<'_>) {
                description.reads_axums_route();
            }
        }
    )*};
}

reads_axums_route!(Extensions, MatchedPath, OriginalUri);

impl<S, T> Describe<S> for State<T> {
    fn describe(_: &mut Description<'_>) {}
}

impl<S, T: 'static> Describe<S> for Extension<T> {
    fn describe(description: &mut Description<'_>) {
        if [TypeId::of::<MatchedPath>(), TypeId::of::<OriginalUri>()].contains(&TypeId::of::<T>()) {
            description.reads_axums_route();
        }
    }
}

impl<S, T: Describe<S>> Describe<S> for Option<T> {
    fn describe(description: &mut Description<'_>) {
        description.optional(|description| T::describe(description));
    }
}

impl<S> Describe<S> for Request {
    fn describe(description: &mut Description<'_>) {
        description.undescribed("the whole request");
    }
}

impl<S> Describe<S> for Bytes {
    fn describe(description: &mut Description<'_>) {
        description.raw_body("application/octet-stream", json!({}));
    }
}

impl<S> Describe<S> for String {
    fn describe(description: &mut Description<'_>) {
        description.raw_body("text/plain", json!({ "type": "string" }));
    }
}

impl<S, T: JsonSchema> Describe<S> for axum::Json<T> {
    fn describe(description: &mut Description<'_>) {
        description.body::<T>("application/json");
        description.refusal(http::StatusCode::BAD_REQUEST, "The body is not JSON");
    }
}

impl<S, T: JsonSchema> Describe<S> for axum::Form<T> {
    fn describe(description: &mut Description<'_>) {
        description.body::<T>("application/x-www-form-urlencoded");
    }
}

impl<S, T: JsonSchema> Describe<S> for axum::extract::Query<T> {
    fn describe(description: &mut Description<'_>) {
        for (name, schema, required) in Schemas::properties::<T>() {
            description.parameter(ParameterPlace::Query, &name, required, schema);
        }
        description.refusal(http::StatusCode::BAD_REQUEST, "The query is not valid");
    }
}

impl<S, T: JsonSchema + 'static> Describe<S> for axum::extract::Path<T> {
    fn describe(description: &mut Description<'_>) {
        description.reads_axums_route();
        <Path<T> as Describe<S>>::describe(description);
        description.refusal(http::StatusCode::BAD_REQUEST, "The path is not valid");
    }
}
