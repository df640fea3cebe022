//! What the possibility to clean up after a body costs those who do not use it: nothing. A test of its own, since it counts
//! for the whole process.

use std::alloc::System;

use axum::body::Body;
use http::Request;
use palisade::prelude::*;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tower::ServiceExt;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

async fn without() -> &'static str {
    "text"
}

async fn unused(_: Cleanup) -> &'static str {
    "text"
}

async fn watched(cleanup: Cleanup) -> &'static str {
    cleanup.after_body(|_, _| async { Ok(()) });
    "text"
}

#[test]
fn a_body_nobody_waits_for_is_not_wrapped() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
    let router = Router::<()>::new()
        .route("/1", get(without).public("a test"))
        .route("/2", get(unused).public("a test"))
        .route("/3", get(watched).public("a test"))
        .into_axum()
        .expect("this router is right");
    let allocations = |path: &str| {
        let request = || Request::get(path).body(Body::empty()).expect("this is a request");
        let answer = |router: axum::Router, request| runtime.block_on(router.oneshot(request));
        // What is found out once is found out now.
        let _ = answer(router.clone(), request());
        let (router, request) = (router.clone(), request());
        let region = Region::new(ALLOCATOR);
        let response = answer(router, request);
        let allocations = region.change().allocations;
        assert!(response.is_ok_and(|response| response.status() == 200));
        allocations
    };
    assert_eq!(allocations("/2"), allocations("/1"));
    assert!(allocations("/3") > allocations("/2"), "else this test counts nothing");
}
