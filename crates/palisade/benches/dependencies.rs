//! What the guard costs: a dependency made and kept, a requirement of ten leaves, and a guarded route against a bare one.
//!
//! `cargo bench -p palisade --bench dependencies`

use std::{convert::Infallible, hint::black_box, time::Duration};

use axum::body::Body;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::{Request, StatusCode, request::Parts};
use palisade::{clock::Timestamp, prelude::*, testing::verdict_now};
use tokio::runtime::{Builder, Runtime};
use tower::{Service, ServiceExt};

#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
enum Staff {
    User,
    #[role(includes(User))]
    Admin,
}

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

/// The worst order: whatever is asked first does not decide, and only the last of ten leaves does.
fn checking(criterion: &mut Criterion) {
    let head = head();
    let now = Timestamp::from_unix(1_000);
    let scopes = "j k l m n o".parse().expect("these are scopes");
    let caller = Caller(Authority::account("ada").scopes(scopes).roles([Staff::User]).authenticated_at(now));
    let mut measure = |name: &str, requirement: Requirement| {
        assert_eq!(verdict_now(&requirement, &caller, &head, now), Some(Verdict::True), "{name}");
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| verdict_now(black_box(&requirement), black_box(&caller), &head, now));
        });
    };
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let any = names.iter().map(|name| scope(name)).reduce(|all, one| all | one);
    measure("requirement of ten leaves, the last of ten scopes holds", any.expect("there are ten"));
    let all = signed_in()
        & undelegated()
        & recent(Duration::from_secs(60))
        & !role(Staff::Admin)
        & role(Staff::User)
        & scope("k")
        & scope("l")
        & (scope("x") | role(Staff::Admin) | check("hour", |facts| facts.now().as_unix() > 0));
    measure("requirement of ten leaves of all kinds, all hold, a check last", all);
    let checks =
        (0..10).map(|at| check(NAMES[at], move |facts| facts.now().as_unix() == at as i64 * 111 + 1));
    let checks = checks.reduce(|all, one| all | one).expect("there are ten");
    measure("requirement of ten checks, the last holds", checks);
}

const NAMES: [&str; 10] = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9"];

fn routing(criterion: &mut Criterion) {
    async fn hello() -> &'static str {
        "hello"
    }
    let runtime = runtime();
    let bare = axum::Router::new().route("/", axum::routing::get(hello));
    let guarded = Router::<(), Caller>::new().route("/", get(hello).requires(signed_in())).build();
    let guarded = guarded.expect("this router is right");
    measure_route(criterion, &runtime, "bare route", &bare);
    measure_route(criterion, &runtime, "guarded route", &guarded.service);
    measure_route(criterion, &runtime, "guarded route, through axum's router", &guarded.router);
}

fn measure_route<R>(criterion: &mut Criterion, runtime: &Runtime, name: &str, routes: &R)
where
    R: Service<Request<Body>, Response = axum::response::Response, Error = Infallible> + Clone,
{
    criterion.bench_function(name, |bencher| {
        bencher.iter_batched(
            || (routes.clone(), request()),
            |(routes, request)| {
                let Ok(response) = runtime.block_on(routes.oneshot(request));
                assert_eq!(response.status(), StatusCode::OK);
                response
            },
            BatchSize::SmallInput,
        );
    });
}

criterion_group!(benches, resolving, checking, routing);
criterion_main!(benches);
