//! Random routers, served.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicUsize, Ordering},
};

use axum::{
    body::{Body, Bytes},
    extract::FromRequestParts,
    response::Response,
};
use http::{HeaderMap, Method, StatusCode, header};
use http_body_util::BodyExt;
use palisade::{
    credential::{ApiKeyHeader, ApiKeyScheme, BearerToken, FromCredential, PresentedKey},
    edge::ClientAddress,
    prelude::*,
    router::{Built, RouterService},
};
use serde_json::Value;
use tower::ServiceExt;

use crate::{
    drawn::{Draw, a_requirement},
    facts::{Facts, Sent, Told},
    truth::Answer,
};

#[derive(Debug)]
pub(crate) struct Flow;

impl PasswordFlow for Flow {
    const TOKEN_URL: &'static str = "token";
    const SCOPES: &'static [(&'static str, &'static str)] = &[("a", "A"), ("b", "B")];
}

#[derive(Debug)]
pub(crate) struct Key;

impl ApiKeyScheme for Key {
    const NAME: &'static str = "Key";
    const PARAMETER: &'static str = "x-key";
}

/// What the request's facts say of a credential.
#[derive(Debug)]
pub(crate) struct Known(Authority);

impl Known {
    fn of(head: &Parts, sent: impl Fn(&Facts) -> Sent) -> Result<Arc<Self>, Denied> {
        let facts = head.extensions.get::<Arc<Facts>>().unwrap();
        match sent(facts) {
            Sent::Valid => Ok(Arc::new(Self(facts.authority()))),
            Sent::Silent => Err(Denied::undecided("the store does not answer")),
            Sent::Invalid | Sent::Nothing => Err(Denied::invalid_credentials()),
        }
    }
}

impl<S: Sync> FromCredential<BearerToken, S> for Known {
    async fn verify(_: BearerToken, head: &Parts, _: &S) -> Result<Arc<Self>, Denied> {
        Self::of(head, |facts| facts.bearer)
    }
}

impl<S: Sync> FromCredential<PresentedKey, S> for Known {
    async fn verify(_: PresentedKey, head: &Parts, _: &S) -> Result<Arc<Self>, Denied> {
        Self::of(head, |facts| facts.key)
    }
}

type Token = OAuth2PasswordBearer<Flow, Known>;
type KeyHeader = ApiKeyHeader<Key, Known>;

macro_rules! principal {
    ($name:ident, $function:ident, $credential:ty, $authority:expr) => {
        #[derive(Clone, Debug)]
        pub(crate) struct $name(Authority);

        impl Principal for $name {
            fn authority(&self) -> &Authority {
                &self.0
            }
        }

        #[dependency]
        async fn $function(credential: $credential) -> $name {
            let authority: fn(&$credential) -> Authority = $authority;
            $name(authority(&credential))
        }
    };
}

principal!(ByToken, by_token, Token, |token| token.0.0.clone());
principal!(ByEither, by_either, AnyOf<(Token, KeyHeader)>, |one| match &one.0 {
    palisade::credential::OneOf2::A(token) => token.0.0.clone(),
    palisade::credential::OneOf2::B(key) => key.0.0.clone(),
});
principal!(ByBoth, by_both, palisade::credential::AllOf<(Token, KeyHeader)>, |both| both.0.0.0.0.clone());

/// How often handlers ran.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ran(Arc<AtomicUsize>);

async fn done(State(ran): State<Ran>) {
    ran.0.fetch_add(1, Ordering::SeqCst);
}

/// Requires something by itself.
#[derive(Clone, Debug)]
struct Ledger;

#[dependency(requires = scope("b"))]
async fn ledger() -> Ledger {
    Ledger
}

/// Another one, of which the requirement has an alternative.
#[derive(Clone, Debug)]
struct Vault;

#[dependency(requires = role(crate::facts::Staff::Editor) | client("web"))]
async fn vault() -> Vault {
    Vault
}

async fn with_ledger(_: Ledger, ran: State<Ran>) {
    done(ran).await;
}

async fn with_both(_: Ledger, _: Vault, ran: State<Ran>) {
    done(ran).await;
}

async fn with_caller<P>(_: Option<P>, ran: State<Ran>) {
    done(ran).await;
}

macro_rules! chain {
    ($draw:expr, $handler:expr, $rule:ident($rules:expr)) => {
        match $draw.below(4) {
            0 => (Method::GET, get($handler).$rule($rules)),
            1 => (Method::POST, post($handler).$rule($rules)),
            2 => (Method::PUT, put($handler).$rule($rules)),
            _ => (Method::DELETE, delete($handler).$rule($rules)),
        }
    };
}

/// A route that starts, with a rule that is drawn.
macro_rules! routes {
    ($principal:ty, $draw:expr, $routes:expr) => {{
        let mut router = Router::<Ran, $principal>::new();
        let mut known: Vec<(Method, String)> = Vec::new();
        for number in 0..$routes {
            let path = format!("/r{number}/{{org}}");
            let starts = |requirement: Requirement| {
                let alone = Router::<Ran, $principal>::new();
                let alone = alone.route("/{org}", get(with_both).requires(requirement));
                alone.with_state(Ran::default()).into_axum().is_ok()
            };
            let mut requirement = a_requirement($draw, 3);
            while !starts(requirement.clone()) {
                requirement = a_requirement($draw, 3);
            }
            let (method, next) = match $draw.below(10) {
                0 => {
                    let (method, endpoint) = chain!($draw, done, public("open to all"));
                    (method, router.route(&path, endpoint))
                }
                1 => {
                    let (method, endpoint) = chain!($draw, with_caller::<$principal>, public("greets"));
                    (method, router.route(&path, endpoint))
                }
                2 => {
                    let (method, endpoint) = chain!($draw, with_ledger, requires(requirement));
                    (method, router.route(&path, endpoint))
                }
                3 => {
                    let (method, endpoint) = chain!($draw, with_both, requires(requirement));
                    (method, router.route(&path, endpoint))
                }
                _ => {
                    let (method, endpoint) = chain!($draw, done, requires(requirement));
                    (method, router.route(&path, endpoint))
                }
            };
            router = next;
            known.push((method, path));
        }
        (router, known)
    }};
}

/// A router that is served in both ways, and what is written of it.
pub(crate) struct Served {
    router: axum::Router,
    service: RouterService,
    now: Arc<AtomicI64>,
    ran: Ran,
    pub(crate) routes: Vec<(Method, String)>,
    pub(crate) document: Value,
    pub(crate) table: Value,
}

/// A router of `routes` routes.
pub(crate) fn drawn(draw: &mut Draw, routes: usize) -> Served {
    match draw.below(3) {
        0 => {
            let (router, known) = routes!(ByToken, draw, routes);
            serve(router, known)
        }
        1 => {
            let (router, known) = routes!(ByBoth, draw, routes);
            serve(router, known)
        }
        _ => {
            let (router, known) = routes!(ByEither, draw, routes);
            serve(router, known)
        }
    }
}

fn serve<P: Principal + FromRequestParts<Ran> + Describe<Ran>>(
    router: Router<Ran, P>,
    routes: Vec<(Method, String)>,
) -> Served {
    let (now, ran) = (Arc::new(AtomicI64::new(0)), Ran::default());
    let router = router.clock(Arc::new(Told(now.clone()))).document(Info::new("x", "1"));
    let Built { router, service, table, openapi, .. } = router.with_state(ran.clone()).build().unwrap();
    let table = serde_json::to_value(&table).unwrap();
    Served { router, service, now, ran, routes, document: openapi.as_json().clone(), table }
}

fn text(sent: Sent) -> Option<&'static str> {
    match sent {
        Sent::Nothing => None,
        Sent::Valid | Sent::Silent => Some("text"),
        Sent::Invalid => Some("made-up"),
    }
}

/// All that a caller is answered, apart from what differs between the two ways, or between two refusals: the length, which a
/// server adds where axum's router has not, and the id of the decision.
#[derive(Debug, PartialEq)]
struct Whole {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Whole {
    async fn of(response: Response) -> Self {
        let (mut head, body) = response.into_parts();
        head.headers.remove(header::CONTENT_LENGTH);
        let body = without_decision(body.collect().await.unwrap().to_bytes());
        Self { status: head.status, headers: head.headers, body }
    }
}

/// As text, which is quick: it is done a hundred thousand times.
fn without_decision(body: Bytes) -> Bytes {
    const MEMBER: &str = "\"decision\":\"";
    let text = std::str::from_utf8(&body).unwrap();
    let Some((before, after)) = text.split_once(MEMBER) else { return body };
    let (_, after) = after.split_once('"').unwrap();
    format!("{before}{after}").into()
}

impl Served {
    /// What the server answers; and that a refused handler did not run.
    pub(crate) async fn answer(&self, route: usize, facts: &Arc<Facts>) -> Answer {
        self.now.store(facts.now, Ordering::SeqCst);
        let response = self.service.answer(self.request(route, facts)).await.unwrap();
        self.answered(response.status().as_u16())
    }

    /// As [`Self::answer`], and that the other way answers the same.
    pub(crate) async fn answer_in_both_ways(&self, route: usize, facts: &Arc<Facts>) -> Answer {
        self.now.store(facts.now, Ordering::SeqCst);
        let response = self.service.answer(self.request(route, facts)).await.unwrap();
        let by_service = Whole::of(response).await;
        let answer = self.answered(by_service.status.as_u16());
        let response = self.router.clone().oneshot(self.request(route, facts)).await.unwrap();
        let by_axum = Whole::of(response).await;
        self.answered(by_axum.status.as_u16());
        assert_eq!(by_service, by_axum, "the two ways differ at {:?}: {facts:?}", self.routes[route]);
        answer
    }

    /// What a status says, of a request that is the last so far.
    fn answered(&self, status: u16) -> Answer {
        let ran = self.ran.0.swap(0, Ordering::SeqCst);
        assert_eq!(ran, usize::from(status == 200), "a handler runs where the answer is 200: {status}");
        match status {
            200 => Answer::Allowed,
            401 => Answer::Nobody,
            403 => Answer::Forbidden,
            503 => Answer::Undecided,
            other => panic!("{other}"),
        }
    }

    fn request(&self, route: usize, facts: &Arc<Facts>) -> http::Request<Body> {
        let (method, path) = &self.routes[route];
        let mut request = http::Request::new(Body::empty());
        *request.method_mut() = method.clone();
        *request.uri_mut() = path.replace("{org}", facts.org).parse().unwrap();
        let headers = request.headers_mut();
        if let Some(token) = text(facts.bearer) {
            headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        if let Some(key) = text(facts.key) {
            headers.insert("x-key", key.parse().unwrap());
        }
        for value in &facts.partner {
            headers.append("x-partner", value.parse().unwrap());
        }
        request.extensions_mut().insert(facts.clone());
        if let Some(address) = facts.address {
            request.extensions_mut().insert(ClientAddress(address));
        }
        request
    }
}
