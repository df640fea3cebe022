//! How dependencies are made: once, nested, kept, optional, by hand and for foreign types.

use palisade::prelude::*;

use crate::common::{Caller, Log, client};

#[derive(Clone, Debug)]
struct Counted(usize);

#[dependency(state = Log)]
async fn counted(State(log): State<Log>) -> Counted {
    log.say("counted");
    Counted(log.count("counted"))
}

#[derive(Clone)]
struct Nested(usize);

#[dependency(state = Log)]
async fn nested(counted: Counted, _: Caller) -> Result<Nested, Problem> {
    Ok(Nested(counted.0))
}

#[tokio::test]
async fn a_dependency_runs_once_per_request_however_often_it_is_asked_for() {
    async fn handler(first: Counted, nested: Nested, again: Counted) -> String {
        format!("{} {} {}", first.0, nested.0, again.0)
    }
    let log = Log::default();
    let router = Router::new().route("/", get(handler).requires(signed_in()));
    let client = client(router, log.clone()).bearer("ada");
    assert_eq!(client.get("/").send().await.text(), "1 1 1");
    assert_eq!(client.get("/").send().await.text(), "2 2 2", "the next request resolves anew");
    assert_eq!(log.count("counted"), 2);
}

#[derive(Clone)]
struct Failing;

#[dependency(state = Log)]
async fn failing(State(log): State<Log>) -> Result<Failing, Problem> {
    log.say("failing");
    Err(Problem::new(StatusCode::CONFLICT, "not now"))
}

#[derive(Clone)]
struct SeesFailure(StatusCode);

#[dependency]
impl Dependency<Log> for SeesFailure {
    async fn resolve(head: &mut Parts, state: &Log) -> Result<Self, Problem> {
        let failed = palisade::resolve::<Failing, Log>(head, state).await;
        Ok(Self(failed.map_or_else(|problem| problem.status(), |_| StatusCode::OK)))
    }
}

impl Describe<Log> for SeesFailure {
    fn describe(_: &mut Description<'_>) {}
}

#[tokio::test]
async fn a_failure_is_kept_and_not_tried_again() {
    async fn handler(seen: SeesFailure, _: Failing) -> String {
        seen.0.to_string()
    }
    let log = Log::default();
    let router = Router::new().route("/", get(handler).public("a test"));
    let response = client(router, log.clone()).get("/").send().await;
    assert_eq!((response.status, &response.json()["detail"]), (StatusCode::CONFLICT, &"not now".into()));
    assert_eq!(log.count("failing"), 1);
}

#[tokio::test]
async fn an_optional_dependency_is_none_without_a_credential_and_refuses_a_bad_one() {
    async fn handler(caller: Option<Caller>) -> String {
        caller.map_or("nobody".into(), |caller| caller.name)
    }
    let router = Router::new().route("/", get(handler).public("greets whoever comes"));
    let client = client(router, ());
    assert_eq!(client.get("/").send().await.text(), "nobody");
    assert_eq!(client.bearer("ada").get("/").send().await.text(), "ada");
    assert_eq!(client.bearer("bad").get("/").send().await.status, StatusCode::UNAUTHORIZED);
    let malformed = client.get("/").header("authorization", "Bearer a b").send().await;
    assert_eq!(malformed.status, StatusCode::UNAUTHORIZED, "present and malformed is not absent");
}

/// A type of another crate has a dependency for a concrete state.
#[dependency(state = Log)]
async fn foreign(State(log): State<Log>) -> std::net::IpAddr {
    log.say("foreign");
    std::net::Ipv4Addr::LOCALHOST.into()
}

#[tokio::test]
async fn a_type_of_another_crate_can_have_a_dependency_for_a_state() {
    async fn handler(address: std::net::IpAddr) -> String {
        address.to_string()
    }
    let router = Router::new().route("/", get(handler).public("a test"));
    assert_eq!(client(router, Log::default()).get("/").send().await.text(), "127.0.0.1");
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Page {
    size: u8,
}

#[derive(Clone)]
struct Place(String);

#[dependency]
async fn place(Path(id): Path<u32>, Query(page): Query<Page>) -> Place {
    Place(format!("{id} {}", page.size))
}

#[tokio::test]
async fn a_dependency_reads_path_and_query_and_they_are_documented() {
    async fn handler(place: Place) -> String {
        place.0
    }
    let router = Router::<(), Caller>::new().route("/items/{id}", get(handler).public("a test"));
    let built = router.document(Info::new("t", "1")).build().unwrap();
    let client = palisade::testing::Client::new(built.router);
    assert_eq!(client.get("/items/7?size=3").send().await.text(), "7 3");
    assert_eq!(client.get("/items/7?size=300").send().await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let document = client.get("/openapi.json").send().await.json();
    let parameters = document["paths"]["/items/{id}"]["get"]["parameters"].as_array().unwrap().clone();
    let names: Vec<_> = parameters.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["id", "size"]);
}

#[tokio::test]
async fn a_request_dropped_in_a_dependency_keeps_nothing_half_made() {
    #[derive(Clone)]
    struct Never;
    #[dependency]
    impl Dependency<Log> for Never {
        async fn resolve(_: &mut Parts, log: &Log) -> Result<Self, Problem> {
            log.say("began");
            std::future::pending().await
        }
    }

    impl Describe<Log> for Never {
        fn describe(_: &mut Description<'_>) {}
    }
    let log = Log::default();
    let mut head = http::Request::new(()).into_parts().0;
    for _ in 0..2 {
        let mut resolving = Box::pin(palisade::resolve::<Never, Log>(&mut head, &log));
        let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
        assert!(resolving.as_mut().poll(context).is_pending());
    }
    assert_eq!(log.count("began"), 2, "it is begun again, neither blocked nor taken for done");
}
