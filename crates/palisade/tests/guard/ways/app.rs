//! A router that has a route of every shape. Each handler says who it is and what it was given, so that no other answers as it
//! does.

use std::future::{Ready, ready};

use axum::{
    body::{Body, Bytes},
    extract::{MatchedPath, NestedPath, OriginalUri, RawPathParams, RawQuery, Request},
    middleware,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Uri};
use palisade::{
    Nobody,
    clock::ManualClock,
    extract::UndescribedBody,
    prelude::*,
    router::Built,
    socket::{Upgraded, WebSocketUpgrade},
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::support::{Api, App, Caller, NOW, Ran, Staff};

/// A handler that says its name.
fn says(name: &'static str) -> impl Fn() -> Ready<&'static str> + Clone + Send + Sync + 'static {
    move || ready(name)
}

/// The caller of other routes: known by a header.
#[derive(Clone)]
struct Machine(Authority);

impl Principal for Machine {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
async fn machine(headers: HeaderMap) -> Result<Machine, Denied> {
    let named = headers.contains_key("x-machine").then(|| Authority::client("m"));
    named.map(Machine).ok_or_else(Denied::not_authenticated)
}

/// Allows every machine.
fn known() -> Requirement {
    check("known", |_| true)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "they are printed")]
struct Part {
    id: u32,
    part: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "they are printed")]
struct Page {
    page: Option<u32>,
    word: String,
}

async fn item(Path(id): Path<u32>) -> String {
    format!("item {id}")
}

async fn item_for(caller: Caller, Path(id): Path<String>) -> String {
    format!("item {id:?} of {}", caller.0.held_scopes())
}

async fn parts(Path((id, part)): Path<(u32, String)>) -> String {
    format!("part {part:?} of {id}")
}

async fn named_parts(Path(part): Path<Part>) -> String {
    format!("{part:?}")
}

async fn file(Path(rest): Path<String>) -> String {
    format!("file {rest:?}")
}

async fn everything(method: Method, uri: Uri) -> String {
    format!("{method} {uri}")
}

async fn query(Query(page): Query<Page>) -> String {
    format!("{page:?}")
}

async fn json(Json(page): Json<Page>) -> String {
    format!("{page:?}")
}

async fn form(Form(page): Form<Page>) -> String {
    format!("{page:?}")
}

async fn text(text: String) -> String {
    format!("{text:?}")
}

async fn bytes(bytes: Bytes) -> String {
    format!("{bytes:?}")
}

async fn axums_query(page: axum::extract::Query<Page>) -> String {
    format!("{:?}", page.0)
}

async fn axums_path(axum::extract::Path(part): axum::extract::Path<Part>) -> String {
    format!("{part:?}")
}

async fn matched(path: MatchedPath) -> String {
    format!("matched {}", path.as_str())
}

async fn original(OriginalUri(uri): OriginalUri) -> String {
    format!("originally {uri}")
}

async fn extensions(extensions: Extensions) -> String {
    let matched = extensions.get::<MatchedPath>().map(MatchedPath::as_str);
    format!("{matched:?}, {:?}", extensions.get::<OriginalUri>().map(|uri| &uri.0))
}

/// What axum's router has left in a request.
async fn whole(request: Request) -> String {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    format!("{method} {uri}: {}", extensions(request.extensions().clone()).await)
}

async fn not_described(params: Undescribed<RawPathParams>, query: Undescribed<RawQuery>) -> String {
    let pairs: Vec<_> = params.0.iter().collect();
    format!("{pairs:?} {:?}", query.0.0)
}

async fn undescribed_body(body: UndescribedBody<String>) -> String {
    body.0
}

async fn nested_path(path: Undescribed<NestedPath>) -> String {
    path.0.as_str().to_owned()
}

/// What a dependency finds in the request.
#[derive(Clone)]
struct Place(String);

#[dependency]
async fn place(path: MatchedPath, original: OriginalUri) -> Place {
    Place(format!("{} at {}", path.as_str(), original.0))
}

async fn placed(Place(place): Place) -> String {
    place
}

/// What a dependency finds in the path.
#[derive(Clone)]
struct Numbered(u32);

#[dependency]
async fn numbered(Path(id): Path<u32>) -> Numbered {
    Numbered(id)
}

async fn number(Numbered(id): Numbered) -> String {
    format!("number {id}")
}

/// A dependency that leaves a header and a clean-up.
#[derive(Clone)]
struct Marked;

#[dependency]
async fn marked(headers: ResponseHeaders, cleanup: Cleanup) -> Marked {
    headers.insert(HeaderName::from_static("x-marked"), HeaderValue::from_static("yes"));
    cleanup.defer(|_| async { Ok(()) });
    Marked
}

async fn mark(_: Marked, ran: State<Ran>) -> String {
    ran.0.count();
    "marked".to_owned()
}

async fn greet(caller: Option<Caller>) -> &'static str {
    if caller.is_some() { "you" } else { "somebody" }
}

async fn panics() -> &'static str {
    panic!("in a handler")
}

async fn refuses(_: Caller) -> Result<&'static str, Denied> {
    Err(Denied::invalid_credentials())
}

async fn streams() -> Undescribed<Response> {
    let parts = ["one ", "two ", "three"].map(Ok::<_, std::convert::Infallible>);
    Undescribed(Body::from_stream(stream::iter(parts)).into_response())
}

async fn socket(upgrade: WebSocketUpgrade) -> Upgraded {
    upgrade.on_upgrade(async |_| ())
}

/// Marks each answer; answers by itself what asks for it.
async fn layer(name: &'static str, request: Request, next: middleware::Next) -> Response {
    let answers = request.headers().get("x-layer").is_some_and(|wanted| wanted == name);
    let mut response = if answers { name.into_response() } else { next.run(request).await };
    response.headers_mut().append("x-layers", HeaderValue::from_static(name));
    response
}

macro_rules! layer {
    ($name:literal) => {
        middleware::from_fn(|request: Request, next: middleware::Next| layer($name, request, next))
    };
}

/// A router of somebody else's.
fn foreign() -> axum::Router {
    use axum::{extract::Path, routing};
    let inner = axum::Router::new().route("/{*rest}", routing::get(whole));
    axum::Router::new()
        .route("/", routing::get(async || "the foreign root"))
        .route("/items/{id}", routing::get(async |Path(id): Path<u32>| format!("foreign {id}")).post(whole))
        .nest("/inner", inner)
        .fallback(async |OriginalUri(uri): OriginalUri| (StatusCode::IM_A_TEAPOT, format!("no {uri}")))
}

/// Static paths, parameters, and several methods on one path.
fn paths() -> Api {
    Api::new()
        .route("/", get(says("root")).public("a test"))
        .route("/static", get(says("static")).requires(scope("a")))
        .route("/slash/", get(says("slash")).public("a test"))
        .route(
            "/items",
            get(says("list"))
                .public("a test")
                .post(json)
                .requires(scope("a"))
                .delete(says("clear"))
                .requires(role(Staff::Admin)),
        )
        .route("/items", put(form).requires(scope("b")))
        .route("/items", patch(text).public("a test"))
        .route("/items/{id}", get(item).public("a test").put(item_for).requires(scope("a") & signed_in()))
        .route("/items/special", get(says("special")).requires(scope("b")))
        .route("/items/{id}/parts/{part}", get(parts).public("a test").post(named_parts).requires(scope("a")))
        .route("/files/{*rest}", get(file).public("a test").delete(file).requires(role(Staff::Editor)))
        .route("/files/known", get(says("known")).public("a test"))
        .route("/any", any(everything).public("a test"))
        .route("/any/{id}", any(everything).requires(scope("a")).get(item).public("a test"))
        .route("/options", options(says("options")).public("a test"))
        .route("/v{version}", get(file).public("a test"))
        .route("/odd%20path", get(says("odd")).public("a test"))
        .route("/number/{id}", get(number).public("a test"))
        .route("/{one}/{two}/{three}/{four}/{five}", get(says("five")).public("a test"))
}

/// What handlers take and answer.
fn handlers() -> Api {
    Api::new()
        .route("/query", get(query).public("a test").post(axums_query).public("a test"))
        .route("/bytes", post(bytes).requires(scope("a")))
        .route("/axum/{id}/{part}", get(axums_path).public("a test"))
        .route("/matched/{id}", get(matched).public("a test").post(item).public("a test"))
        .route("/matched/{id}", put(says("beside")).requires(scope("a")))
        .route("/original/{id}", get(original).requires(scope("a")))
        .route("/extensions/{id}", get(extensions).public("a test"))
        .route("/whole/{id}", any(whole).requires(scope("a")))
        .route("/undescribed/{id}/{part}", get(not_described).public("a test"))
        .route("/undescribed-body", post(undescribed_body).public("a test"))
        .route("/nested-path", get(nested_path).public("a test"))
        .route("/placed/{id}", get(placed).public("a test"))
        .route("/marked", get(mark).public("a test").post(mark).requires(scope("a")))
        .route("/greets", get(greet).public("a test"))
        .route("/panics", get(panics).public("a test").post(panics).requires(signed_in()))
        .route("/refuses", get(refuses).requires(signed_in()))
        .route("/streams", get(streams).public("a test"))
        .route("/socket/{org}", get(socket).requires(signed_in()))
        .route("/recent", post(says("recent")).requires(recent(crate::support::MINUTE)))
        .route("/orgs/{org}/staff", get(says("staff")).requires(tenant("org")))
}

/// Some with a layer around them; one of them has more methods without it, on each side.
fn layered() -> Api {
    let before = Api::new()
        .route("/layered/{id}", get(item).public("a test"))
        .route("/within", get(says("within")).requires(scope("a")))
        .layer_named("inner", layer!("inner"))
        .layer_named("outer", layer!("outer"))
        .route("/layered/{id}", post(item_for).requires(scope("a")))
        .route("/without", get(says("without")).public("a test"));
    let late = Api::new()
        .route("/late", get(says("late")).public("a test"))
        .route("/late", post(says("later")).requires(scope("a")));
    let late = late.layer_named("late", layer!("late"));
    Api::new().route("/late", put(says("early")).public("a test")).merge(before).merge(late)
}

/// A router whose routes have a state of their own.
fn with_own_state() -> Router<App, Nobody> {
    async fn state(State(name): State<String>, Path(id): Path<u32>) -> String {
        format!("{name} {id}")
    }
    Router::<String, Nobody>::new()
        .route("/state/{id}", get(state).public("a test"))
        .with_state("a state of its own".to_owned())
}

/// The whole router; its own fallback is `fallback`, if it has one.
pub(super) fn built(fallback: bool) -> Built {
    let machines = || {
        Router::<App, Machine>::new()
            .route("/sync/{id}", get(item).requires(known()))
            .fallback(any(everything).requires(known()))
    };
    let nested = Api::new()
        .route("/", get(says("the nested root")).requires(scope("a")))
        .route("/items/{id}", get(item).public("a test").post(item_for).requires(scope("a")))
        .route("/matched/{id}", get(matched).public("a test"))
        .fallback(any(|| async { Undescribed((StatusCode::IM_A_TEAPOT, "nested")) }).requires(signed_in()));
    let below_a_tenant = Api::new()
        .route("/", get(says("the tenant")).requires(tenant("org")))
        .route("/papers/{paper}", get(parts_of_tenant).requires(signed_in()))
        .fallback(any(everything).public("a test"));
    let hidden = Api::new().route("/hidden", get(says("hidden")).public("a page")).undocumented();
    let api = Api::new()
        .merge(paths())
        .merge(handlers())
        .merge(layered())
        .merge(hidden)
        .merge(Router::<App, Machine>::new().route("/machines", get(says("machines")).requires(known())))
        .nest("/nested", nested)
        .nest("/tenants/{org}", below_a_tenant)
        .nest("/own", with_own_state())
        .nest("/machines", machines())
        .mount_public("/legacy", foreign(), "not ours yet")
        .mount_guarded("/guarded/{id}", foreign(), scope("a"))
        .document(Info::new("Ways", "1"))
        .clock(ManualClock::at(NOW));
    let api = if fallback { api.fallback(any(everything).requires(scope("a"))) } else { api };
    api.with_state(App::default()).build().unwrap()
}

async fn parts_of_tenant(Path((org, paper)): Path<(String, String)>) -> String {
    format!("{paper:?} of {org:?}")
}
