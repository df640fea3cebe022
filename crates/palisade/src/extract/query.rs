//! The query.

use axum::extract::FromRequestParts;
use http::request::Parts;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::input;
use crate::{
    describe::{Describe, Description, ParameterPlace, Schemas},
    problem::Problem,
};

/// The query, each field of `T` a parameter. Every fault is told in one 422. A parameter given twice is one, unless its
/// field is a list; parameters `T` does not know are ignored, if they are not given twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<S, T> FromRequestParts<S> for Query<T>
where
    S: Sync,
    T: DeserializeOwned + JsonSchema + 'static,
{
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Problem> {
        let pairs = input::pairs(head.uri.query().unwrap_or_default().as_bytes(), "query")?;
        input::from_pairs(pairs, "query").map(Self)
    }
}

impl<S, T: JsonSchema + 'static> Describe<S> for Query<T> {
    fn describe(description: &mut Description<'_>) {
        input::checkable::<T>(description);
        for (name, schema, required) in Schemas::properties::<T>() {
            description.parameter(ParameterPlace::Query, &name, required, schema);
        }
        description.validated();
    }
}
