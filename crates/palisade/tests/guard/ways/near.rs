//! What stands near the edge between the two ways: small routers, each for one thing.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Extension,
    body::Body,
    extract::{MatchedPath, OriginalUri, Request},
};
use futures_util::{StreamExt, stream};
use palisade::{
    Authority, Membership,
    api_key::Route,
    clock::ManualClock,
    credential::{BearerToken, FromCredential},
    prelude::*,
    testing::Client,
};
use tower::Layer as _;

use super::both::{Both, Seen, ask};
use crate::support::{Api, App, NOW, done};

fn both(api: Api) -> Both {
    Both::of(api.clock(ManualClock::at(NOW)).with_state(App::default()).build().unwrap())
}

/// A member of Acme.
#[derive(Clone)]
struct Member(Authority);

impl Principal for Member {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
async fn member(_: Bearer) -> Member {
    let acme = [("acme".to_owned(), Membership::new())].into_iter().collect();
    Member(Authority::account("a").tenants(acme))
}

/// A success in answer to `CONNECT` has no content (RFC 9110, section 9.3.6), whatever `any` answers.
#[tokio::test]
async fn the_answer_to_connect_is_the_same() {
    let both = both(
        Api::new()
            .route("/x", any(done).public("a test"))
            .route("/y", get(done).public("a test"))
            .route("/z", any(done).requires(scope("a"))),
    );
    for path in ["/x", "/y", "/z", "/", "api.example:443"] {
        both.answer(ask("CONNECT", path)).await;
    }
    let Seen { status, text, .. } = both.answer(ask("CONNECT", "/x")).await;
    assert_eq!((status.as_u16(), text.as_str()), (200, ""));
}

/// axum's `Extension` reads all that axum's router leaves in a request.
#[tokio::test]
async fn an_extension_that_axums_router_leaves_is_the_same() {
    async fn matched(Extension(path): Extension<MatchedPath>) -> String {
        path.as_str().to_owned()
    }
    async fn original(Extension(OriginalUri(uri)): Extension<OriginalUri>) -> String {
        uri.to_string()
    }
    async fn perhaps(path: Option<Extension<MatchedPath>>) -> String {
        format!("{:?}", path.map(|path| path.as_str().to_owned()))
    }
    let both = both(
        Api::new()
            .route("/matched/{id}", get(matched).public("a test"))
            .route("/original/{id}", get(original).public("a test"))
            .route("/perhaps/{id}", get(perhaps).public("a test")),
    );
    for (path, expected) in [
        ("/matched/7", "/matched/{id}"),
        ("/original/7", "/original/7"),
        ("/perhaps/7", "Some(\"/perhaps/{id}\")"),
    ] {
        assert_eq!(both.answer(ask("GET", path)).await.text, expected, "{path}");
    }
}

/// A brace that is written twice is one of the path's own, not the beginning of a parameter.
#[tokio::test]
async fn attack_a_parameter_is_given_the_value_of_another() {
    async fn id(Path(id): Path<Id>) -> String {
        format!("{}", id.id)
    }
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Id {
        id: u32,
    }
    let both = both(Api::new().route("/{{x}}/{id}", get(id).public("a test")));
    assert_eq!(both.answer(ask("GET", "/{x}/7")).await.text, "7");
}

/// The tenant that is checked is the one the path names.
#[tokio::test]
async fn attack_a_tenant_is_read_from_the_place_of_another_parameter() {
    let api = Router::<App, Member>::new();
    let api = api.route("/{{x}}/{org}/{paper}", get(done).requires(tenant("org")));
    let both = Both::of(api.with_state(App::default()).build().unwrap());
    assert_eq!(both.answer(ask("GET", "/{x}/globex/acme").by("a")).await.status, 403);
    assert_eq!(both.answer(ask("GET", "/{x}/acme/plan").by("a")).await.status, 200);
}

/// A check is given the head of the request, as axum's router leaves it.
#[tokio::test]
async fn a_check_that_reads_the_matched_path_is_the_same() {
    let one = check("one", |facts| {
        facts.head().extensions.get::<MatchedPath>().is_some_and(|path| path.as_str() == "/x/{id}")
    });
    let both = both(Api::new().route("/x/{id}", get(done).requires(one)));
    assert_eq!(both.answer(ask("GET", "/x/7").by("account")).await.status, 200);
}

/// Below a layer of Palisade's that is around all of it, the service answers as it does by itself.
#[tokio::test]
async fn a_service_below_a_layer_of_palisade_reads_its_paths() {
    async fn id(Path(id): Path<u32>) -> String {
        id.to_string()
    }
    let built =
        Api::new().route("/x/{id}", get(id).public("a test")).with_state(App::default()).build().unwrap();
    let below = axum::Router::new().fallback_service(palisade::layer().layer(built.service));
    assert_eq!(Client::new(below).get("/x/7").send().await.text(), "7");
}

/// What verifies a credential of an app's own finds no `MatchedPath` in the service, and refuses for want of it.
#[tokio::test]
async fn attack_a_credential_that_asks_for_the_matched_path_is_refused_without_one() {
    struct Bound;

    impl<S: Sync> FromCredential<BearerToken, S> for Bound {
        async fn verify(token: BearerToken, head: &Parts, _: &S) -> Result<Arc<Self>, Denied> {
            let matched = head.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
            if matched == Some(token.expose()) {
                Ok(Arc::new(Self))
            } else {
                Err(Denied::invalid_credentials())
            }
        }
    }

    #[derive(Clone)]
    struct Holder(Authority);

    impl Principal for Holder {
        fn authority(&self) -> &Authority {
            &self.0
        }
    }

    #[dependency]
    async fn holder(_: Bearer<Bound>) -> Holder {
        Holder(Authority::account("a"))
    }

    let api = Router::<App, Holder>::new().route("/x", get(done).requires(signed_in()));
    let built = api.with_state(App::default()).build().unwrap();
    let asked = |client: Client| async move { client.bearer("/x").get("/x").send().await.status };
    assert_eq!(asked(Client::new(built.router)).await, 200);
    assert_eq!(asked(Client::new(built.service)).await, 401);
}

/// Where one of a path's methods has a layer, axum's router is asked for all of them, however they were added.
#[tokio::test]
async fn a_layer_around_one_method_is_around_that_one_only() {
    async fn closed(_: Request, _: axum::middleware::Next) -> StatusCode {
        StatusCode::LOCKED
    }
    let within = Api::new().route("/x", get(done).public("a test"));
    let within = within.layer_named("closed", axum::middleware::from_fn(closed));
    let before = Api::new().route("/x", put(done).public("a test"));
    let both = both(before.merge(within).route("/x", post(done).requires(scope("a"))));
    for (method, status) in [("GET", 423), ("HEAD", 423), ("PUT", 200), ("POST", 401), ("PATCH", 405)] {
        assert_eq!(both.answer(ask(method, "/x")).await.status, status, "{method}");
    }
}

/// A credential for one route, which the request names in a header.
struct ForOneRoute;

impl<S: Sync> FromCredential<BearerToken, S> for ForOneRoute {
    async fn verify(_: BearerToken, head: &Parts, _: &S) -> Result<Arc<Self>, Denied> {
        let route: Route = head.headers["x-route"].to_str().unwrap().parse().unwrap();
        route.is_of(head).then(|| Arc::new(Self)).ok_or_else(Denied::invalid_credentials)
    }
}

#[derive(Clone)]
struct Bound(Authority);

impl Principal for Bound {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
async fn bound(_: Bearer<ForOneRoute>) -> Bound {
    Bound(Authority::account("a"))
}

#[tokio::test]
async fn attack_a_credential_for_one_route_is_taken_at_another() {
    let routes = || {
        Router::<App, Bound>::new()
            .route("/items", get(done).requires(signed_in()).post(done).requires(signed_in()))
            .route("/items/{id}", get(done).requires(signed_in()))
            .route("/items/special", get(done).requires(signed_in()))
            .route("/files/{*rest}", any(done).requires(signed_in()))
            .fallback(any(done).requires(signed_in()))
    };
    let layered = Router::new().route("/layered/{id}", get(done).requires(signed_in()));
    let layered = layered.layer_named("none", tower::layer::util::Identity::new());
    let mounted = axum::Router::new().route("/{id}", axum::routing::get(async || "done"));
    let api = routes().nest("/orgs/{org}", routes()).merge::<Bound>(layered);
    let api = api.mount_guarded("/legacy", mounted, signed_in());
    let both = Both::of(api.with_state(App::default()).build().unwrap());
    let templates = [
        ("/items", "/items"),
        ("/items/{id}", "/items/7"),
        ("/items/{id}", "/items/%73pecial"),
        ("/items/special", "/items/special"),
        ("/files/{*rest}", "/files/a/b"),
        ("/orgs/{org}/items", "/orgs/acme/items"),
        ("/orgs/{org}/items/{id}", "/orgs/acme/items/a%2Fb"),
        ("/orgs/{org}/files/{*rest}", "/orgs/acme/files/items/7"),
        ("/layered/{id}", "/layered/7"),
    ];
    for (template, path) in templates {
        for (other, _) in templates {
            for (method, holds) in [("GET", true), ("POST", false)] {
                let route: &'static str = format!("{method} {other}").leak();
                for asked in ["GET", "HEAD"] {
                    let answer = both.answer(ask(asked, path).by("key").with("x-route", route)).await;
                    let right = if holds && other == template { 200 } else { 401 };
                    assert_eq!(answer.status, right, "{asked} {path} with a key for {route}");
                }
            }
        }
    }
    // What no route of Palisade's own matched is none of them: what is mounted, and fallbacks.
    for path in ["/legacy/7", "/legacy", "/nothing", "/orgs/acme/nothing"] {
        for route in
            ["GET /items", "GET /legacy/{id}", "GET /{*unmatched}", "GET /legacy/{*rest}", "GET /legacy"]
        {
            both.answer(ask("GET", path).by("key").with("x-route", route)).await;
        }
    }
}

/// Who sends a body slowly is asked for again, and the path is still known.
#[tokio::test]
async fn a_caller_who_is_asked_for_again_has_the_same_path() {
    let clock = ManualClock::at(NOW);
    let api = Router::<App, Member>::new().clock(clock.clone());
    let api = api.route("/orgs/{org}/notes", post(write).requires(tenant("org")));
    for client in Both::of(api.with_state(App::default()).build().unwrap()).clients() {
        for (path, status) in
            [("/orgs/acme/notes", 200), ("/orgs/%61cme/notes", 200), ("/orgs/globex/notes", 403)]
        {
            let clock = clock.clone();
            let parts = stream::iter(["half", "half"]).map(move |part| {
                clock.advance(Duration::from_secs(20));
                Ok::<_, Infallible>(part)
            });
            let answer = client.bearer("a").post(path).body(Body::from_stream(parts)).send().await;
            assert_eq!(answer.status, status, "{path}");
        }
    }
}

async fn write(body: String) -> String {
    body
}
