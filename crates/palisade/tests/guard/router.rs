//! What the router serves: methods, nesting, mounts, layers, and what it answers where nothing matches.

use axum::{extract::Request, middleware, response::IntoResponse};
use palisade::{Authority, prelude::*, testing::Client};
use serde_json::json;

use crate::support::{Api, App, Caller, Staff, done, serve};

async fn echo(request: SeenPath) -> String {
    request.0
}

/// The path as the handler sees it.
struct SeenPath(String);

impl<S: Sync> axum::extract::FromRequestParts<S> for SeenPath {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(head.uri.path().to_owned()))
    }
}

impl<S> Describe<S> for SeenPath {
    fn describe(_: &mut Description<'_>) {}
}

#[tokio::test]
async fn each_method_of_a_path_has_its_own_requirement() {
    let chain =
        get(done).requires(scope("a")).post(done).requires(scope("b")).delete(done).public("for the test");
    let (client, ran) = serve(Api::new().route("/x", chain));
    let a = client.bearer("account~a");
    assert_eq!(a.get("/x").send().await.status, 200);
    assert_eq!(a.post("/x").send().await.status, 403);
    assert_eq!(client.bearer("account~b").post("/x").send().await.status, 200);
    assert_eq!(client.request(http::Method::DELETE, "/x").send().await.status, 200);
    assert_eq!(ran.times(), 3);
}

#[tokio::test]
async fn head_runs_the_guard_and_the_handler_of_get_and_has_no_body() {
    let (client, ran) = serve(Api::new().route("/x", get(done).requires(scope("a"))));
    let refused = client.request(http::Method::HEAD, "/x").send().await;
    assert_eq!((refused.status.as_u16(), refused.body.len(), ran.times()), (401, 0, 0));
    assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    let served = client.bearer("account~a").request(http::Method::HEAD, "/x").send().await;
    assert_eq!((served.status.as_u16(), served.body.len(), ran.times()), (200, 0, 1));
    assert_eq!(served.header("content-length"), Some("4"));
}

#[tokio::test]
async fn what_does_not_match_is_a_problem_document() {
    let (client, ran) = serve(Api::new().route("/x", get(done).public("x").post(done).requires(signed_in())));
    let missing = client.get("/y").send().await;
    assert_eq!(
        (missing.status.as_u16(), missing.header("content-type")),
        (404, Some("application/problem+json"))
    );
    assert_eq!(missing.json()["status"], 404);

    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PURGE"] {
        let answer = client.request(method.parse().unwrap(), "/x").send().await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("GET,HEAD,POST"), "{method}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{method}");
        assert_eq!(answer.json()["status"], 405, "{method}");
    }
    assert_eq!(ran.times(), 0);
}

#[tokio::test]
async fn any_answers_every_method_that_no_other_route_does() {
    let api = Api::new().route("/x", any(done).requires(scope("a")).get(done).public("reading"));
    let (client, ran) = serve(api);
    assert_eq!(client.get("/x").send().await.status, 200);
    for method in ["PUT", "PURGE", "OPTIONS"] {
        assert_eq!(client.request(method.parse().unwrap(), "/x").send().await.status, 401, "{method}");
    }
    assert_eq!(ran.times(), 1);
    assert_eq!(client.bearer("account~a").request("PURGE".parse().unwrap(), "/x").send().await.status, 200);
}

#[tokio::test]
async fn nested_routes_keep_their_rules_and_their_fallback() {
    let inner = Api::new()
        .route("/", get(done).requires(scope("a")))
        .route("/users/{id}", get(done).requires(scope("b")))
        .fallback(any(|| async { Undescribed((StatusCode::IM_A_TEAPOT, "inner")) }).requires(signed_in()));
    let (client, ran) = serve(Api::new().route("/x", get(done).public("x")).nest("/admin", inner));
    let caller = client.bearer("account~a");
    assert_eq!(caller.get("/admin").send().await.status, 200);
    assert_eq!(caller.get("/admin/users/1").send().await.status, 403);
    for path in ["/admin/", "/admin/nothing", "/admin/users/", "/admin/users/1/2"] {
        assert_eq!(client.get(path).send().await.status, 401, "{path}");
        assert_eq!(caller.get(path).send().await.status, 418, "{path}");
    }
    assert_eq!(caller.post("/admin").send().await.status, 405, "a path that is there has its own methods");
    assert_eq!(caller.get("/nothing").send().await.status, 404);
    assert_eq!(caller.get("/administration").send().await.status, 404);
    assert_eq!(ran.times(), 1);
}

#[tokio::test]
async fn a_fallback_has_a_rule_too() {
    let (client, ran) = serve(Api::new().fallback(any(done).requires(scope("a"))));
    assert_eq!(client.get("/anything").send().await.status, 401);
    assert_eq!(client.bearer("account~a").post("/any/thing").send().await.status, 200);
    assert_eq!(ran.times(), 1);
}

/// Another service's caller: known by a header.
#[derive(Clone)]
struct Machine(Authority);

impl Principal for Machine {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
async fn machine(headers: http::HeaderMap) -> Result<Machine, Denied> {
    let named = headers.contains_key("x-machine");
    named
        .then(|| Machine(Authority::client("m").scopes("a".parse().unwrap())))
        .ok_or_else(Denied::not_authenticated)
}

#[tokio::test]
async fn routers_of_other_principals_merge_and_nest() {
    let machines = || Router::<App, Machine>::new().route("/sync", get(done).requires(scope("a")));
    let people = Api::new().route("/me", get(done).requires(signed_in()));
    let (client, ran) = serve(people.merge(machines()).nest("/v2", machines()));
    let person = client.bearer("account~a");
    for path in ["/sync", "/v2/sync"] {
        assert_eq!(person.get(path).send().await.status, 401, "a person is no machine");
        assert_eq!(client.get(path).header("x-machine", "m").send().await.status, 200);
    }
    assert_eq!(client.get("/me").header("x-machine", "m").send().await.status, 401, "a machine is no person");
    assert_eq!(person.get("/me").send().await.status, 200);
    assert_eq!(ran.times(), 3);
}

fn foreign() -> axum::Router {
    use axum::routing::get;
    let item = |axum::extract::Path(id): axum::extract::Path<u32>| async move { format!("item {id}") };
    axum::Router::new().route("/", get(|| async { "root" })).route("/items/{id}", get(item))
}

#[tokio::test]
async fn a_foreign_router_keeps_its_paths_and_parameters_wherever_it_is_mounted() {
    let api = || Api::new().mount_public("/legacy", foreign(), "not ours yet");
    let (client, _) = serve(api().nest("/old/{version}", Api::new()).nest("/older", api()));
    for prefix in ["/legacy", "/older/legacy"] {
        for (path, expected) in [("", "root"), ("/", "root"), ("/items/7", "item 7")] {
            let answer = client.get(&format!("{prefix}{path}")).send().await;
            assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, expected), "{prefix}{path}");
        }
        assert_eq!(client.get(&format!("{prefix}/nothing")).send().await.status, 404);
    }
}

#[tokio::test]
async fn all_of_a_guarded_mount_is_guarded() {
    let (client, _) = serve(Api::new().mount_guarded("/legacy", foreign(), role(Staff::Admin)));
    for method in ["GET", "HEAD", "POST", "OPTIONS", "PURGE"] {
        for path in [
            "/legacy",
            "/legacy/",
            "/legacy/items/7",
            "/legacy//items/7",
            "/legacy/nothing",
            "/legacy/%2e%2e/x",
        ] {
            let request = |client: &Client| client.request(method.parse().unwrap(), path);
            let answer = request(&client).send().await;
            assert_eq!(answer.status, 401, "{method} {path}");
            assert_eq!(
                request(&client.bearer("account~~editor")).send().await.status,
                403,
                "{method} {path}"
            );
        }
    }
    let admin = client.bearer("account~~admin");
    assert_eq!(admin.get("/legacy/items/7").send().await.text(), "item 7");
    assert_eq!(admin.request(http::Method::HEAD, "/legacy/items/7").send().await.body.len(), 0);
    assert_eq!(client.get("/legacyx").send().await.status, 404);
}

/// Answers preflights by itself and marks every other answer, as a CORS layer does.
async fn cors(request: Request, next: middleware::Next) -> axum::response::Response {
    let preflight = request.method() == http::Method::OPTIONS
        && request.headers().contains_key("access-control-request-method");
    let mut response =
        if preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    response
        .headers_mut()
        .insert("access-control-allow-origin", http::HeaderValue::from_static("https://app.test"));
    response
}

#[tokio::test]
async fn a_layer_runs_for_preflights_refusals_and_what_does_not_match() {
    let api = Api::new()
        .route("/x", get(done).requires(scope("a")))
        .layer_named("cors", middleware::from_fn(cors))
        .route("/later", get(done).public("added after the layer"));
    let (client, ran) = serve(api);
    let preflight = client
        .request(http::Method::OPTIONS, "/x")
        .header("access-control-request-method", "GET")
        .send()
        .await;
    assert_eq!((preflight.status.as_u16(), ran.times()), (204, 0));
    let refused = client.get("/x").send().await;
    let not_allowed = client.post("/x").send().await;
    let missing = client.get("/nothing").send().await;
    for (answer, status) in [(&preflight, 204), (&refused, 401), (&not_allowed, 405), (&missing, 404)] {
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.test"), "{status}");
    }
    assert_eq!(not_allowed.json()["status"], 405, "the layer does not cost the body");
    assert_eq!(client.get("/later").send().await.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn a_handlers_own_401_carries_the_challenge() {
    async fn refuse(_: Caller) -> Result<&'static str, Denied> {
        Err(Denied::invalid_credentials())
    }
    async fn refuse_otherwise(_: Caller) -> Result<&'static str, Problem> {
        Err(Problem::new(StatusCode::UNAUTHORIZED, "Not this one"))
    }
    let api = Api::new()
        .route("/x", get(refuse).requires(signed_in()))
        .route("/y", get(refuse_otherwise).requires(signed_in()));
    let (client, _) = serve(api);
    let client = client.bearer("account");
    let answer = client.get("/x").send().await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("www-authenticate")),
        (401, Some("Bearer error=\"invalid_token\""))
    );
    let answer = client.get("/y").send().await;
    assert_eq!((answer.status.as_u16(), answer.header("www-authenticate")), (401, Some("Bearer")));
    assert_eq!(answer.json()["detail"], "Not this one");
}

#[tokio::test]
async fn a_public_handler_may_know_the_caller() {
    async fn greet(caller: Option<Caller>) -> &'static str {
        if caller.is_some() { "you" } else { "somebody" }
    }
    let (client, _) = serve(Api::new().route("/x", get(greet).public("greets")));
    assert_eq!(client.get("/x").send().await.text(), "somebody");
    assert_eq!(client.bearer("account").get("/x").send().await.text(), "you");
    let forged = client.bearer("forged").get("/x").send().await;
    assert_eq!(forged.status, 401, "a bad credential is not taken for none");
    assert_eq!(forged.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
}

#[tokio::test]
async fn a_route_below_docs_is_the_apis_own() {
    let api = Api::new().document(Info::new("x", "1")).route("/docs/guide", get(done).requires(scope("a")));
    let built = api.with_state(App::default()).build().unwrap();
    assert!(built.openapi.as_json()["paths"]["/docs/guide"].is_object());
    let client = Client::new(built.router);
    assert_eq!(client.get("/docs/guide").send().await.status, 401);
    assert_eq!(client.bearer("account~a").get("/docs/guide").send().await.status, 200);
    assert_eq!(client.get("/docs").send().await.status, 200);
}

#[tokio::test]
async fn a_nested_route_sees_the_whole_path() {
    let (client, _) = serve(Api::new().nest("/n", Api::new().route("/x", get(echo).public("echo"))));
    assert_eq!(client.get("/n/x").send().await.text(), "/n/x");
    assert_eq!(
        client.get("/openapi.json").send().await.json()["status"],
        json!(404),
        "no document unless it is asked for"
    );
}
