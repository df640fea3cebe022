//! What the macros' expansions name. Not for hand-written code.

pub use axum::extract::{FromRequestParts, OptionalFromRequestParts};
pub use http::request::Parts;

use crate::problem::Problem;

/// Reads one argument of a dependency.
///
/// # Errors
///
/// What the extractor refuses with, as a problem.
pub async fn argument<T, S>(head: &mut Parts, state: &S) -> Result<T, Problem>
where
    T: FromRequestParts<S>,
{
    match T::from_request_parts(head, state).await {
        Ok(value) => Ok(value),
        Err(rejection) => Err(Problem::from_rejection(rejection)),
    }
}
