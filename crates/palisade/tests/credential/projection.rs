//! The document's `security` against the server, for combinations of credentials: an interpreter that reads nothing but the
//! document must admit whoever the server admits; and whoever sends exactly what one of the document's alternatives asks
//! for must be admitted by the server. (Who sends more than that may be refused: a credential that is there and not valid
//! refuses.)
//!
//! Shapes are types, so they are written down and not drawn: ten nestings, each over several triples of credentials, each
//! required and optional. Requests are drawn.

use std::{collections::BTreeSet, sync::LazyLock};

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use palisade::{
    credential::{AllOf, AnyOf},
    prelude::{Describe, Requirement, Router, get, scope, signed_in},
    testing::Client,
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::support::{C, Caller, Gives, H, K, Q, Served, T, U, served};

/// One type of credentials, required by a route and asked for by a public one.
struct Shape {
    name: String,
    client: Client,
    document: Value,
}

type Required = (&'static str, fn() -> Requirement);

const REQUIRED: [Required; 4] = [
    ("/signed-in", signed_in),
    ("/a", || scope("a")),
    ("/a-and-b", || scope("a") & scope("b")),
    ("/a-or-b", || scope("a") | scope("b")),
];

const OPTIONAL: &str = "/may";

fn shape<A>(name: &str, optional: Router<()>) -> Shape
where
    A: Gives + FromRequestParts<(), Rejection: Send> + Describe<()> + Send + 'static,
{
    let routes = REQUIRED.iter().fold(Router::<(), Caller<A>>::new(), |router, (path, requirement)| {
        router.route(path, get(|| async { "done" }).requires(requirement()))
    });
    let Served { client, document, .. } = served(routes.merge(optional));
    Shape { name: name.split_whitespace().collect(), client, document }
}

fn may<A>() -> Router<()>
where
    A: OptionalFromRequestParts<(), Rejection: Send> + Describe<()> + Send + 'static,
{
    Router::new().route(OPTIONAL, get(|_: Option<A>| async { "done" }).public("knows the caller"))
}

macro_rules! shapes {
    ($($x:ty, $y:ty, $z:ty);+ $(;)?) => {{
        let mut shapes = Vec::new();
        $(shapes.extend(shapes!(@nested $x, $y, $z));)+
        shapes
    }};
    (@nested $x:ty, $y:ty, $z:ty) => {
        shapes!(@each
            [$x] [AllOf<$x>],
            [($x, $y)] [AllOf<($x, $y)>],
            [AnyOf<($x, $y)>] [AnyOf<($x, $y)>],
            [AnyOf<($x, $y, $z)>] [AnyOf<($x, $y, $z)>],
            [AnyOf<(($x, $y), $z)>] [AnyOf<(($x, $y), $z)>],
            [AnyOf<($z, ($x, $y))>] [AnyOf<($z, AllOf<($x, $y)>)>],
            [($x, AnyOf<($y, $z)>)] [AllOf<($x, AnyOf<($y, $z)>)>],
            [AnyOf<(AnyOf<($x, $y)>, $z)>] [AnyOf<(AnyOf<($x, $y)>, $z)>],
            [(AnyOf<($x, $y)>, AnyOf<($y, $z)>)] [AllOf<(AnyOf<($x, $y)>, AnyOf<($y, $z)>)>],
            [AnyOf<($y, ($x, AnyOf<($y, $z)>))>] [AnyOf<($y, ($x, AnyOf<($y, $z)>))>],
        )
    };
    (@each $([$shape:ty] [$optional:ty],)+) => {
        [$(shape::<$shape>(stringify!($shape), may::<$optional>())),+]
    };
}

/// No two of a triple's first two share a header, or nobody could send both.
static SHAPES: LazyLock<Vec<Shape>> =
    LazyLock::new(|| shapes![T, H, Q; H, U, K; C, T, H; Q, C, U; K, H, T; U, Q, C]);

/// What a request carries of one credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    Nothing,
    /// Valid; of a token, with these scopes.
    Valid(&'static str),
    Unknown,
    Malformed,
}

#[derive(Clone, Debug)]
struct Carried {
    bearer: Sent,
    basic: Sent,
    header: Sent,
    query: Sent,
    cookie: Sent,
    session: Sent,
}

fn sent() -> impl Strategy<Value = Sent> {
    prop_oneof![
        4 => Just(Sent::Nothing),
        4 => Just(Sent::Valid("")),
        1 => Just(Sent::Unknown),
        1 => Just(Sent::Malformed),
    ]
}

fn carried() -> impl Strategy<Value = Carried> {
    let bearer = prop_oneof![
        3 => prop::sample::select(vec!["", "a", "b", "a~b"]).prop_map(Sent::Valid),
        1 => Just(Sent::Unknown),
        1 => Just(Sent::Malformed),
    ];
    // A request has one `Authorization`.
    let authorization = prop_oneof![
        2 => Just((Sent::Nothing, Sent::Nothing)),
        3 => bearer.prop_map(|bearer| (bearer, Sent::Nothing)),
        2 => sent().prop_map(|basic| (Sent::Nothing, basic)),
    ];
    (authorization, sent(), sent(), sent(), sent()).prop_map(
        |((bearer, basic), header, query, cookie, session)| Carried {
            bearer,
            basic,
            header,
            query,
            cookie,
            session,
        },
    )
}

fn key(sent: Sent) -> Option<&'static str> {
    match sent {
        Sent::Nothing => None,
        Sent::Valid(_) => Some("good"),
        Sent::Unknown => Some("unknown"),
        Sent::Malformed => Some(""),
    }
}

impl Carried {
    async fn admitted(&self, client: &Client, path: &str) -> bool {
        let query = key(self.query).map(|key| format!("?api_key={key}")).unwrap_or_default();
        let mut request = client.get(&format!("{path}{query}"));
        request = match (self.bearer, self.basic) {
            (Sent::Nothing, Sent::Nothing) => request,
            (Sent::Valid(scopes), _) => request.header("authorization", format!("Bearer good~{scopes}")),
            (Sent::Unknown, _) => request.header("authorization", "Bearer unknown"),
            (Sent::Malformed, _) => request.header("authorization", "Bearer "),
            // `:good`, `:bad`, and what is no Base64.
            (_, Sent::Valid(_)) => request.header("authorization", "Basic Omdvb2Q="),
            (_, Sent::Unknown) => request.header("authorization", "Basic OmJhZA=="),
            (_, Sent::Malformed) => request.header("authorization", "Basic !"),
        };
        if let Some(key) = key(self.header) {
            request = request.header("x-key", key);
        }
        if let Some(key) = key(self.cookie) {
            request = request.header("cookie", format!("key={key}"));
        }
        if let Some(key) = key(self.session) {
            request = request.header("cookie", format!("__Host-session={key}"));
        }
        let status = request.send().await.status.as_u16();
        assert!(matches!(status, 200 | 401 | 403), "{status}");
        status == 200
    }
}

/// What the interpreter makes of a request: it knows no Rust, only security scheme objects (OpenAPI 3.1, section 4.8.27).
struct Interpreter<'a> {
    schemes: &'a Value,
    security: &'a [Value],
    carried: &'a Carried,
}

impl Interpreter<'_> {
    /// What the request carries for the scheme `name`.
    fn sent(&self, name: &str) -> Sent {
        let scheme = &self.schemes[name];
        let text = |member: &str| scheme[member].as_str().unwrap_or_default().to_ascii_lowercase();
        match (text("type").as_str(), text("in").as_str(), text("scheme").as_str(), text("name").as_str()) {
            ("oauth2", ..) => self.carried.bearer,
            ("http", _, "basic", _) => self.carried.basic,
            ("apikey", "header", _, "x-key") => self.carried.header,
            ("apikey", "query", _, "api_key") => self.carried.query,
            ("apikey", "cookie", _, "key") => self.carried.cookie,
            ("apikey", "cookie", _, "__host-session") => self.carried.session,
            _ => panic!("the document does not say what `{name}` is: {scheme}"),
        }
    }

    fn satisfied(&self, alternative: &Value) -> bool {
        alternative.as_object().unwrap().iter().all(|(name, needed)| match self.sent(name) {
            Sent::Valid(scopes) => {
                needed.as_array().unwrap().iter().all(|scope| scopes.split('~').any(|held| held == scope))
            }
            Sent::Nothing | Sent::Unknown | Sent::Malformed => false,
        })
    }

    /// Whether the document admits the request.
    fn admits(&self) -> bool {
        self.security.is_empty() || self.security.iter().any(|alternative| self.satisfied(alternative))
    }

    /// Whether the request carries what one alternative asks for and, of all schemes that are defined, nothing else.
    fn admits_exactly(&self) -> bool {
        let present: BTreeSet<&String> = self
            .schemes
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| self.sent(name) != Sent::Nothing)
            .collect();
        self.security.iter().any(|alternative| {
            self.satisfied(alternative)
                && alternative.as_object().unwrap().keys().collect::<BTreeSet<_>>() == present
        })
    }
}

/// Whether server and document agree about a request, if the document's `security` of `path` were `security`.
fn agree(runtime: &Runtime, shape: &Shape, path: &str, security: &Value, carried: &Carried) -> bool {
    let server = runtime.block_on(carried.admitted(&shape.client, path));
    let schemes = &shape.document["components"]["securitySchemes"];
    let document = Interpreter { schemes, security: security.as_array().unwrap(), carried };
    (!server || document.admits()) && (server || !document.admits_exactly())
}

fn paths() -> Vec<&'static str> {
    REQUIRED.iter().map(|(path, _)| *path).chain([OPTIONAL]).collect()
}

fn written<'a>(shape: &'a Shape, path: &str) -> &'a Value {
    &shape.document["paths"][path]["get"]["security"]
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn server_and_document_admit_the_same_requests(
        shape in 0..SHAPES.len(),
        path in prop::sample::select(paths()),
        carried in carried(),
    ) {
        let shape = &SHAPES[shape];
        let security = written(shape, path);
        prop_assert!(
            agree(&runtime(), shape, path, security, &carried),
            "{} at {path}: {security} and {carried:?}", shape.name
        );
    }
}

/// What a broken emitter would have written; none where it would have written the same.
type Broken = fn(&Value) -> Value;

fn alternatives(security: &Value) -> Vec<serde_json::Map<String, Value>> {
    security.as_array().unwrap().iter().map(|together| together.as_object().unwrap().clone()).collect()
}

/// Each scheme an alternative of its own: what FastAPI writes for "both".
fn and_as_or(security: &Value) -> Value {
    let each = |together: serde_json::Map<String, Value>| {
        if together.is_empty() {
            return vec![json!({})];
        }
        together.into_iter().map(|(name, scopes)| json!({ name: scopes })).collect()
    };
    json!(alternatives(security).into_iter().flat_map(each).collect::<Vec<Value>>())
}

fn or_as_and(security: &Value) -> Value {
    let all: serde_json::Map<String, Value> = alternatives(security).into_iter().flatten().collect();
    json!([all])
}

/// What FastAPI writes for "may".
fn optional_as_required(security: &Value) -> Value {
    json!(alternatives(security).into_iter().filter(|together| !together.is_empty()).collect::<Vec<_>>())
}

fn required_as_optional(security: &Value) -> Value {
    let mut all = alternatives(security);
    all.push(serde_json::Map::new());
    json!(all)
}

fn first_alternative_dropped(security: &Value) -> Value {
    json!(alternatives(security).split_off(1))
}

fn a_scheme_dropped(security: &Value) -> Value {
    let dropped = |mut together: serde_json::Map<String, Value>| {
        let first = together.keys().next().cloned();
        first.and_then(|first| together.remove(&first));
        together
    };
    json!(alternatives(security).into_iter().map(dropped).collect::<Vec<_>>())
}

fn scopes_dropped(security: &Value) -> Value {
    let bare = |together: serde_json::Map<String, Value>| -> Value {
        json!(together.into_iter().map(|(name, _)| (name, json!([]))).collect::<serde_json::Map<_, _>>())
    };
    json!(alternatives(security).into_iter().map(bare).collect::<Vec<_>>())
}

fn scopes_beside_every_scheme(security: &Value) -> Value {
    let named = |together: serde_json::Map<String, Value>| -> Value {
        json!(together.into_iter().map(|(name, _)| (name, json!(["a"]))).collect::<serde_json::Map<_, _>>())
    };
    json!(alternatives(security).into_iter().map(named).collect::<Vec<_>>())
}

/// After how many requests a broken emitter is caught, of at most a thousand.
fn caught_after(broken: Broken) -> Option<usize> {
    // The same requests each time.
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    let cases = (0..SHAPES.len(), prop::sample::select(paths()), carried());
    let runtime = runtime();
    (1..=1000).find(|_| {
        let (shape, path, carried) = cases.new_tree(&mut runner).unwrap().current();
        let shape = &SHAPES[shape];
        !agree(&runtime, shape, path, &broken(written(shape, path)), &carried)
    })
}

#[test]
fn every_broken_emitter_is_caught_within_a_thousand_requests() {
    let emitters: [(&str, Broken); 8] = [
        ("AND as OR", and_as_or),
        ("OR as AND", or_as_and),
        ("optional as required", optional_as_required),
        ("required as optional", required_as_optional),
        ("the first alternative dropped", first_alternative_dropped),
        ("a scheme dropped", a_scheme_dropped),
        ("scopes dropped", scopes_dropped),
        ("scopes beside every scheme", scopes_beside_every_scheme),
    ];
    for (name, broken) in emitters {
        assert!(caught_after(broken).is_some(), "{name} is not caught");
    }
    assert_eq!(caught_after(Value::clone), None, "the emitter itself is not broken");
}
