//! The document's `security` against the server: an interpreter that reads nothing but the document must admit whoever the
//! server admits, and for what a document can say, nobody else.

use std::collections::BTreeSet;

use palisade::{
    Requirement,
    prelude::{Info, StatusCode, get, role, scope, signed_in},
    testing::Client,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Api, App, Staff, done};

#[derive(Clone, Debug)]
enum Said {
    Scope(&'static str),
    Admin,
    SignedIn,
    And(Box<Said>, Box<Said>),
    Or(Box<Said>, Box<Said>),
}

impl Said {
    fn requirement(&self) -> Requirement {
        match self {
            Self::Scope(name) => scope(name),
            Self::Admin => role(Staff::Admin),
            Self::SignedIn => signed_in(),
            Self::And(a, b) => a.requirement() & b.requirement(),
            Self::Or(a, b) => a.requirement() | b.requirement(),
        }
    }

    fn says_only_scopes(&self) -> bool {
        match self {
            Self::Scope(_) => true,
            Self::Admin | Self::SignedIn => false,
            Self::And(a, b) | Self::Or(a, b) => a.says_only_scopes() && b.says_only_scopes(),
        }
    }
}

fn said(leaves: Vec<Said>) -> impl Strategy<Value = Said> {
    proptest::sample::select(leaves).prop_recursive(4, 10, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Said::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Said::Or(Box::new(a), Box::new(b))),
        ]
    })
}

fn any_leaf() -> Vec<Said> {
    vec![Said::Scope("a"), Said::Scope("b"), Said::Scope("c"), Said::Admin, Said::SignedIn]
}

/// Whether `security` (OpenAPI 3.1, section 4.8.30) admits a request that carries the scheme with these scopes; `None` for
/// a request that carries nothing.
fn admits(security: &Value, carried: Option<&BTreeSet<&str>>) -> bool {
    let alternatives = security.as_array().expect("a list of alternatives");
    alternatives.is_empty()
        || alternatives.iter().any(|together| {
            together.as_object().expect("schemes").iter().all(|(scheme, needed)| {
                scheme == "OAuth2PasswordBearer"
                    && carried.is_some_and(|scopes| {
                        needed
                            .as_array()
                            .expect("scopes")
                            .iter()
                            .all(|scope| scopes.contains(scope.as_str().unwrap()))
                    })
            })
        })
}

struct Served {
    client: Client,
    security: Value,
}

fn served(requirement: Requirement) -> Served {
    let api = Api::new().document(Info::new("x", "1")).route("/x", get(done).requires(requirement));
    let built = api.with_state(App::default()).build().unwrap();
    let security = built.openapi.as_json()["paths"]["/x"]["get"]["security"].clone();
    Served { client: Client::new(built.router), security }
}

fn subsets() -> Vec<BTreeSet<&'static str>> {
    (0..8u8)
        .map(|bits| {
            ["a", "b", "c"]
                .into_iter()
                .enumerate()
                .filter(|(at, _)| bits & (1 << at) != 0)
                .map(|(_, scope)| scope)
                .collect()
        })
        .collect()
}

/// The callers about whom document and server disagree: admitted by the server and not by the document, and the reverse.
fn disagreements(served: &Served, security: &Value) -> (usize, usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (mut strengthened, mut weakened) = (0, 0);
    let mut compare = |server: bool, document: bool| {
        strengthened += usize::from(server && !document);
        weakened += usize::from(document && !server);
    };
    let status = |client: &Client| runtime.block_on(client.get("/x").send()).status;
    compare(status(&served.client) == StatusCode::OK, admits(security, None));
    for scopes in subsets() {
        for kind in ["account", "delegated"] {
            for role in ["", "admin"] {
                let carried = scopes.iter().copied().collect::<Vec<_>>().join(".");
                let client = served.client.bearer(format!("{kind}~{carried}~{role}"));
                compare(status(&client) == StatusCode::OK, admits(security, Some(&scopes)));
            }
        }
    }
    (strengthened, weakened)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_document_admits_whoever_the_server_admits(said in said(any_leaf())) {
        let served = served(said.requirement());
        let (strengthened, weakened) = disagreements(&served, &served.security);
        prop_assert_eq!(strengthened, 0, "{} as {}", said.requirement(), served.security);
        if said.says_only_scopes() {
            prop_assert_eq!(weakened, 0, "{} as {}", said.requirement(), served.security);
        }
    }

    #[test]
    fn of_scopes_alone_the_document_says_all(said in said(any_leaf()[..3].to_vec())) {
        let served = served(said.requirement());
        prop_assert_eq!(disagreements(&served, &served.security), (0, 0), "{}", said.requirement());
    }
}

/// The interpreter would notice: what other emitters write is caught.
#[test]
fn broken_emitters_are_caught() {
    let both = served(scope("a") & scope("b"));
    assert_eq!(both.security, json!([{ "OAuth2PasswordBearer": ["a", "b"] }]));
    let and_as_or = json!([{ "OAuth2PasswordBearer": ["a"] }, { "OAuth2PasswordBearer": ["b"] }]);
    assert!(disagreements(&both, &and_as_or).1 > 0);
    let either = served(scope("a") | scope("b"));
    assert_eq!(
        either.security,
        json!([{ "OAuth2PasswordBearer": ["a"] }, { "OAuth2PasswordBearer": ["b"] }])
    );
    let or_as_and = json!([{ "OAuth2PasswordBearer": ["a", "b"] }]);
    assert!(disagreements(&either, &or_as_and).0 > 0);
    assert!(disagreements(&either, &json!([])).1 > 0, "guarded, and documented as public");
    let role_as_scope = served(role(Staff::Admin) | scope("a"));
    assert_eq!(role_as_scope.security, json!([{ "OAuth2PasswordBearer": [] }]), "a role is weakened to true");
    assert!(disagreements(&role_as_scope, &json!([{ "OAuth2PasswordBearer": ["a"] }])).0 > 0);
}
