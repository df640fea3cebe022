//! One of several credentials: the first that is there.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::Authenticate;
use crate::{
    denied::Denied,
    describe::{Describe, Description},
    problem::Problem,
};

/// The first of the credentials `T`, a tuple of two to six, that the request has. One that is there and is not valid
/// refuses the request, though another one may be valid: nobody can know which of them was meant. So of two that stand at
/// one place, such as two bearer tokens, only the first is looked at: verify both as one type.
///
/// ```
/// use palisade::{
///     credential::{AnyOf, ApiKeyHeader, ApiKeyScheme, OneOf2},
///     prelude::*,
/// };
///
/// struct Robots;
///
/// impl ApiKeyScheme for Robots {
///     const NAME: &'static str = "RobotKey";
///     const PARAMETER: &'static str = "x-robot-key";
/// }
///
/// #[derive(Clone)]
/// struct Caller(String);
///
/// #[dependency]
/// async fn caller(who: AnyOf<(Bearer, ApiKeyHeader<Robots>)>) -> Caller {
///     Caller(match who.0 {
///         OneOf2::A(token) => format!("the bearer of {} characters", token.expose().len()),
///         OneOf2::B(key) => format!("a robot with {} characters", key.expose().len()),
///     })
/// }
/// ```
pub struct AnyOf<T: Alternatives>(pub T::One);

/// A tuple of credentials of which one is needed. `Option` is none of them: what may be missing is an `Option` around all
/// of it.
pub trait Alternatives {
    /// The one that was there.
    type One;
}

impl<T: Alternatives<One: std::fmt::Debug>> std::fmt::Debug for AnyOf<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("AnyOf").field(&self.0).finish()
    }
}

impl<T: Alternatives<One: Clone>> Clone for AnyOf<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: Sync, T: Alternatives> FromRequestParts<S> for AnyOf<T>
where
    Self: Authenticate<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Problem> {
        Self::authenticate(head, state).await?.ok_or_else(|| Denied::not_authenticated().into())
    }
}

impl<S: Sync, T: Alternatives> OptionalFromRequestParts<S> for AnyOf<T>
where
    Self: Authenticate<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        Self::authenticate(head, state).await
    }
}

macro_rules! one_of {
    ($name:ident, $number:literal: $($each:ident),+) => {
        #[doc = concat!("One of ", $number, " credentials.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name<$($each),+> {
            $(
                #[doc = concat!("The credential `", stringify!($each), "`.")]
                $each($each),
            )+
        }

        impl<$($each),+> Alternatives for ($($each,)+) {
            type One = $name<$($each),+>;
        }

        impl<S: Sync, $($each: Authenticate<S> + Send),+> Authenticate<S> for AnyOf<($($each,)+)> {
            async fn authenticate(head: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
                $(
                    if let Some(credential) = $each::authenticate(head, state).await? {
                        return Ok(Some(Self($name::$each(credential))));
                    }
                )+
                Ok(None)
            }
        }

        impl<S, $($each: Describe<S>),+> Describe<S> for AnyOf<($($each,)+)> {
            fn describe(description: &mut Description<'_>) {
                description.any_of(&[$($each::describe),+]);
            }
        }
    };
}

one_of!(OneOf2, "two": A, B);
one_of!(OneOf3, "three": A, B, C);
one_of!(OneOf4, "four": A, B, C, D);
one_of!(OneOf5, "five": A, B, C, D, E);
one_of!(OneOf6, "six": A, B, C, D, E, F);
