//! An API whose callers sign, and a caller.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::body::{Body, Bytes};
use http::{HeaderValue, Request, request::Parts};
use palisade::{
    Denied,
    api_key::{ApiKeyText, Caveats, DerivedKey, HeldKey, KeyId, Narrowed, PublicKey},
    clock::{Clock, ManualClock, SharedClock},
    credential::{FromCredential, HttpSignature},
    prelude::*,
    random::{SeededRandom, SharedRandom},
    router::{Built, RouterService},
    scope::ScopeSet,
    signature::{self, SignedRequest, Verifier},
};
use tower::ServiceExt;

pub(super) const START: i64 = 1_800_000_000;
pub(super) const ID: KeyId = KeyId::from_bytes([7; 16]);

/// What the API knows.
#[derive(Clone)]
pub(super) struct Known {
    verifier: Arc<Verifier>,
    id: KeyId,
    root: PublicKey,
    reached: Arc<AtomicUsize>,
    suspended: Arc<AtomicBool>,
}

/// A verified signature.
pub(super) struct Signed(Option<Narrowed>);

impl FromCredential<SignedRequest, Known> for Signed {
    async fn verify(request: SignedRequest, head: &Parts, known: &Known) -> Result<Arc<Self>, Denied> {
        if request.key_id() != known.id {
            return Err(Denied::invalid_credentials().because("an unknown key"));
        }
        let verified = known.verifier.verify(&request, known.root, head)?;
        if known.suspended.load(Ordering::Relaxed) {
            return Err(Denied::invalid_credentials().because("suspended"));
        }
        if verified.narrowed().is_some_and(|narrowed| !narrowed.allows_route(head)) {
            return Err(Denied::invalid_credentials().because("another route"));
        }
        Ok(Arc::new(Self(verified.accept()?)))
    }
}

#[derive(Clone)]
struct Caller(Authority);

impl Principal for Caller {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency(state = Known)]
async fn caller(signed: HttpSignature<Signed>) -> Caller {
    let scopes: ScopeSet = "items:read items:write".parse().unwrap();
    let left = signed.0.0.as_ref().map_or_else(|| scopes.clone(), |narrowed| narrowed.narrow(&scopes));
    Caller(Authority::account("ali").scopes(left))
}

async fn read(_: Caller, State(known): State<Known>) -> &'static str {
    known.reached.fetch_add(1, Ordering::Relaxed);
    "read"
}

async fn write(_: Caller, State(known): State<Known>, body: Bytes) -> String {
    known.reached.fetch_add(1, Ordering::Relaxed);
    format!("{} bytes", body.len())
}

/// The API, a clock and a key.
pub(super) struct World {
    pub(super) clock: Arc<ManualClock>,
    pub(super) random: SharedRandom,
    pub(super) key: HeldKey,
    known: Known,
    router: axum::Router,
    service: RouterService,
}

impl World {
    pub(super) fn new() -> Self {
        Self::of(ApiKeyText::generate(ID, &*SeededRandom::shared(1)).unwrap())
    }

    /// One whose verifier begins at `moment`.
    pub(super) fn starting(moment: i64) -> Self {
        Self::build(ApiKeyText::generate(ID, &*SeededRandom::shared(1)).unwrap(), moment)
    }

    /// One that knows this key, and has run for long enough to take signatures.
    pub(super) fn of(key: ApiKeyText) -> Self {
        let world = Self::build(key, START - 11);
        world.advance(11);
        world
    }

    fn build(key: ApiKeyText, moment: i64) -> Self {
        let clock = ManualClock::at(moment);
        let random = SeededRandom::shared(2);
        let shared: SharedClock = clock.clone();
        let verifier = Arc::new(Verifier::new(shared));
        let known = Known {
            verifier,
            id: key.id(),
            root: key.public_key(),
            reached: Arc::default(),
            suspended: Arc::default(),
        };
        let api = Router::<Known, Caller>::new()
            .document(Info::new("Items", "1"))
            .route(
                "/items",
                get(read).requires(scope("items:read")).post(write).requires(scope("items:write")),
            )
            .route("/items/{id}", get(read).requires(scope("items:read")));
        let Built { router, service, .. } = api.with_state(known.clone()).build().unwrap();
        Self { clock, random, key: key.into(), known, router, service }
    }

    pub(super) fn known(&self) -> Known {
        self.known.clone()
    }

    pub(super) fn router(&self) -> axum::Router {
        self.router.clone()
    }

    /// How often a handler ran.
    pub(super) fn reached(&self) -> usize {
        self.known.reached.load(Ordering::Relaxed)
    }

    /// Refuses the key, whatever it signs, or takes it again.
    pub(super) fn suspend(&self, suspended: bool) {
        self.known.suspended.store(suspended, Ordering::Relaxed);
    }

    pub(super) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(super) fn derive(&self, caveats: Caveats) -> DerivedKey {
        self.key.derive(caveats, &*self.random).unwrap()
    }

    pub(super) fn sign(&self, request: Request<Vec<u8>>) -> Request<Vec<u8>> {
        self.sign_with(request, &self.key)
    }

    pub(super) fn sign_with(&self, mut request: Request<Vec<u8>>, key: &HeldKey) -> Request<Vec<u8>> {
        let body = request.body().clone();
        signature::sign(&mut request, &body, key, self.clock.now(), &*self.random).unwrap();
        request
    }

    /// The status of the answer.
    pub(super) async fn send(&self, request: Request<Vec<u8>>) -> u16 {
        self.send_to(self.router(), request.map(Body::from)).await
    }

    /// As [`Self::send`], to the built service.
    pub(super) async fn send_to_service(&self, request: Request<Body>) -> u16 {
        let Ok(response) = self.service.answer(request).await;
        response.status().as_u16()
    }

    pub(super) async fn send_to(&self, router: axum::Router, request: Request<Body>) -> u16 {
        let Ok(response) = router.oneshot(request).await;
        response.status().as_u16()
    }
}

pub(super) fn get_items() -> Request<Vec<u8>> {
    Request::get("/items?page=1").header("host", "api.example").body(Vec::new()).unwrap()
}

pub(super) fn post_items() -> Request<Vec<u8>> {
    Request::post("/items")
        .header("host", "api.example")
        .header("content-type", "application/octet-stream")
        .body(b"one stake".to_vec())
        .unwrap()
}

/// The request with another header, or without it.
pub(super) fn with(
    mut request: Request<Vec<u8>>,
    name: &'static str,
    value: Option<&str>,
) -> Request<Vec<u8>> {
    request.headers_mut().remove(name);
    if let Some(value) = value {
        request.headers_mut().insert(name, HeaderValue::try_from(value).unwrap());
    }
    request
}

pub(super) fn header<'a>(request: &'a Request<Vec<u8>>, name: &str) -> &'a str {
    request.headers()[name].to_str().unwrap()
}
