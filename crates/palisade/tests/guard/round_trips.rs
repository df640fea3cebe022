//! Statements as text and as data, and back: for every leaf there is, whatever it is called.

use std::time::Duration;

use palisade::{
    Factor, Requirement, Role, client, factor,
    prelude::{check, scope, signed_in, tenant, undelegated},
    recent,
    requirement::{Statement, TimeWindow, address, header, hours, relation},
    role,
};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{Caller, Staff};

/// Names that could be taken for something else.
const NAMES: [&str; 16] = [
    "plain",
    "",
    " ",
    "a b",
    "a in b",
    " in ",
    "a, b",
    "x) | scope(y",
    "!(&)|",
    "\"",
    "\\",
    "\"quoted\"",
    "\n\t\u{0}",
    "ünïcode",
    "日本",
    "🦀) & (",
];

/// A role with a name of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Odd(usize);

impl Role for Odd {
    const ALL: &'static [Self] = &[Self(2), Self(4), Self(6), Self(9), Self(13)];

    fn name(self) -> &'static str {
        NAMES[self.0]
    }

    fn includes(self) -> &'static [Self] {
        &[]
    }
}

fn leaves() -> Vec<Requirement> {
    let mut leaves = vec![signed_in(), undelegated(), role(Staff::Admin)];
    for name in NAMES {
        leaves.extend([
            client(name),
            tenant(name),
            scope("a").within(name),
            role(Staff::User).within(name),
            address(name, ["192.0.2.0/24"]),
            hours(name, TimeWindow::ALWAYS),
            header(name, "x-h", "v"),
            check(name, |_| true),
            relation(name, |_: &Caller, (): &()| true),
        ]);
    }
    leaves.extend(Odd::ALL.iter().map(|odd| role(*odd)));
    leaves.extend(Odd::ALL.iter().map(|odd| role(*odd).within("a in b")));
    leaves.extend(Factor::ALL.map(factor));
    leaves.extend(
        ["a", "in", "a,b", "(a)", "a|b&!c", "nobody", "anybody", "é".escape_unicode().to_string().as_str()]
            .iter()
            .filter_map(|name| palisade::scope::Scope::new(name).ok())
            .map(|name| scope(name.as_str())),
    );
    leaves
}

/// Both ways, also twice.
fn comes_back(requirement: &Requirement) {
    let statement = requirement.statement();
    for text in [statement.to_string(), format!("{statement:#}")] {
        let read: Statement = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        let written = if text == statement.to_string() { read.to_string() } else { format!("{read:#}") };
        assert_eq!(written, text);
    }
    let data = serde_json::to_value(&statement).unwrap();
    let read: Statement =
        serde_json::from_value(data.clone()).unwrap_or_else(|error| panic!("{data}: {error}"));
    assert_eq!(serde_json::to_value(&read).unwrap(), data);
    assert_eq!(format!("{read:#}"), format!("{statement:#}"));
    let text: Statement = format!("{statement:#}").parse().unwrap();
    assert_eq!(text, read, "text and data say the same");
    assert!(text.implies(&read) && read.implies(&text));
}

#[test]
fn every_leaf_comes_back_whatever_it_is_called() {
    for leaf in leaves() {
        comes_back(&leaf);
        comes_back(&!leaf);
    }
}

#[test]
fn every_duration_comes_back() {
    let whole = [0, 1, 59, 3600, 86_400 * 365, u64::MAX].map(Duration::from_secs);
    let parts = [Duration::from_millis(1500), Duration::from_millis(1), Duration::from_micros(250)];
    for age in whole.into_iter().chain(parts).chain([Duration::from_nanos(1)]) {
        comes_back(&recent(age));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_made_of_them_comes_back(picks in proptest::collection::vec((0..1000usize, 0..3u8), 1..7)) {
        let leaves = leaves();
        let mut made = leaves[picks[0].0 % leaves.len()].clone();
        for (at, joint) in &picks[1..] {
            let leaf = leaves[at % leaves.len()].clone();
            made = match joint {
                0 => made & leaf,
                1 => made | leaf,
                _ => !leaf & made,
            };
        }
        comes_back(&made);
    }

    #[test]
    fn no_text_breaks_the_reader(text in "[a-z(){}!&|, \"\\\\0-9.µin]{0,60}") {
        if let Ok(read) = text.parse::<Statement>() {
            prop_assert_eq!(read.to_string().parse::<Statement>().unwrap().to_string(), read.to_string());
        }
    }
}

#[test]
fn nobody_and_anybody_come_back_inside_of_others() {
    for data in [
        json!({ "any": [] }),
        json!({ "all": [] }),
        json!({ "all": [{ "any": [] }, "signed_in"] }),
        json!({ "any": [{ "all": [] }, { "scope": "a" }] }),
        json!({ "any": [{ "all": ["signed_in", { "any": [] }] }, { "any": [] }] }),
    ] {
        let read: Statement = serde_json::from_value(data.clone()).unwrap();
        let text = read.to_string();
        assert_eq!(
            text.parse::<Statement>().unwrap_or_else(|error| panic!("{data}: {error}")),
            read,
            "{text}"
        );
    }
}

/// To leave out what is not known would make it weaker.
#[test]
fn what_would_be_left_out_is_refused() {
    for data in [
        json!({ "scope": "a", "check": "c" }),
        json!({ "scope": "a", "and": "more" }),
        json!({ "all": ["signed_in"], "scope": "a" }),
        json!({ "all": ["signed_in"], "any": ["signed_in"] }),
        json!({ "not": { "check": "c" }, "scope": "a" }),
        json!({ "not": { "not": { "check": "c" } } }),
        json!({ "tenant": "org", "in": "other" }),
        json!({ "scope": "a", "in": 1 }),
        json!({ "check": "c", "of": "d" }),
        json!({ "recent": -1 }),
        json!({ "recent": "60" }),
        json!("scope"),
        json!(null),
    ] {
        assert!(serde_json::from_value::<Statement>(data.clone()).is_err(), "{data}");
    }
    for text in [
        "check(c in org)",
        "tenant(a, b)",
        "scope(a, b)",
        "client(a in b)",
        "signed_in(x)",
        "recent(340282366920938463463374607431768211455s)",
        "recent(60)",
        "recent(1.0000000001s)",
        "scope(a) &  scope(b)",
        "scope(a))",
        "(scope(a)",
        "!!scope(a)",
        "!(scope(a))",
        "nobodyscope(a)",
        "",
    ] {
        assert!(text.parse::<Statement>().is_err(), "{text}");
    }
}

/// Without a normal form, statements are compared as they are written.
#[test]
fn what_has_too_many_alternatives_is_read_back_too() {
    let many = ["(scope(a) | scope(b))"; 7].join(" & ");
    for text in
        [many.clone(), format!("(scope(c) | nobody) & {many}"), format!("anybody & (anybody & {many})")]
    {
        let statement: Statement = text.parse().unwrap();
        assert_eq!(statement.normalized().map(|normal| normal.to_string()), None);
        assert_eq!(statement.to_string().parse(), Ok(statement));
    }
}
