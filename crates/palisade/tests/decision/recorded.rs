//! Which refusals have a decision, and what is in it.

use palisade::{
    decision::{Decision, Ruling, Stage},
    prelude::*,
    random::{Random, RandomUnavailable},
    requirement::{address, header},
};
use serde_json::json;

use crate::support::{Api, Badge, Staff, ada, built, by, done, serve};

#[tokio::test]
async fn a_refusal_of_somebody_who_is_known_has_one_decision_and_its_id_is_told() {
    let served = serve(Api::new().route("/items/{id}", get(done).requires(scope("a") & role(Staff::Admin))));
    let answer = served.by(&ada().scopes("a b").role("editor")).get("/items/7?secret=x").send().await;
    assert_eq!(answer.status, 403);
    let decision = served.only(&answer);
    assert_eq!((decision.method.as_str(), decision.path.as_str()), ("GET", "/items/{id}"));
    assert_eq!(decision.subject.to_string(), "account ada");
    assert_eq!((&decision.stage, decision.ruling), (&Stage::Route, Ruling::Refused(403)));
    assert_eq!(decision.facts.held.scopes.to_string(), "a b");
    assert_eq!(decision.facts.at.as_unix(), crate::support::NOW);
    let of = std::any::type_name::<Staff>();
    assert_eq!(decision.facts.held.roles[of], ["editor"]);
    let printed = decision.to_string();
    let expected = format!(
        "Decision {}, 2023-11-14T22:13:20Z\nGET /items/{{id}} by account ada\nRefused (403) by what the route requires:\n\
         NO      all of\n  yes     scope(a): the scope is held\n  NO      role(admin): the role is not held\n",
        decision.id
    );
    assert_eq!(printed, expected);
    assert!(!printed.contains("secret"), "no query, and of the path the template");
}

#[test]
fn the_document_says_that_a_problem_may_name_a_decision() {
    let api = Api::new().document(Info::new("x", "1")).route("/", get(done).requires(scope("a")));
    let document = built(api).openapi.as_json().clone();
    let problem = &document["components"]["schemas"]["Problem"];
    assert_eq!(problem["properties"]["decision"]["$ref"], "#/components/schemas/DecisionId", "{problem}");
    assert!(problem["properties"].get("explanation").is_none(), "nobody is to rely on it");
    assert!(!problem["required"].as_array().unwrap().contains(&json!("decision")));
}

#[tokio::test]
async fn each_refusal_has_an_id_of_its_own_and_the_newest_comes_first() {
    let served = serve(Api::new().route("/", get(done).requires(scope("a"))));
    let mut told = Vec::new();
    for _ in 0..3 {
        let answer = served.by(&ada()).get("/").send().await;
        told.insert(0, answer.json()["decision"].as_str().unwrap().to_owned());
    }
    let kept: Vec<_> = served.decisions.list(10).iter().map(|decision| decision.id.to_string()).collect();
    assert_eq!(kept, told);
    assert_eq!(served.decisions.list(2).len(), 2);
    assert_eq!(served.decisions.find("0".repeat(26).parse().unwrap()), None);
}

#[tokio::test]
async fn nobody_is_counted_and_not_kept() {
    let served = serve(Api::new().route("/", get(done).requires(scope("a"))));
    for client in [served.client.clone(), served.client.bearer("forged")] {
        let answer = client.get("/").send().await;
        assert_eq!((answer.status.as_u16(), answer.json().get("decision")), (401, None));
    }
    assert_eq!((served.decisions.anonymous_refusals(), served.decisions.list(10)), (2, Vec::new()));
}

#[tokio::test]
async fn whoever_is_allowed_leaves_nothing_behind() {
    let served = serve(Api::new().route("/", get(done).requires(scope("a"))));
    assert_eq!(served.by(&ada().scopes("a")).get("/").send().await.status, 200);
    assert_eq!(served.decisions.list(10), []);
}

#[tokio::test]
async fn what_nobody_could_say_is_a_decision_too() {
    let silent = check_async("quota", |_| Box::pin(async { Verdict::Unknown }));
    let served = serve(Api::new().route("/", get(done).requires(silent & scope("a"))));
    let answer = served.by(&ada().scopes("a")).get("/").send().await;
    assert_eq!(answer.status, 503);
    let decision = served.only(&answer);
    assert_eq!((decision.ruling, decision.verdict), (Ruling::Undecided, Some(Verdict::Unknown)));
    assert_eq!(decision.facts.checks["quota"], Verdict::Unknown);
    assert!(decision.to_string().contains("UNKNOWN check(quota): it could not be found out"));
}

/// What a dependency refuses with, and what handlers do.
#[derive(Clone)]
struct NotYours;

#[dependency]
async fn not_yours() -> Result<NotYours, Denied> {
    Err(Denied::forbidden().detail("This is not yours"))
}

async fn never(_: NotYours) {}

async fn refuses() -> Result<(), Denied> {
    Err(Denied::undecided("the store does not answer"))
}

async fn forbids() -> Result<(), Problem> {
    Err(Problem::new(StatusCode::FORBIDDEN, "Not on a Sunday"))
}

async fn fails() -> Result<(), Problem> {
    Err(Problem::unavailable("the store does not answer"))
}

async fn misses() -> Result<(), Problem> {
    Err(Problem::new(StatusCode::NOT_FOUND, "Nothing there"))
}

#[tokio::test]
async fn a_handlers_own_refusal_has_one_decision() {
    let routes = [("/dependency", get(never).requires(scope("a")), 403, Ruling::Refused(403))];
    for (path, endpoint, status, ruling) in routes {
        let served = serve(Api::new().route(path, endpoint));
        let answer = served.by(&ada().scopes("a")).get(path).send().await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["detail"].as_str()),
            (status, Some("This is not yours"))
        );
        let decision = served.only(&answer);
        assert_eq!((&decision.stage, decision.ruling), (&Stage::Handler, ruling));
        assert_eq!(decision.verdict, Some(Verdict::True), "what the route requires held");
        assert!(!decision.to_string().contains("not yours"), "a handler's words may quote its input");
    }
    let served =
        serve(Api::new().route("/", get(refuses).requires(scope("a")).post(forbids).requires(scope("a"))));
    let client = served.by(&ada().scopes("a"));
    let undecided = client.get("/").send().await;
    assert_eq!((undecided.status.as_u16(), served.only(&undecided).ruling), (503, Ruling::Undecided));
    let served = serve(Api::new().route("/", post(forbids).requires(scope("a"))));
    let forbidden = served.by(&ada().scopes("a")).post("/").send().await;
    assert_eq!((forbidden.status.as_u16(), served.only(&forbidden).stage), (403, Stage::Handler));
}

#[tokio::test]
async fn a_failure_or_a_missing_thing_is_no_decision() {
    let api = Api::new()
        .route("/fails", get(fails).requires(scope("a")))
        .route("/misses", get(misses).requires(scope("a")));
    let served = serve(api);
    for (path, status) in [("/fails", 503), ("/misses", 404)] {
        let answer = served.by(&ada().scopes("a")).get(path).send().await;
        assert_eq!((answer.status.as_u16(), answer.json().get("decision")), (status, None), "{path}");
    }
    assert_eq!(served.decisions.list(10), []);
}

/// Does not answer.
#[derive(Debug)]
struct Silent;

impl Random for Silent {
    fn fill(&self, _: &mut [u8]) -> Result<(), RandomUnavailable> {
        Err(RandomUnavailable)
    }
}

#[tokio::test]
async fn without_randomness_the_refusal_stands() {
    let api = Api::new().route("/", get(done).requires(scope("a"))).random(std::sync::Arc::new(Silent));
    let built = api.build().unwrap();
    let answer = by(&palisade::testing::Client::new(built.router), &ada()).get("/").send().await;
    assert_eq!((answer.status.as_u16(), answer.json().get("decision")), (403, None));
    assert_eq!(built.decisions.list(10), []);
}

#[tokio::test]
async fn a_nested_route_is_named_as_the_table_names_it() {
    let inner = Api::new()
        .route("/one/{id}", get(done).requires(scope("a")))
        .fallback(any(done).requires(scope("a")));
    let api = Api::new().nest("/items", inner).mount_guarded("/legacy", axum::Router::new(), scope("a"));
    let built = built(api);
    let client = by(&palisade::testing::Client::new(built.router), &ada());
    for path in ["/items/one/7", "/items/two", "/legacy/x"] {
        assert_eq!(client.get(path).send().await.status, 403, "{path}");
        let named = built.decisions.list(1).remove(0).path;
        assert!(built.table.rows().iter().any(|row| row.path == named), "{path}: {named}");
    }
}

/// Whatever a caller sends, none of it is written down but what names it.
#[tokio::test]
async fn attack_secrets_in_a_decision() {
    let requirement =
        header("partner", "x-partner", "acme") & address("office", ["192.0.2.0/24"]) & scope("a");
    let served = serve(Api::new().route("/{id}", post(done).requires(requirement)));
    let request = served
        .by(&ada().scopes("b"))
        .post("/path-canary?q=query-canary")
        .header("x-partner", "header-canary");
    let request = request.header("cookie", "session=cookie-canary").header("x-api-key", "key-canary");
    let answer = request.json(&json!({ "body": "body-canary" })).send().await;
    let decision = served.only(&answer);
    let all =
        format!("{decision} {decision:?} {} {}", serde_json::to_string(&decision).unwrap(), answer.text());
    assert!(all.contains("the header `x-partner` was sent, and is another"), "{all}");
    assert!(!all.contains("canary") && !all.contains("acme"), "{all}");
}

#[tokio::test]
async fn a_decision_is_written_down_and_read_back() {
    let badge = Badge {
        delegated: true,
        age: Some(5),
        client: Some("app".into()),
        tenant: Some(("acme".into(), "a".into())),
        ..ada().scopes("b").role("admin")
    };
    let office = address("office", ["192.0.2.0/24"]) | check("open", |_| false);
    let requirement = scope("b").within("org") & tenant("org") & office & recent(crate::support::MINUTE);
    let served = serve(Api::new().route("/{org}/x", get(done).requires(requirement)));
    let decision = served.only(&served.by(&badge).get("/acme/x").send().await);
    assert_eq!(decision.facts.parameters["org"], "acme");
    assert_eq!(decision.facts.tenants["acme"].scopes.to_string(), "a");
    let read: Decision = serde_json::from_str(&serde_json::to_string(&decision).unwrap()).unwrap();
    assert_eq!(read, decision);
    assert_eq!(read.to_string(), decision.to_string());
}

#[tokio::test]
async fn allowed_decisions_are_recorded_where_that_is_asked_for() {
    let decisions = palisade::decision::Decisions::new().also_allowed();
    let api = Api::new().route("/", get(done).requires(scope("a")).post(forbids).requires(scope("a")));
    let served = serve(api.decisions(decisions));
    let client = served.by(&ada().scopes("a"));
    assert_eq!(client.get("/").send().await.text(), "done");
    let allowed = served.decisions.list(10).remove(0);
    assert_eq!((allowed.ruling, allowed.stage), (Ruling::Allowed, Stage::Route));
    assert_eq!(client.post("/").send().await.status, 403);
    assert_eq!(served.decisions.list(10).len(), 2, "one for each response");
}

/// Whoever is handed a file of decisions looks at them in a terminal.
#[test]
fn attack_a_decision_that_moves_the_cursor() {
    let bad = "x\u{1b}[2J\u{9b}\r\nDecision\u{202e}";
    let decision = serde_json::json!({
        "id": "0".repeat(26), "method": bad, "path": bad, "subject": { "account": bad },
        "stage": { "policy": { "action": bad, "resource": bad } }, "ruling": { "refused": 403 }, "verdict": "false",
        "facts": { "at": 0, "delegated": false, "held": {}, "parameters": { bad: bad }, "client": bad },
        "explanation": { "leaf": { "client": bad }, "verdict": "false", "because": bad },
    });
    let mut decision: Decision = serde_json::from_value(decision).unwrap();
    for verdict in [decision.verdict, None] {
        decision.verdict = verdict;
        let shown = decision.to_string();
        assert!(!shown.contains(['\u{1b}', '\u{9b}', '\r', '\u{202e}']), "{shown:?}");
        assert_eq!(shown.lines().filter(|line| line.starts_with("Decision")).count(), 1, "{shown}");
    }
}
