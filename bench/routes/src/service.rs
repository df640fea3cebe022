//! What a request is handed to: the one place that knows how a router is served.

use axum::{body::Body, response::Response};
use http::Request;
use palisade::StartupErrors;
use tower::ServiceExt as _;

use crate::app::Caller;

/// How a router of Palisade is served.
type Guarded = palisade::router::RouterService;

/// A router that is ready to serve.
pub(crate) enum Service {
    Bare(axum::Router),
    Guarded(Guarded),
}

impl Service {
    /// That of a router of Palisade.
    pub(crate) fn guarded(router: palisade::Router<(), Caller>) -> Result<Self, StartupErrors> {
        router.build().map(|built| Self::Guarded(built.service))
    }

    /// The bytes of the future that answers `request`, as far as it is not in a box.
    pub(crate) fn future_size(&self, request: Request<Body>) -> usize {
        match self {
            Self::Bare(router) => size_of_val(&router.clone().oneshot(request)),
            Self::Guarded(router) => size_of_val(&router.clone().oneshot(request)),
        }
    }
}

/// The answer to `request`. The service is cloned for each, as a server does.
pub(crate) async fn call(service: &Service, request: Request<Body>) -> Response {
    let Ok(response) = match service {
        Service::Bare(router) => router.clone().oneshot(request).await,
        Service::Guarded(router) => router.clone().oneshot(request).await,
    };
    response
}
