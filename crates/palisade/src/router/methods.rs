//! The methods of one path on their way into a router: Palisade's own, or axum's once there is a layer around them.

use std::sync::Arc;

use axum::{
    extract::Request,
    handler::Handler,
    response::IntoResponse,
    routing::{MethodFilter, MethodRouter, any, on},
};
use http::Method;
use tower::{Layer, Service};

use super::endpoint::{Endpoint, with_state};
use crate::exchange::BoxedResponse;

/// Endpoints by their methods. One without a method answers every method that no other has.
pub(super) type Endpoints<S> = Vec<(Option<Method>, Arc<dyn Endpoint<S>>)>;

/// The methods of one path.
#[derive(Clone)]
pub(super) enum Methods<S> {
    /// Nothing is around them.
    Own(Endpoints<S>),
    /// There are layers around them, which are axum's.
    Layered(Box<MethodRouter<S>>),
}

impl<S: Clone + Send + Sync + 'static> Methods<S> {
    /// As axum's router has them.
    pub(super) fn into_axum(self) -> MethodRouter<S> {
        match self {
            Self::Own(endpoints) => {
                endpoints.into_iter().map(method_router).fold(MethodRouter::new(), MethodRouter::merge)
            }
            Self::Layered(methods) => *methods,
        }
    }

    /// These and `others`, which are of the same path.
    pub(super) fn merge(self, others: Self) -> Self {
        match (self, others) {
            (Self::Own(mut endpoints), Self::Own(more)) => {
                endpoints.extend(more);
                Self::Own(endpoints)
            }
            (one, other) => Self::Layered(Box::new(one.into_axum().merge(other.into_axum()))),
        }
    }

    pub(super) fn layer<L>(self, layer: L) -> Self
    where
        L: Layer<axum::routing::Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request, Error: Into<std::convert::Infallible>> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        Self::Layered(Box::new(self.into_axum().layer(layer)))
    }

    pub(super) fn with_state<S2>(self, state: &S) -> Methods<S2> {
        match self {
            Self::Own(endpoints) => {
                let endpoints = endpoints.into_iter();
                Methods::Own(
                    endpoints.map(|(method, one)| (method, with_state(one, state.clone()))).collect(),
                )
            }
            Self::Layered(methods) => Methods::Layered(Box::new(methods.with_state(state.clone()))),
        }
    }
}

fn method_router<S>((method, endpoint): (Option<Method>, Arc<dyn Endpoint<S>>)) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    // Every method that a router can be given has a filter.
    match method.map(MethodFilter::try_from) {
        Some(Ok(filter)) => on(filter, AxumHandler(endpoint)),
        Some(Err(_)) | None => any(AxumHandler(endpoint)),
    }
}

/// An endpoint as axum calls it.
#[derive(Clone)]
struct AxumHandler<S>(Arc<dyn Endpoint<S>>);

impl<S: Clone + Send + Sync + 'static> Handler<(), S> for AxumHandler<S> {
    type Future = BoxedResponse;

    fn call(self, request: Request, state: S) -> BoxedResponse {
        self.0.call(request, &state)
    }
}
