//! Several credentials at once: tuples.
//!
//! A tuple of credentials means all of them, as an argument and as one of the alternatives of
//! [`AnyOf`](super::AnyOf). For "all of them or none" write `Option<AllOf<(A, B)>>`, since `Option` of a tuple belongs to
//! axum. So does reading a tuple that is an argument: one by one, and the first that is missing ends it. In a dependency that
//! others take as an `Option`, `AllOf` refuses whoever sends half, where a tuple takes them for nobody.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::Authenticate;
use crate::{
    denied::Denied,
    describe::{Describe, Description},
    problem::Problem,
};

/// All of the credentials `T`, a tuple of up to six. They are there if any of them is: a request with one of two is
/// refused, and not taken for one with none.
#[derive(Clone, Copy, Debug)]
pub struct AllOf<T>(pub T);

impl<S: Sync, T: Authenticate<S>> Authenticate<S> for AllOf<T> {
    async fn authenticate(head: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        Ok(T::authenticate(head, state).await?.map(Self))
    }
}

impl<S: Sync, T: Authenticate<S>> FromRequestParts<S> for AllOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Problem> {
        Self::authenticate(head, state).await?.ok_or_else(|| Denied::not_authenticated().into())
    }
}

impl<S: Sync, T: Authenticate<S>> OptionalFromRequestParts<S> for AllOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        Self::authenticate(head, state).await
    }
}

impl<S, T: Describe<S>> Describe<S> for AllOf<T> {
    fn describe(description: &mut Description<'_>) {
        T::describe(description);
    }
}

macro_rules! together {
    ($($each:ident),+) => {
        impl<S: Sync, $($each: Authenticate<S> + Send),+> Authenticate<S> for ($($each,)+) {
            #[allow(non_snake_case, reason = "written for every number of credentials")]
            async fn authenticate(head: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
                $(let $each = $each::authenticate(head, state).await?;)+
                if $($each.is_none())&&+ {
                    return Ok(None);
                }
                match ($($each,)+) {
                    ($(Some($each),)+) => Ok(Some(($($each,)+))),
                    _ => Err(Denied::invalid_credentials()
                        .because("of credentials that are needed together, one is missing")
                        .into()),
                }
            }
        }

        impl<S, $($each: Describe<S>),+> Describe<S> for ($($each,)+) {
            fn describe(description: &mut Description<'_>) {
                $($each::describe(description);)+
            }
        }
    };
}

together!(A, B);
together!(A, B, C);
together!(A, B, C, D);
together!(A, B, C, D, E);
together!(A, B, C, D, E, F);
