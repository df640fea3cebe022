//! What the guard costs: a dependency made and kept, a requirement of ten leaves, and a guarded route against a bare one.
//!
//! `cargo bench -p palisade --bench dependencies`

use std::hint::black_box;

use axum::body::Body;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::{Request, StatusCode, request::Parts};
use palisade::{clock::Timestamp, prelude::*, testing::verdict};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

#[derive(Clone)]
struct Caller(Authority);

impl Principal for Caller {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

/// A caller who costs nothing to find, so that what is measured is the way to it.
#[dependency]
async fn caller(_: Bearer) -> Caller {
    Caller(Authority::account("ada"))
}

fn request() -> Request<Body> {
    let request = Request::get("/").header("authorization", "Bearer ada");
    request.body(Body::empty()).expect("this is a request")
}

fn head() -> Parts {
    request().into_parts().0
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime starts")
}

fn resolving(criterion: &mut Criterion) {
    let runtime = runtime();
    criterion.bench_function("dependency, first", |bencher| {
        bencher.iter_batched_ref(
            head,
            |head| runtime.block_on(palisade::resolve::<Caller, ()>(head, &())).is_ok(),
            BatchSize::SmallInput,
        );
    });
    let mut head = head();
    criterion.bench_function("dependency, kept", |bencher| {
        bencher.iter(|| runtime.block_on(palisade::resolve::<Caller, ()>(black_box(&mut head), &())).is_ok());
    });
}

/// Only the last of ten leaves decides.
fn checking(criterion: &mut Criterion) {
    let runtime = runtime();
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let requirement = names.iter().map(|name| scope(name)).reduce(|all, one| all | one);
    let requirement = requirement.expect("there are ten");
    let scopes = "j k l m n o".parse().expect("these are scopes");
    let (caller, head) = (Caller(Authority::account("ada").scopes(scopes)), head());
    criterion.bench_function("requirement of ten leaves, the last holds", |bencher| {
        bencher.iter(|| {
            let verdict = verdict(black_box(&requirement), &caller, &head, Timestamp::from_unix(0));
            runtime.block_on(verdict)
        });
    });
}

fn routing(criterion: &mut Criterion) {
    async fn hello() -> &'static str {
        "hello"
    }
    let runtime = runtime();
    let bare = axum::Router::new().route("/", axum::routing::get(hello));
    let guarded = Router::<(), Caller>::new().route("/", get(hello).requires(signed_in())).into_axum();
    let guarded = guarded.expect("this router is right");
    let mut measure = |name: &str, router: axum::Router| {
        criterion.bench_function(name, |bencher| {
            bencher.iter_batched(
                || (router.clone(), request()),
                |(router, request)| {
                    let Ok(response) = runtime.block_on(router.oneshot(request));
                    assert_eq!(response.status(), StatusCode::OK);
                    response
                },
                BatchSize::SmallInput,
            );
        });
    };
    measure("bare route", bare);
    measure("guarded route", guarded);
}

criterion_group!(benches, resolving, checking, routing);
criterion_main!(benches);
