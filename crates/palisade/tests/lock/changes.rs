//! Each kind of change of a route, by the line that is printed; and what is no change.

use std::time::Duration;

use palisade::{
    credential::{AnyOf, Bearer},
    extract::Query,
    lock::{ChangeKind, Lock},
    prelude::*,
    requirement::{TimeWindow, address, hours},
};

use crate::support::{Api, Key, Staff, changed, done, from_to, lock, requiring};

fn minutes(minutes: u64) -> Requirement {
    recent(Duration::from_secs(60 * minutes))
}

#[test]
fn a_route_that_asks_for_less_is_weaker() {
    let was = scope("items:write") & role(Staff::Editor);
    assert_eq!(
        changed(requiring(was), requiring(signed_in())),
        [
            "POST /items: was `scope(items:write) & role(editor)`, is `signed_in()`: WEAKER",
            "roles of lock::support::Staff: no route asks for one any more: GONE",
        ]
    );
}

#[test]
fn weaker_and_stronger_are_decided_by_what_the_leaves_mean() {
    let cases = [
        // A longer age, AND to OR, a new alternative, a role that is included.
        (minutes(1), minutes(2), "was `recent(60s)`, is `recent(120s)`"),
        (
            scope("a") & scope("b"),
            scope("a") | scope("b"),
            "was `scope(a) & scope(b)`, is `scope(a) | scope(b)`",
        ),
        (scope("a"), scope("a") | signed_in(), "was `scope(a)`, is `scope(a) | signed_in()`"),
        (role(Staff::Admin), role(Staff::Editor), "was `role(admin)`, is `role(editor)`"),
        // Whoever is no user is no admin either.
        (!role(Staff::User), !role(Staff::Admin), "was `!role(user)`, is `!role(admin)`"),
        (!role(Staff::User), signed_in(), "was `!role(user)`, is `signed_in()`"),
        (undelegated() & minutes(5), undelegated(), "was `undelegated() & recent(300s)`, is `undelegated()`"),
    ];
    for (stronger, weaker, line) in cases {
        let (was, is) = line.split_once(", is ").unwrap();
        let back = format!("was {is}, is {}: STRONGER", was.strip_prefix("was ").unwrap());
        assert_eq!(from_to(stronger.clone(), weaker.clone()), [format!("{line}: WEAKER")]);
        assert_eq!(from_to(weaker, stronger), [back]);
    }
}

#[test]
fn what_is_held_in_a_tenant_is_not_what_is_held_everywhere() {
    let at = |requirement: Requirement| Api::new().route("/orgs/{org}", get(done).requires(requirement));
    let cases = [
        (
            role(Staff::Editor).within("org"),
            tenant("org"),
            "GET /orgs/{org}: was `role(editor in org)`, is `tenant(org)`: WEAKER",
        ),
        (
            role(Staff::Editor).within("org"),
            role(Staff::Editor).within("org") | role(Staff::Admin),
            "GET /orgs/{org}: was `role(editor in org)`, is `role(editor in org) | role(admin)`: WEAKER",
        ),
        (
            scope("docs").within("org"),
            scope("docs"),
            "GET /orgs/{org}: was `scope(docs in org)`, is `scope(docs)`: CHANGED",
        ),
    ];
    for (old, new, line) in cases {
        assert_eq!(changed(at(old), at(new)).first().map(String::as_str), Some(line));
    }
}

#[test]
fn what_is_neither_weaker_nor_stronger_is_changed() {
    assert_eq!(from_to(scope("a"), scope("b")), ["was `scope(a)`, is `scope(b)`: CHANGED"]);
    assert_eq!(from_to(scope("a") & minutes(1), scope("a") & role(Staff::User)).len(), 1);
}

#[test]
fn another_way_to_write_the_same_is_no_change() {
    let (a, b, c) = (|| scope("a"), || scope("b"), || role(Staff::Editor));
    let same = [
        (a() & b(), b() & a()),
        (a() & (b() | c()), c() & a() | a() & b()),
        (a(), a() | a() & b()),
        (c() & signed_in() & undelegated(), c()),
        (role(Staff::User) & c(), c()),
        (!role(Staff::User) | role(Staff::User), signed_in()),
        (minutes(1) & minutes(5), minutes(1)),
    ];
    for (one, other) in same {
        assert_eq!(from_to(one.clone(), other.clone()), Vec::<String>::new(), "{one} and {other}");
        assert_eq!(from_to(other, one), Vec::<String>::new());
    }
}

#[test]
fn public_and_guarded() {
    let public = |why| Api::new().route("/items", post(done).public(why));
    assert_eq!(
        changed(requiring(scope("a")), public("a try")),
        ["POST /items: was `scope(a)`, is public: a try: NEW PUBLIC"]
    );
    assert_eq!(
        changed(public("a try"), requiring(scope("a"))),
        ["POST /items: was public: a try, is `scope(a)`: STRONGER"]
    );
    assert_eq!(
        changed(public("a try"), public("it is free")),
        ["POST /items: was public: a try, is public: it is free: CHANGED"]
    );
}

#[test]
fn routes_that_come_and_go() {
    let more = || requiring(scope("a")).route("/items", get(done).requires(scope("b")));
    assert_eq!(changed(requiring(scope("a")), more()), ["GET /items: new, is `scope(b)`: NEW"]);
    assert_eq!(changed(more(), requiring(scope("a"))), ["GET /items: gone, was `scope(b)`: GONE"]);
    let public = requiring(scope("a")).route("/health", get(done).public("liveness probe"));
    assert_eq!(
        changed(requiring(scope("a")), public),
        ["GET /health: new, is public: liveness probe: NEW PUBLIC"]
    );
}

#[test]
fn what_admits_more_stands_first() {
    let old = Api::new()
        .route("/a", get(done).requires(scope("a")))
        .route("/b", get(done).requires(scope("b")))
        .route("/c", get(done).requires(scope("c")));
    let new = Api::new()
        .route("/b", get(done).requires(scope("b") | scope("a")))
        .route("/c", get(done).public("a try"))
        .route("/d", get(done).requires(scope("d")));
    let kinds: Vec<ChangeKind> =
        lock(old).changes(&lock(new)).iter().map(palisade::lock::Change::kind).collect();
    assert_eq!(kinds, [ChangeKind::NewPublic, ChangeKind::Weaker, ChangeKind::New, ChangeKind::Gone]);
}

async fn by_key(_: Key) {}
async fn by_either(_: AnyOf<(Bearer, Key)>) {}
async fn by_both(_: Bearer, _: Key) {}
async fn by_key_if_any(_: Option<Key>) {}

#[test]
fn more_ways_in_are_weaker_and_fewer_are_stronger() {
    let key = || Api::new().route("/items", get(by_key).requires(scope("a")));
    let either = || Api::new().route("/items", get(by_either).requires(scope("a")));
    assert_eq!(
        changed(key(), either()),
        ["GET /items: was called by `Key`, is by `Bearer` or `Key`: WEAKER"]
    );
    assert_eq!(
        changed(either(), key()),
        ["GET /items: was called by `Bearer` or `Key`, is by `Key`: STRONGER"]
    );
    let both = || Api::new().route("/items", get(by_both).requires(scope("a")));
    assert_eq!(changed(both(), key()), ["GET /items: was called by `Bearer & Key`, is by `Key`: WEAKER"]);
    let weaker_by_other_means = Api::new().route("/items", get(by_either).requires(scope("a") & scope("b")));
    assert_eq!(
        changed(key(), weaker_by_other_means),
        ["GET /items: was `scope(a)`, is `scope(a) & scope(b)`; was called by `Key`, is by `Bearer` or \
          `Key`: CHANGED"]
    );
}

#[test]
fn a_public_route_that_learns_who_calls_is_changed() {
    let silent = Api::new().route("/items", get(done).public("free"));
    let knowing = Api::new().route("/items", get(by_key_if_any).public("free"));
    assert_eq!(
        changed(silent, knowing),
        ["GET /items: now knows the caller, lock::support::Caller: CHANGED"]
    );
}

/// Another who calls.
#[derive(Clone, Debug)]
struct Partner(Authority);

impl Principal for Partner {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
async fn partner(_: Query<()>) -> Partner {
    Partner(Authority::account("acme"))
}

#[test]
fn a_requirement_checked_for_somebody_else_is_changed() {
    let partners = || Router::<(), Partner>::new().route("/items", post(done).requires(scope("a")));
    assert_eq!(
        changed(requiring(scope("a")), partners()),
        ["principal lock::support::Caller: is lock::changes::Partner now: CHANGED"]
    );
    let others = || Router::<(), Partner>::new().route("/theirs", get(done).requires(scope("a")));
    let mine = || Api::new().route("/mine", get(done).requires(scope("a"))).merge(others());
    assert_eq!(
        changed(requiring(scope("a")).merge(mine()), partners().merge(mine())),
        ["POST /items: was for lock::support::Caller, is for lock::changes::Partner: CHANGED"]
    );
}

#[test]
fn layers_are_listed_and_their_order_counts() {
    let layer = || axum::middleware::map_response(|response: axum::response::Response| async { response });
    let plain = || requiring(scope("a"));
    assert_eq!(
        changed(plain(), plain().layer_named("cache", layer())),
        [
            "POST /items: has the new layer cache: CHANGED",
            "* /{*unmatched}: has the new layer cache: CHANGED"
        ]
    );
    assert_eq!(
        changed(plain().layer_named("cache", layer()), plain())[0],
        "POST /items: no longer has the layer cache: CHANGED"
    );
    let two = |one, other| plain().layer_named(one, layer()).layer_named(other, layer());
    assert_eq!(
        changed(two("cache", "cors"), two("cors", "cache"))[0],
        "POST /items: had the layers cors, cache, has cache, cors: CHANGED"
    );
}

#[test]
fn conditions_are_leaves_like_others() {
    let office = || address("office", ["192.0.2.0/24"]);
    assert_eq!(
        changed(requiring(scope("a") & office()), requiring(scope("a"))),
        [
            "POST /items: was `scope(a) & address(office)`, is `scope(a)`: WEAKER",
            "address(office): gone, was `192.0.2.0/24`: GONE",
        ]
    );
    let day = || hours("day", TimeWindow::daily((8, 0), (18, 0)));
    assert_eq!(from_to(scope("a") & day() | scope("a") & !day(), scope("a")), Vec::<String>::new());
}

/// What a policy asks is told by the types of a handler; here it is told by the text.
fn with_objects(facts: &str) -> Lock {
    let text = "version 1\n[principals]\nCaller\n    by: Key\n[routes]\nPUT /docs/{id}: scope(docs:write)\n";
    format!("{text}{facts}").parse().unwrap()
}

#[test]
fn what_is_asked_of_an_object_counts_like_what_is_asked_at_the_route() {
    let owner = "    object: Edit Doc asks relation(owner)\n";
    let either = "    object: Edit Doc asks relation(owner) | relation(editor)\n";
    let each = "    each: Edit Doc asks relation(owner)\n";
    let cases = [
        (owner, either, "Edit Doc was `relation(owner)`, is `relation(owner) | relation(editor)`: WEAKER"),
        (either, owner, "Edit Doc was `relation(owner) | relation(editor)`, is `relation(owner)`: STRONGER"),
        (owner, "", "Edit Doc no longer asks `relation(owner)`: WEAKER"),
        ("", owner, "Edit Doc now asks `relation(owner)`: STRONGER"),
        (
            owner,
            each,
            "Edit Doc no longer asks `relation(owner)`; Edit each Doc now asks `relation(owner)`: CHANGED",
        ),
    ];
    for (old, new, line) in cases {
        let (old, new) = (with_objects(old), with_objects(new));
        let lines: Vec<String> = old.changes(&new).iter().map(ToString::to_string).collect();
        assert_eq!(lines, [format!("PUT /docs/{{id}}: {line}")]);
        assert_eq!(old.to_string().parse(), Ok(old));
    }
    let twice = format!("{owner}    object: Edit Doc asks relation(owner) & relation(owner)\n");
    assert_eq!(with_objects(&twice).changes(&with_objects(owner)), [], "the same, said twice");
}
