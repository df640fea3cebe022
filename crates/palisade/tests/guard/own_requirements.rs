//! Dependencies that require something by themselves.

use std::sync::atomic::{AtomicUsize, Ordering};

use palisade::{
    prelude::*,
    requirement::{TimeWindow, hours},
};

use crate::support::{Api, App, Ran, done, faults, refuses_to_start, serve};

/// What only some may see.
#[derive(Clone, Debug)]
struct Ledger;

#[dependency(requires = scope("b"))]
async fn ledger() -> Ledger {
    Ledger
}

async fn read(_: Ledger, State(ran): State<Ran>) -> &'static str {
    ran.count();
    "done"
}

/// Takes it past what a route can know of.
async fn sneak(_: Undescribed<Ledger>, State(ran): State<Ran>) -> &'static str {
    ran.count();
    "done"
}

#[tokio::test]
async fn what_a_dependency_requires_is_required_of_every_route_that_takes_it() {
    let (client, ran) = serve(Api::new().route("/", get(read).requires(scope("a"))));
    for (token, expected) in [("account~a", 403), ("account~b", 403), ("account~a.b", 200)] {
        assert_eq!(client.bearer(token).get("/").send().await.status, expected, "{token}");
    }
    assert_eq!(ran.times(), 1);
    let challenge = r#"Bearer error="insufficient_scope", scope="a b""#;
    let refused = client.bearer("account~a").get("/").send().await;
    assert_eq!(refused.header("www-authenticate"), Some(challenge));
}

#[tokio::test]
async fn what_a_dependency_requires_is_listed_and_documented() {
    let api = Api::new().document(Info::new("x", "1")).route("/", get(read).requires(scope("a")));
    let built = api.with_state(App::default()).build().unwrap();
    let row = built.table.rows().iter().find(|row| row.path == "/").unwrap();
    assert_eq!(row.requires.as_deref(), Some("scope(a) & scope(b)"));
    let security = &built.openapi.as_json()["paths"]["/"]["get"]["security"];
    assert_eq!(*security, serde_json::json!([{ "OAuth2PasswordBearer": ["a", "b"] }]));
}

#[tokio::test]
async fn a_dependency_that_requires_something_is_not_taken_by_a_public_route() {
    refuses_to_start(Api::new().route("/", get(read).public("forgotten")), "requires");
}

#[tokio::test]
async fn attack_a_dependency_is_taken_where_its_requirement_is_not_known() {
    let (client, ran) = serve(Api::new().route("/", get(sneak).requires(scope("a"))));
    assert_eq!(client.bearer("account~a").get("/").send().await.status, 500);
    assert_eq!(ran.times(), 0);
}

/// A check that holds from this number on.
fn from(least: u32) -> Requirement {
    check("from", move |_| least <= 1)
}

#[derive(Clone, Debug)]
struct Deeper;

#[dependency(requires = from(2))]
async fn deeper() -> Deeper {
    Deeper
}

#[derive(Clone, Debug)]
struct Vault;

#[dependency(requires = check("open", |_| false) & hours("day", TimeWindow::ALWAYS))]
async fn vault() -> Vault {
    Vault
}

/// What is said alike and is not the same is no reason to leave it out.
#[tokio::test]
async fn attack_a_route_that_calls_its_check_like_that_of_a_dependency() {
    async fn deep(_: Deeper, State(ran): State<Ran>) -> &'static str {
        ran.count();
        "done"
    }
    async fn open(_: Vault) -> &'static str {
        "open"
    }
    let (client, ran) = serve(Api::new().route("/", get(deep).requires(from(1))));
    assert_eq!(client.bearer("account").get("/").send().await.status, 403);
    assert_eq!(ran.times(), 0);
    let morning = TimeWindow::daily((8, 0), (9, 0));
    let route = check("open", |_| true) & hours("day", morning);
    let faults = faults(Api::new().route("/", get(open).requires(route))).join("\n");
    assert!(faults.contains("another check is also named `open`"), "{faults}");
    assert!(faults.contains("`hours(day)` is"), "{faults}");
}

/// Made twice, it is one check all the same: what it counts is counted once.
#[tokio::test]
async fn a_check_that_is_made_twice_is_asked_once() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let counted = || {
        check("counted", |_| {
            ASKED.fetch_add(1, Ordering::Relaxed);
            true
        })
    };
    let (client, _) =
        serve(Api::new().route("/", get(done).requires(counted() & (scope("a") | scope("b")) & counted())));
    assert_eq!(client.bearer("account~a").get("/").send().await.status, 200);
    assert_eq!(ASKED.load(Ordering::Relaxed), 1);
}
