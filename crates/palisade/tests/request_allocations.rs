//! What an allowed request costs the allocator, by kind of route, in both ways in which a router is served. A test of its own,
//! since it counts for the whole process.
#![cfg(feature = "tokens")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

use std::{
    alloc::System,
    borrow::Cow,
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{body::Body, response::Response};
use http::{Method, Request, header};
use http_body_util::BodyExt;
use palisade::{
    clock::SystemClock,
    prelude::*,
    random::SystemRandom,
    router::{Built, RouterService},
    token::{AccessTokenClaims, Issuer, SigningKey, Verifier},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The most allocations of an allowed request to each kind of route, and reallocations among them: what was measured when this
/// was written down. The request is made before it is counted; its answer is read whole and dropped.
const BOUNDS: [Bound; 9] = [
    // kind, method and path, by the service, by axum's router
    Bound("public", "GET", "/public", 11, 19),
    Bound("scope", "GET", "/items", 17, 25),
    Bound("role", "GET", "/staff", 17, 25),
    Bound("object", "GET", "/documents/7", 22, 32),
    Bound("dependency", "GET", "/pages", 20, 28),
    Bound("clean-up", "GET", "/work", 25, 33),
    Bound("path parameter", "GET", "/items/7", 22, 32),
    Bound("body of 1 KB", "POST", "/orders", 190, 200),
    // A plain axum router under `palisade::layer()` is no built service: both are that router.
    Bound("layer", "GET", "/items", 29, 29),
];

/// The most bytes that a request allocates on a route that requires a scope.
const MOST_BYTES: usize = 4096;

/// The most bytes of the future that answers a request, as far as it is not in a box.
const LARGEST_FUTURE: usize = 256;

/// Requests before those that count: the token is verified, and what is made once is made.
const WARM_UP: usize = 20;

/// Of so many requests the one that allocated least counts: now and then another thread allocates, too.
const REPETITIONS: usize = 30;

/// A kind of route, its request, and the most allocations by the service and by axum's router.
#[derive(Clone, Copy)]
struct Bound(&'static str, &'static str, &'static str, usize, usize);

const ISSUER: &str = "https://issuer.example";
/// Whose token it is.
const ACCOUNT: &str = "0198c1de-0000-7000-8000-000000000001";

#[derive(Clone)]
struct App {
    verifier: Arc<Verifier>,
    page: Arc<u64>,
    finished: Arc<AtomicU64>,
}

macro_rules! parts {
    ($($part:ident: $type:ty),*) => {$(
        impl FromRef<App> for $type {
            fn from_ref(app: &App) -> Self {
                app.$part.clone()
            }
        }
    )*};
}

parts!(verifier: Arc<Verifier>, page: Arc<u64>, finished: Arc<AtomicU64>);

impl App {
    /// The state, and a token that its verifier accepts.
    fn with_a_token() -> (Self, String) {
        let (clock, random) = (SystemClock::shared(), SystemRandom::shared());
        let key = SigningKey::generate(&*random).unwrap();
        let verifier = Verifier::access_tokens(ISSUER, ISSUER).own_issuer().keys(key.key_set()).build();
        let claims = AccessTokenClaims {
            scopes: "items:read items:write".parse().unwrap(),
            lifetime: Duration::from_hours(1),
            ..AccessTokenClaims::new(ACCOUNT, ISSUER, "palisade")
        };
        let token = Issuer::new(ISSUER, key, clock, random).issue(&claims).unwrap().expose().to_owned();
        let app = Self { verifier: Arc::new(verifier), page: Arc::new(50), finished: Arc::default() };
        (app, token)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
enum Staff {
    User,
    #[role(includes(User))]
    Editor,
}

/// Who is calling: what the token says, and a role.
#[derive(Clone)]
struct Caller(Authority);

impl Principal for Caller {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
async fn caller(token: Bearer<AccessToken>) -> Caller {
    let authority = Authority::account(token.subject());
    Caller(authority.scopes(token.scopes().clone()).roles([Staff::Editor]))
}

/// What is answered.
#[derive(Serialize, JsonSchema)]
struct Reply {
    id: u64,
    name: Cow<'static, str>,
}

impl Reply {
    fn of(id: u64) -> Json<Self> {
        Json(Self { id, name: "stake".into() })
    }
}

/// A document, of the account.
#[derive(Clone)]
struct Document(u64);

struct Read;

impl Resource for Document {
    type Principal = Caller;
    type Id = u64;
    const PARAMETER: &'static str = "document";

    fn id(&self) -> u64 {
        self.0
    }
}

impl Load<App> for Document {
    async fn load(id: &u64, _: &App) -> Result<Option<Self>, Problem> {
        Ok(Some(Self(*id)))
    }
}

impl Policy<Read, Document> for Caller {
    fn requirement() -> Requirement {
        relation("owner", |caller: &Self, _: &Document| match caller.0.subject() {
            palisade::Subject::Account(id) => &**id == ACCOUNT,
            palisade::Subject::Client(_) => false,
        })
    }
}

/// What a dependency reads.
#[derive(Clone)]
struct Page(u64);

#[dependency]
async fn page(State(page): State<Arc<u64>>) -> Page {
    Page(*page)
}

/// What leaves a clean-up.
#[derive(Clone)]
struct Work;

#[dependency]
async fn work(cleanup: Cleanup, State(finished): State<Arc<AtomicU64>>) -> Work {
    cleanup.defer(move |_| async move {
        finished.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    Work
}

/// What is posted.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Order {
    customer: String,
    lines: Vec<Line>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Line {
    article: String,
    quantity: u64,
    price: u64,
}

/// An order, written as a kilobyte of JSON.
fn order() -> Vec<u8> {
    let line = |at: u64| Line {
        article: format!("oak stake, pointed, 180 cm, batch {at:04}"),
        quantity: at + 1,
        price: 1250,
    };
    let order = Order { customer: "Ada Lovelace".to_owned(), lines: (0..12).map(line).collect() };
    serde_json::to_vec(&order).unwrap()
}

async fn reply() -> Json<Reply> {
    Reply::of(1)
}

fn built(app: App) -> Built {
    let reads = || scope("items:read");
    Router::<App, Caller>::new()
        .route("/public", get(reply).public("is counted"))
        .route("/items", get(reply).requires(reads()))
        .route("/staff", get(reply).requires(role(Staff::User)))
        .route(
            "/documents/{document}",
            get(async |document: Granted<Read, Document>| Reply::of(*document.id())).requires(reads()),
        )
        .route("/pages", get(async |Page(size): Page| Reply::of(size)).requires(reads()))
        .route("/work", get(async |_: Work| Reply::of(1)).requires(reads()))
        .route("/items/{item}", get(async |Path(item): Path<u64>| Reply::of(item)).requires(reads()))
        .route("/orders", post(add_order).requires(scope("items:write")))
        .with_state(app)
        .build()
        .unwrap()
}

async fn add_order(Json(order): Json<Order>) -> Json<Reply> {
    Reply::of(order.lines.iter().map(|line| line.quantity * line.price).sum())
}

/// The scope is required by hand, in a plain axum router.
fn under_the_layer(app: App) -> axum::Router {
    async fn read(caller: Caller) -> Result<Json<Reply>, Denied> {
        match caller.authority().held_scopes().contains("items:read") {
            true => Ok(Reply::of(1)),
            false => Err(Denied::insufficient_scope("items:read".parse().unwrap())),
        }
    }
    axum::Router::new().route("/items", axum::routing::get(read)).layer(palisade::layer()).with_state(app)
}

/// What a request is handed to.
enum Served {
    Service(RouterService),
    Axum(axum::Router),
}

impl Served {
    async fn answer(&self, request: Request<Body>) -> Response {
        let Ok(response) = match self {
            Self::Service(service) => service.answer(request).await,
            Self::Axum(router) => router.clone().oneshot(request).await,
        };
        response
    }
}

struct Counted {
    runtime: Runtime,
    token: String,
    order: Vec<u8>,
}

impl Counted {
    fn request(&self, kind: &str, method: &str, path: &str) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "api.example");
        if kind != "public" {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        }
        let mut body = Body::empty();
        if method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/json");
            body = self.order.clone().into();
        }
        request.body(body).unwrap()
    }

    /// The least allocations, and bytes allocated, of a request.
    fn least(&self, served: &Served, Bound(kind, method, path, ..): Bound) -> (usize, usize) {
        let count = || {
            let request = self.request(kind, method, path);
            let region = Region::new(ALLOCATOR);
            let status = self.runtime.block_on(async {
                let response = served.answer(request).await;
                let status = response.status();
                drop(response.into_body().collect().await.unwrap());
                status
            });
            let change = region.change();
            assert_eq!(status, 200, "{kind}");
            (change.allocations + change.reallocations, change.bytes_allocated)
        };
        let counted: Vec<_> = (0..WARM_UP + REPETITIONS).map(|_| count()).skip(WARM_UP).collect();
        let allocations = counted.iter().map(|(allocations, _)| *allocations).min();
        let bytes = counted.iter().map(|(_, bytes)| *bytes).min();
        (allocations.unwrap(), bytes.unwrap())
    }
}

#[test]
fn an_allowed_request_allocates_no_more_than_it_has_to() {
    let (app, token) = App::with_a_token();
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let counted = Counted { runtime, token, order: order() };
    let built = built(app.clone());
    let layer = || Served::Axum(under_the_layer(app.clone()));
    let mut found = String::new();
    let mut too_many = false;
    for bound in BOUNDS {
        let Bound(kind, .., by_service, by_axum) = bound;
        let of_layer = kind == "layer";
        let service = if of_layer { layer() } else { Served::Service(built.service.clone()) };
        let router = if of_layer { layer() } else { Served::Axum(built.router.clone()) };
        let (service, bytes) = counted.least(&service, bound);
        let (router, _) = counted.least(&router, bound);
        too_many |= service > by_service || router > by_axum;
        writeln!(found, "{kind}: {service} of {by_service}, {router} of {by_axum}; {bytes} bytes").unwrap();
        if kind == "scope" {
            assert!(bytes < MOST_BYTES, "a request allocates {bytes} bytes");
        }
    }
    assert!(!too_many, "allocations by the service and by axum's router, with their bounds:\n{found}");

    let _within = counted.runtime.enter();
    let future = built.service.answer(counted.request("public", "GET", "/public"));
    let size = size_of_val(&future);
    assert!(size <= LARGEST_FUTURE, "the future of an answer has {size} bytes");
}
