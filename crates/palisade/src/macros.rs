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

/// Whether what the dependency `T` requires was checked.
///
/// # Errors
///
/// 500 where it was not.
pub fn admitted<T: 'static>(head: &Parts) -> Result<(), Problem> {
    crate::dependency::admitted::<T>(head)
}

/// What a dependency made, or its failure as a problem.
///
/// # Errors
///
/// The failure.
pub fn made<T, E: Failure>(made: Result<T, E>) -> Result<T, Problem> {
    made.map_err(Into::into)
}

/// What a dependency may fail with.
#[diagnostic::on_unimplemented(
    message = "a dependency cannot fail with `{Self}`: it does not say what the caller is told",
    label = "not `Denied`, `Problem` or a type that turns into a `Problem`",
    note = "implement `From<{Self}> for Problem`, or map the error: `.map_err(Problem::internal)`"
)]
pub trait Failure: Into<Problem> {}

#[diagnostic::do_not_recommend]
impl<E: Into<Problem>> Failure for E {}
