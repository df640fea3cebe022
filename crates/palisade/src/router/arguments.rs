//! Handlers as functions: what their arguments are, how these are read, and how the function is called.

use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, Request},
};
use http::request::Parts;

use crate::{
    describe::{Describe, Description},
    problem::Problem,
};

/// The list of a handler's arguments: `(M, A1, A2, ..)`, where `M` says how axum reads the last.
pub trait ArgumentList {
    /// The arguments' values.
    type Values: Send;
}

/// Arguments that can be read from a request and described. The last one may read the body.
pub trait Arguments<S>: ArgumentList {
    /// Reads them in order; the first refusal ends it. The last one takes the head and the body.
    fn extract(
        head: &mut Parts,
        body: Body,
        state: &S,
    ) -> impl Future<Output = Result<Self::Values, Problem>> + Send;

    /// Describes them.
    fn describe(description: &mut Description<'_>);
}

/// A function that can be a handler, with arguments `T`.
pub trait HandlerFn<T: ArgumentList>: Clone + Send + Sync + 'static {
    /// What it answers with.
    type Output;
    /// The future of its answer.
    type Future: Future<Output = Self::Output>;

    /// Calls it.
    fn call(&self, values: T::Values) -> Self::Future;
}

impl ArgumentList for ((),) {
    type Values = ();
}

impl<S: Sync> Arguments<S> for ((),) {
    async fn extract(_: &mut Parts, _: Body, _: &S) -> Result<(), Problem> {
        Ok(())
    }

    fn describe(_: &mut Description<'_>) {}
}

impl<F, W> HandlerFn<((),)> for F
where
    F: Fn() -> W + Clone + Send + Sync + 'static,
    W: Future,
{
    type Output = W::Output;
    type Future = W;

    fn call(&self, (): ()) -> W {
        self()
    }
}

/// The head. What is left in its place is the head of no request.
fn taken(head: &mut Parts) -> Parts {
    std::mem::replace(head, http::Request::new(()).into_parts().0)
}

macro_rules! arguments {
    ($($name:ident),* ; $last:ident) => {
        impl<M, $($name,)* $last> ArgumentList for (M, $($name,)* $last)
        where
            $($name: Send,)*
            $last: Send,
        {
            type Values = ($($name,)* $last,);
        }

        impl<M, S, $($name,)* $last> Arguments<S> for (M, $($name,)* $last)
        where
            S: Send + Sync,
            $($name: FromRequestParts<S> + Describe<S> + Send,)*
            $last: FromRequest<S, M> + Describe<S> + Send,
        {
            #[allow(non_snake_case, reason = "written for every number of arguments")]
            async fn extract(head: &mut Parts, body: Body, state: &S) -> Result<Self::Values, Problem> {
                $(
                    let $name = match $name::from_request_parts(head, state).await {
                        Ok(value) => value,
                        Err(rejection) => return Err(Problem::from_rejection(rejection)),
                    };
                )*
                match $last::from_request(Request::from_parts(taken(head), body), state).await {
                    Ok($last) => Ok(($($name,)* $last,)),
                    Err(rejection) => Err(Problem::from_rejection(rejection)),
                }
            }

            fn describe(description: &mut Description<'_>) {
                $($name::describe(description);)*
                $last::describe(description);
            }
        }

        #[allow(non_snake_case, reason = "written for every number of arguments")]
        impl<M, F, W, $($name,)* $last> HandlerFn<(M, $($name,)* $last)> for F
        where
            F: Fn($($name,)* $last) -> W + Clone + Send + Sync + 'static,
            W: Future,
            $($name: Send,)*
            $last: Send,
        {
            type Output = W::Output;
            type Future = W;

            fn call(&self, ($($name,)* $last,): ($($name,)* $last,)) -> W {
                self($($name,)* $last)
            }
        }
    };
}

arguments!(; A1);
arguments!(A1; A2);
arguments!(A1, A2; A3);
arguments!(A1, A2, A3; A4);
arguments!(A1, A2, A3, A4; A5);
arguments!(A1, A2, A3, A4, A5; A6);
arguments!(A1, A2, A3, A4, A5, A6; A7);
arguments!(A1, A2, A3, A4, A5, A6, A7; A8);
arguments!(A1, A2, A3, A4, A5, A6, A7, A8; A9);
arguments!(A1, A2, A3, A4, A5, A6, A7, A8, A9; A10);
