//! Decisions decided again.

use palisade::{
    AccessTable, Requirement,
    decision::{Change, Decisions, replay, replay_policy},
    prelude::*,
    requirement::{Facts, TimeWindow, address, header, hours},
};
use proptest::prelude::{Strategy, any as anything, proptest};

use crate::support::{Api, Badge, MINUTE, NOW, Staff, ada, built, by, done, serve};

fn table(requirement: Requirement) -> AccessTable {
    built(Api::new().route("/{org}", get(done).requires(requirement))).table
}

/// What became of the decision about `badge` when `before` became `after`.
async fn changed(badge: &Badge, before: Requirement, after: Requirement) -> Change {
    let served = serve(
        Api::new().route("/{org}", get(done).requires(before)).decisions(Decisions::new().also_allowed()),
    );
    served.by(badge).get("/acme").header("x-partner", "acme").send().await;
    let decisions = served.decisions.list(10);
    replay(&decisions, &table(after)).remove(0).change
}

const SHUT_OUT: Change = Change::Flips { from: Verdict::True, to: Verdict::False };
const LET_IN: Change = Change::Flips { from: Verdict::False, to: Verdict::True };

#[tokio::test]
async fn exactly_what_gets_another_answer_flips() {
    let (a, b, admin) = (ada().scopes("a"), ada().scopes("b"), ada().scopes("a").role("admin"));
    assert_eq!(changed(&a, scope("a"), scope("a") | scope("b")).await, Change::Same);
    assert_eq!(changed(&b, scope("a"), scope("a") | scope("b")).await, LET_IN);
    assert_eq!(changed(&a, scope("a"), scope("a") & role(Staff::Editor)).await, SHUT_OUT);
    assert_eq!(
        changed(&admin, scope("a"), scope("a") & role(Staff::Editor)).await,
        Change::Same,
        "an admin is an editor"
    );
    let member = Badge { tenant: Some(("acme".into(), "a".into())), ..ada() };
    assert_eq!(changed(&member, tenant("org"), scope("a").within("org")).await, Change::Same);
    assert_eq!(changed(&member, tenant("org"), scope("b").within("org")).await, SHUT_OUT);
}

#[tokio::test]
async fn an_address_and_a_time_are_decided_by_what_is_required_now() {
    let office = |network: &'static str| scope("a") & (address("office", [network]) | scope("b"));
    // Nobody notes addresses here: it was not known then, and is not known now.
    assert_eq!(
        changed(&ada().scopes("a"), office("192.0.2.0/24"), office("198.51.100.0/24")).await,
        Change::Same
    );
    let open =
        |until: i64| hours("open", TimeWindow::ALWAYS.until(palisade::clock::Timestamp::from_unix(until)));
    let opened = changed(&ada().scopes("a"), scope("a") & open(NOW + 1), scope("a") & open(NOW)).await;
    assert_eq!(opened, SHUT_OUT, "the name stayed, the hours did not");
}

#[tokio::test]
async fn what_was_not_recorded_is_said_and_not_guessed() {
    let quota = || check("quota", |_: Facts<'_>| true);
    let unknowable = |leaf: &str| Change::Unknowable(leaf.to_owned());
    let a = ada().scopes("a");
    assert_eq!(changed(&a, scope("a"), scope("a") & quota()).await, unknowable("check(quota)"));
    assert_eq!(changed(&a, scope("a"), scope("b") & quota()).await, SHUT_OUT, "it does not hang on it");
    assert_eq!(changed(&a, scope("a"), tenant("org")).await, unknowable("tenant(org)"));
    let partner = |name| header("partner", name, "acme") | scope("b");
    assert_eq!(changed(&a, partner("x-partner"), partner("x-partner") & scope("a")).await, Change::Same);
    assert_eq!(changed(&a, partner("x-partner"), partner("x-other")).await, unknowable("header(partner)"));
}

#[tokio::test]
async fn a_route_that_is_gone_or_public_is_told() {
    let served = serve(Api::new().route("/x", get(done).requires(scope("a"))));
    served.by(&ada()).get("/x").send().await;
    let decisions = served.decisions.list(1);
    let again = |api: Api| replay(&decisions, &built(api).table).remove(0).change;
    assert_eq!(again(Api::new().route("/y", get(done).requires(scope("a")))), Change::Gone);
    assert_eq!(again(Api::new().route("/x", post(done).requires(scope("a")))), Change::Gone);
    assert_eq!(again(Api::new().route("/x", any(done).requires(scope("a")))), Change::Same);
    assert_eq!(again(Api::new().route("/x", get(done).public("now it is"))), LET_IN);
}

#[tokio::test]
async fn a_statement_decides_what_was_recorded() {
    let served = serve(Api::new().route("/x", get(done).requires(scope("a"))));
    served.by(&ada().scopes("b").role("admin")).get("/x").send().await;
    let decisions = served.decisions.list(1);
    let by_policy = |policy: &str| replay_policy(&decisions, &policy.parse().unwrap()).remove(0);
    assert_eq!(by_policy("scope(b) & role(editor)").change, LET_IN);
    assert_eq!(by_policy("scope(c) | relation(owner) & scope(a)").change, Change::Same);
    let owner = by_policy("relation(owner)");
    assert_eq!(owner.change, Change::Unknowable("relation(owner)".into()));
    assert!(owner.explanation.unwrap().to_string().contains("there was no object"));
}

/// A random requirement, for what it says rather than for what it is.
#[derive(Clone, Debug)]
enum Said {
    Leaf(u8),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

fn yes(_: Facts<'_>) -> Verdict {
    Verdict::True
}

fn unknown(_: Facts<'_>) -> Verdict {
    Verdict::Unknown
}

impl Said {
    fn requirement(&self) -> Requirement {
        match self {
            Self::And(a, b) => a.requirement() & b.requirement(),
            Self::Or(a, b) => a.requirement() | b.requirement(),
            Self::Leaf(0) => scope("a"),
            Self::Leaf(1) => scope("b"),
            Self::Leaf(2) => role(Staff::Editor),
            Self::Leaf(3) => !role(Staff::Admin),
            Self::Leaf(4) => signed_in(),
            Self::Leaf(5) => recent(MINUTE),
            Self::Leaf(6) => client("app"),
            Self::Leaf(7) => tenant("org"),
            Self::Leaf(8) => scope("a").within("org"),
            Self::Leaf(9) => hours("night", TimeWindow::daily((22, 0), (6, 0))),
            Self::Leaf(10) => !hours("morning", TimeWindow::daily((6, 0), (12, 0))),
            Self::Leaf(11) => address("office", ["192.0.2.0/24"]),
            Self::Leaf(12) => header("partner", "x-partner", "acme"),
            Self::Leaf(13) => check("yes", yes),
            Self::Leaf(_) => !check("unknown", unknown),
        }
    }
}

/// The first leaves are those whose facts are always recorded.
const RECORDED: u8 = 12;
const ALL: u8 = 15;

fn said(leaves: u8) -> impl Strategy<Value = Said> {
    (0..leaves).prop_map(Said::Leaf).prop_recursive(3, 8, 2, |inner| {
        proptest::prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Said::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Said::Or(Box::new(a), Box::new(b))),
        ]
    })
}

fn badge() -> impl Strategy<Value = Badge> {
    let scopes = proptest::sample::select(vec!["", "a", "b", "a b"]);
    let role = proptest::sample::select(vec![None, Some("editor"), Some("admin")]);
    let age = proptest::sample::select(vec![None, Some(60), Some(61)]);
    let tenant =
        proptest::sample::select(vec![None, Some(("acme", "a")), Some(("acme", "")), Some(("other", "a"))]);
    (scopes, role, age, tenant, anything::<(bool, bool)>()).prop_map(
        |(scopes, role, age, tenant, (delegated, app))| Badge {
            delegated,
            role: role.map(Into::into),
            age,
            client: app.then(|| "app".into()),
            tenant: tenant.map(|(tenant, scopes)| (tenant.into(), scopes.into())),
            ..ada().scopes(scopes)
        },
    )
}

/// What `GET /acme` is answered to `badge`, and what became of its decision under `after`.
fn both(badge: &Badge, before: &Said, after: &Said) -> (u16, u16, Change) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // Every parameter, every check and every header is read: then every fact is recorded.
    let api = |said: &Said| {
        let endpoint = get(done).requires(said.requirement());
        built(Api::new().route("/{org}", endpoint).decisions(Decisions::new().also_allowed()))
    };
    let (before, after) = (api(before), api(after));
    let ask = |router| async {
        let client = by(&palisade::testing::Client::new(router), badge);
        client.get("/acme").header("x-partner", "acme").send().await.status.as_u16()
    };
    let (then, now) = runtime.block_on(async { (ask(before.router).await, ask(after.router).await) });
    let decisions = before.decisions.list(2);
    assert_eq!(decisions.len(), 1);
    (then, now, replay(&decisions, &after.table).remove(0).change)
}

fn assert_true(then: u16, now: u16, change: &Change) {
    match change {
        Change::Same => assert_eq!(then, now),
        Change::Flips { .. } => assert_ne!(then, now),
        other => panic!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn what_flips_is_what_is_answered_otherwise(badge in badge(), before in said(RECORDED), after in said(RECORDED)) {
        // What is read of the path was recorded only if it was read.
        let before = Said::And(Box::new(Said::Or(Box::new(Said::Leaf(7)), Box::new(Said::Leaf(0)))), Box::new(before));
        let (then, now, change) = both(&badge, &before, &after);
        assert_true(then, now, &change);
    }

    #[test]
    fn what_is_not_recorded_is_never_guessed_wrong(badge in badge(), before in said(ALL), after in said(ALL)) {
        let (then, now, change) = both(&badge, &before, &after);
        if !matches!(change, Change::Unknowable(_)) {
            assert_true(then, now, &change);
        }
    }

    #[test]
    fn by_the_same_requirement_nothing_flips(badge in badge(), said in said(ALL)) {
        assert_eq!(both(&badge, &said, &said).2, Change::Same);
    }
}
