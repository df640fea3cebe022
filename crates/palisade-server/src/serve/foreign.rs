//! An axum router as the server serves its own: for tests of what is around it.

use axum::{Router, extract::Request};
use palisade::{
    Nobody,
    extract::Undescribed,
    router::{RouterService, any},
};
use tower::ServiceExt as _;

/// A service that answers everything by `router`.
pub(super) fn served(router: Router) -> RouterService {
    let answer = move |request: Request| {
        let router = router.clone();
        async move {
            let Ok(response) = router.oneshot(request).await;
            Undescribed(response)
        }
    };
    let routes = palisade::Router::<(), Nobody>::new().fallback(any(answer).public("a test's own router"));
    routes.build().unwrap().service
}
