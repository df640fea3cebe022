//! A way through for types that cannot describe themselves.

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use http::request::Parts;

use crate::describe::{Describe, DescribeResponse, Description};

/// Lets a foreign extractor or result through; the API document says that this part is not described.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Undescribed<T>(pub T);

impl<S: Sync, T: FromRequestParts<S>> FromRequestParts<S> for Undescribed<T> {
    type Rejection = T::Rejection;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, T::Rejection> {
        T::from_request_parts(head, state).await.map(Self)
    }
}

/// An extractor that reads the body, let through in the last place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UndescribedBody<T>(pub T);

impl<S: Send + Sync, T: FromRequest<S>> FromRequest<S> for UndescribedBody<T> {
    type Rejection = T::Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, T::Rejection> {
        T::from_request(request, state).await.map(Self)
    }
}

impl<S, T> Describe<S> for Undescribed<T> {
    fn describe(description: &mut Description<'_>) {
        description.undescribed(std::any::type_name::<T>());
    }
}

impl<S, T> Describe<S> for UndescribedBody<T> {
    fn describe(description: &mut Description<'_>) {
        description.undescribed(std::any::type_name::<T>());
    }
}

impl<T: IntoResponse> IntoResponse for Undescribed<T> {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl<T> DescribeResponse for Undescribed<T> {
    fn describe_response(description: &mut Description<'_>) {
        description.undescribed(std::any::type_name::<T>());
        description.any_response();
    }
}
