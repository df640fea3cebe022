//! An urlencoded form.

use axum::extract::{FromRequest, Request};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::{input, json};
use crate::{
    describe::{Describe, Description},
    problem::Problem,
};

pub(super) const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// A body of type `application/x-www-form-urlencoded`, checked against the schema of `T`. Another type is refused with
/// 415; a field given twice, text that is not UTF-8 and what the schema refuses with 422 and every fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form<T>(pub T);

impl<S, T> FromRequest<S> for Form<T>
where
    S: Send + Sync,
    T: DeserializeOwned + JsonSchema + 'static,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if json::media_type(request.headers()).as_deref() != Some(MEDIA_TYPE) {
            return Err(json::unsupported_media_type(MEDIA_TYPE));
        }
        let bytes = json::bytes(request, state).await?;
        input::from_pairs(input::pairs(&bytes, "body")?, "body").map(Self)
    }
}

impl<S, T: JsonSchema + 'static> Describe<S> for Form<T> {
    fn describe(description: &mut Description<'_>) {
        input::checkable::<T>(description);
        description.body::<T>(MEDIA_TYPE);
    }
}
