//! What a requirement means, leaf by leaf, and how its refusals read.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use palisade::{prelude::*, requirement::Facts};
use serde_json::json;

use crate::support::{Api, Caller, MINUTE, Staff, done, serve, status};

fn holds(verdict: Verdict) -> Requirement {
    let name = match verdict {
        Verdict::True => "yes",
        Verdict::False => "no",
        Verdict::Unknown => "unknown",
    };
    check_async(name, move |_| Box::pin(std::future::ready(verdict)))
}

#[tokio::test]
async fn an_unknown_is_neither_yes_nor_no() {
    let (yes, no, unknown) = (holds(Verdict::True), holds(Verdict::False), holds(Verdict::Unknown));
    let cases = [
        (yes.clone() | unknown.clone(), 200),
        (unknown.clone() | yes.clone(), 200),
        (yes.clone() & unknown.clone(), 503),
        (unknown.clone() & yes.clone(), 503),
        (no.clone() & unknown.clone(), 403),
        (unknown.clone() & no.clone(), 403),
        (no.clone() | unknown.clone(), 503),
        (!unknown.clone(), 503),
        (!(unknown.clone() & yes.clone()), 503),
        (!(unknown.clone() & no.clone()), 200),
        (!no.clone(), 200),
        (!yes.clone(), 403),
        ((no.clone() & unknown.clone()) | yes.clone(), 200),
        ((yes | unknown) & no, 403),
    ];
    for (requirement, expected) in cases {
        let printed = requirement.to_string();
        assert_eq!(status(requirement, "account").await, expected, "{printed}");
    }
}

#[tokio::test]
async fn a_failure_of_a_check_is_unknown() {
    let failing = || check("quota", |_| Err::<bool, _>("the store does not answer"));
    assert_eq!(status(failing(), "account").await, 503);
    assert_eq!(status(!failing(), "account").await, 503);
    assert_eq!(status(failing() | scope("a"), "account~a").await, 200);
}

#[tokio::test]
async fn a_check_is_asked_only_where_the_answer_hangs_on_it_and_once() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let slow = check("slow", move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        true
    });
    let times = |expected| assert_eq!(asked.swap(0, Ordering::SeqCst), expected);

    assert_eq!(status(slow.clone() & scope("a"), "account").await, 403);
    times(0);
    assert_eq!(status(slow.clone() | scope("a"), "account~a").await, 200);
    times(0);
    assert_eq!(status(slow.clone() & scope("a"), "account~a").await, 200);
    times(1);
    let three_times = (slow.clone() & scope("b")) | (!slow.clone() & scope("a")) | slow.clone();
    assert_eq!(status(three_times, "account~a.b").await, 200);
    times(1);
    let (client, _) = serve(Api::new().route("/", get(done).requires(slow)));
    assert_eq!(client.get("/").send().await.status, 401, "nobody makes a back end work");
    times(0);
}

#[tokio::test]
async fn a_check_sees_the_caller_the_head_and_the_time() {
    let seen = check("seen", |facts: Facts<'_>| {
        facts.principal::<Caller>().is_some()
            && facts.head().headers.contains_key("x-office")
            && facts.now().as_unix() == crate::support::NOW
            && !facts.authority().is_delegated()
    });
    let (client, _) = serve(Api::new().route("/", get(done).requires(seen)));
    let client = client.bearer("account");
    assert_eq!(client.get("/").header("x-office", "yes").send().await.status, 200);
    assert_eq!(client.get("/").send().await.status, 403);
}

#[tokio::test]
async fn a_role_includes_those_below_it_and_none_above() {
    for (held, admitted) in
        [("user", [200, 403, 403]), ("editor", [200, 200, 403]), ("admin", [200, 200, 200])]
    {
        for (role, expected) in [Staff::User, Staff::Editor, Staff::Admin].into_iter().zip(admitted) {
            let token = format!("account~~{held}");
            assert_eq!(status(palisade::role(role), &token).await, expected, "{held} as {role:?}");
            let refused = if expected == 200 { 403 } else { 200 };
            assert_eq!(status(!palisade::role(role), &token).await, refused, "{held} as not {role:?}");
        }
    }
}

/// An admin's read-only key must not be an admin, and must not pass for "not an admin" either.
#[tokio::test]
async fn a_delegated_credential_satisfies_scopes_and_nothing_else() {
    for kind in ["delegated", "client"] {
        let token = format!("{kind}~a~admin~1");
        assert_eq!(status(scope("a"), &token).await, 200);
        let others = [
            signed_in(),
            undelegated(),
            role(Staff::User),
            role(Staff::Admin),
            !role(Staff::Admin),
            recent(MINUTE),
            scope("b"),
            scope("a") & role(Staff::Admin),
            scope("a") & signed_in(),
        ];
        for requirement in others {
            let printed = requirement.to_string();
            assert_eq!(status(requirement, &token).await, 403, "{kind}: {printed}");
        }
    }
    assert_eq!(
        status(scope("a") & role(Staff::Admin) & undelegated() & recent(MINUTE), "account~a~admin~60").await,
        200
    );
}

#[tokio::test]
async fn nobody_is_401_whatever_the_requirement_says() {
    for requirement in
        [signed_in(), !role(Staff::Admin), scope("a") | !role(Staff::User), holds(Verdict::True)]
    {
        let (client, ran) = serve(Api::new().route("/", get(done).requires(requirement)));
        let answer = client.get("/").send().await;
        assert_eq!((answer.status.as_u16(), ran.times()), (401, 0));
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        assert_eq!(answer.json()["detail"], "Not authenticated");
    }
}

#[tokio::test]
async fn a_bad_credential_is_401_and_a_silent_back_end_503() {
    let (client, ran) = serve(Api::new().route("/", get(done).requires(signed_in())));
    let bad = client.bearer("forged").get("/").send().await;
    assert_eq!(bad.status, 401);
    assert_eq!(bad.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
    let silent = client.bearer("unknown").get("/").send().await;
    assert_eq!((silent.status.as_u16(), silent.header("www-authenticate")), (503, None));
    assert!(!silent.text().contains("store"), "the cause is for the log");
    assert_eq!(ran.times(), 0);
}

#[tokio::test]
async fn a_refusal_names_the_scopes_that_would_do() {
    let challenge = |scopes: &str| Some(format!("Bearer error=\"insufficient_scope\", scope=\"{scopes}\""));
    let cases = [
        (scope("a") & scope("b"), "account~a", challenge("a b")),
        (scope("a") | scope("b"), "account", challenge("a")),
        (scope("a") & scope("b") | scope("c"), "account", challenge("c")),
        (scope("a") & scope("b") | scope("c"), "account~a", challenge("a b")),
        (role(Staff::Admin) | (scope("b") & scope("c")), "account~b", challenge("b c")),
        (role(Staff::Admin) & scope("a"), "account", None),
        (scope("a") & recent(MINUTE), "account~~~61", challenge("a")),
        (scope("a") & recent(MINUTE), "delegated~~~61", None),
        (signed_in(), "delegated~a", None),
    ];
    for (requirement, token, expected) in cases {
        let printed = requirement.to_string();
        let (client, _) = serve(Api::new().route("/", get(done).requires(requirement)));
        let answer = client.bearer(token).get("/").send().await;
        assert_eq!(answer.status, 403, "{printed}");
        assert_eq!(answer.header("www-authenticate"), expected.as_deref(), "{printed}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn a_sign_in_too_long_ago_can_be_renewed() {
    assert_eq!(status(recent(MINUTE), "account~~~60").await, 200);
    let (client, _) = serve(Api::new().route("/", get(done).requires(recent(MINUTE))));
    let answer = client.bearer("account~~~61").get("/").send().await;
    assert_eq!(answer.status, 403);
    let challenge = "Bearer error=\"insufficient_user_authentication\", max_age=\"60\"";
    assert_eq!(answer.header("www-authenticate"), Some(challenge));
    let delegated = client.bearer("delegated~~~1").get("/").send().await;
    assert_eq!((delegated.status.as_u16(), delegated.header("www-authenticate")), (403, None));
}

#[test]
fn a_requirement_prints_as_it_is_written() {
    let (a, b, c) = (|| scope("a"), || scope("b"), || scope("c"));
    let printed = [
        (a() & b() | c(), "scope(a) & scope(b) | scope(c)"),
        (a() & (b() | c()), "scope(a) & (scope(b) | scope(c))"),
        ((a() | b()) & (b() | c()), "(scope(a) | scope(b)) & (scope(b) | scope(c))"),
        (!(role(Staff::User) & role(Staff::Admin)), "!role(user) | !role(admin)"),
        (!!role(Staff::User), "role(user)"),
        (signed_in() & undelegated() & recent(MINUTE), "signed_in() & undelegated() & recent(60s)"),
        (recent(MINUTE / 40), "recent(1.5s)"),
        (check("office", |_| true), "check(office)"),
    ];
    for (requirement, expected) in printed {
        assert_eq!(requirement.to_string(), expected);
    }
}

/// A scope may contain parentheses (RFC 6749, section 3.3); a name is never taken for a rule.
#[test]
fn a_name_cannot_pass_for_a_requirement() {
    assert_eq!(scope("a)|scope(b").to_string(), "scope(\"a)|scope(b\")");
    assert_eq!(check("x) | signed_in(", |_| true).to_string(), "check(\"x) | signed_in(\")");
}

#[test]
fn a_requirement_is_data_and_words() {
    let requirement =
        scope("a") & (role(Staff::Editor) | !role(Staff::User)) & recent(MINUTE) & check("office", |_| true);
    let data = serde_json::to_value(&requirement).unwrap();
    let of = std::any::type_name::<Staff>();
    assert_eq!(
        data,
        json!({ "all": [
            { "scope": "a" },
            { "any": [{ "role": "editor", "of": of }, { "not": { "role": "user", "of": of } }] },
            { "recent": 60 },
            { "check": "office" },
        ]})
    );
    assert_eq!(
        requirement.in_words(),
        "Requires the scope `a` and (the role `editor` or not the role `user`) and a sign-in within the last 60s and that \
         `office` holds."
    );
}
