//! Properties of every requirement: what may be rewritten without changing who is admitted, and what may not be confused.

use std::collections::HashMap;

use palisade::{
    Requirement, Role,
    prelude::{Verdict, check, get, role, scope, signed_in},
};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{Api, Staff, faults, status};

/// A random requirement, for what it says rather than for what it is.
#[derive(Clone, Debug)]
enum Said {
    Scope(u8),
    Role(u8),
    Check(u8),
    SignedIn,
    Not(Box<Said>),
    And(Box<Said>, Box<Said>),
    Or(Box<Said>, Box<Said>),
}

const SCOPES: [&str; 3] = ["a", "b", "c"];
const ROLES: [Staff; 3] = [Staff::User, Staff::Editor, Staff::Admin];

fn said() -> impl Strategy<Value = Said> {
    let leaf = prop_oneof![
        (0..3u8).prop_map(Said::Scope),
        (0..3u8).prop_map(Said::Role),
        (0..3u8).prop_map(Said::Check),
        Just(Said::SignedIn),
        // Only what can be negated.
        (0..3u8).prop_map(|role| Said::Not(Box::new(Said::Role(role)))),
        (0..3u8).prop_map(|check| Said::Not(Box::new(Said::Check(check)))),
    ];
    leaf.prop_recursive(4, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Said::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Said::Or(Box::new(a), Box::new(b))),
        ]
    })
}

/// The verdicts of the three checks.
const VERDICTS: [(&str, Verdict); 3] =
    [("yes", Verdict::True), ("no", Verdict::False), ("unknown", Verdict::Unknown)];

fn yes(_: palisade::requirement::Facts<'_>) -> Verdict {
    Verdict::True
}
fn no(_: palisade::requirement::Facts<'_>) -> Verdict {
    Verdict::False
}
fn unknown(_: palisade::requirement::Facts<'_>) -> Verdict {
    Verdict::Unknown
}

impl Said {
    fn requirement(&self) -> Requirement {
        match self {
            Self::Scope(at) => scope(SCOPES[usize::from(*at)]),
            Self::Role(at) => role(ROLES[usize::from(*at)]),
            Self::Check(0) => check("yes", yes),
            Self::Check(1) => check("no", no),
            Self::Check(_) => check("unknown", unknown),
            Self::SignedIn => signed_in(),
            Self::Not(inner) => !inner.requirement(),
            Self::And(a, b) => a.requirement() & b.requirement(),
            Self::Or(a, b) => a.requirement() | b.requirement(),
        }
    }

    /// Kleene's tables, written a second time and from the leaves up.
    fn verdict(&self, caller: &Caller) -> i8 {
        let truth = |holds: bool| if holds { 1 } else { -1 };
        match self {
            Self::Scope(at) => truth(caller.scopes & (1 << at) != 0),
            Self::Role(at) => truth(!caller.delegated && caller.role.is_some_and(|role| role >= *at)),
            Self::Check(at) => [1, -1, 0][usize::from(*at)],
            Self::SignedIn => truth(!caller.delegated),
            Self::Not(inner) => match &**inner {
                Self::Role(_) if caller.delegated => -1,
                inner => -inner.verdict(caller),
            },
            Self::And(a, b) => a.verdict(caller).min(b.verdict(caller)),
            Self::Or(a, b) => a.verdict(caller).max(b.verdict(caller)),
        }
    }
}

#[derive(Clone, Debug)]
struct Caller {
    delegated: bool,
    scopes: u8,
    role: Option<u8>,
}

impl Caller {
    fn token(&self) -> String {
        let scopes: Vec<&str> =
            (0..3).filter(|at| self.scopes & (1 << at) != 0).map(|at| SCOPES[at]).collect();
        let role = self.role.map_or("", |role| ["user", "editor", "admin"][usize::from(role)]);
        format!("{}~{}~{role}", if self.delegated { "delegated" } else { "account" }, scopes.join("."))
    }
}

fn caller() -> impl Strategy<Value = Caller> {
    (proptest::bool::ANY, 0..8u8, proptest::option::of(0..3u8)).prop_map(|(delegated, scopes, role)| Caller {
        delegated,
        scopes,
        role,
    })
}

fn answered(requirement: Requirement, caller: &Caller) -> u16 {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(status(requirement, &caller.token()))
}

fn starts(requirement: &Requirement) -> bool {
    faults(Api::new().route("/", get(crate::support::done).requires(requirement.clone()))).is_empty()
}

/// The requirement read back from its data.
fn read(data: &Value) -> Requirement {
    let list = |parts: &Value| parts.as_array().unwrap().iter().map(read).collect::<Vec<_>>();
    let checks = HashMap::from([
        ("yes", check("yes", yes)),
        ("no", check("no", no)),
        ("unknown", check("unknown", unknown)),
    ]);
    match data {
        Value::String(leaf) if leaf == "signed_in" => signed_in(),
        data if data["scope"].is_string() => scope(data["scope"].as_str().unwrap()),
        data if data["role"].is_string() => {
            role(ROLES.into_iter().find(|role| role.name() == data["role"]).unwrap())
        }
        data if data["check"].is_string() => checks[data["check"].as_str().unwrap()].clone(),
        data if data["not"].is_object() => !read(&data["not"]),
        data if data["all"].is_array() => list(&data["all"]).into_iter().reduce(|a, b| a & b).unwrap(),
        data => list(&data["any"]).into_iter().reduce(|a, b| a | b).unwrap(),
    }
}

/// The requirement read back from its text by a small parser of its own: `!` before `&` before `|`.
fn parse(text: &str) -> Said {
    let mut rest = text;
    let said = parse_or(&mut rest);
    assert_eq!(rest, "", "all of {text} is read");
    said
}

fn parse_or(rest: &mut &str) -> Said {
    let mut left = parse_and(rest);
    while let Some(after) = rest.strip_prefix(" | ") {
        *rest = after;
        left = Said::Or(Box::new(left), Box::new(parse_and(rest)));
    }
    left
}

fn parse_and(rest: &mut &str) -> Said {
    let mut left = parse_leaf(rest);
    while let Some(after) = rest.strip_prefix(" & ") {
        *rest = after;
        left = Said::And(Box::new(left), Box::new(parse_leaf(rest)));
    }
    left
}

fn parse_leaf(rest: &mut &str) -> Said {
    if let Some(after) = rest.strip_prefix('!') {
        *rest = after;
        return Said::Not(Box::new(parse_leaf(rest)));
    }
    if let Some(after) = rest.strip_prefix('(') {
        *rest = after;
        let inner = parse_or(rest);
        *rest = rest.strip_prefix(')').expect("a closing parenthesis");
        return inner;
    }
    let (word, after) = rest.split_once('(').expect("a leaf");
    let (name, after) = after.split_once(')').expect("its end");
    *rest = after;
    let at = |names: &[&str]| u8::try_from(names.iter().position(|known| *known == name).unwrap()).unwrap();
    match word {
        "scope" => Said::Scope(at(&SCOPES)),
        "role" => Said::Role(at(&["user", "editor", "admin"])),
        "check" => Said::Check(at(&VERDICTS.map(|(name, _)| name))),
        _ => Said::SignedIn,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_server_answers_what_the_truth_tables_say(said in said(), caller in caller()) {
        let requirement = said.requirement();
        prop_assume!(starts(&requirement));
        let expected = match said.verdict(&caller) { 1 => 200, 0 => 503, _ => 403 };
        prop_assert_eq!(answered(requirement, &caller), expected);
    }

    #[test]
    fn the_normal_form_admits_whom_the_requirement_admits(said in said(), caller in caller()) {
        let requirement = said.requirement();
        prop_assume!(starts(&requirement));
        let normal = requirement.normalized().unwrap();
        prop_assert!(normal.to_string().matches(" | ").count() < 64);
        prop_assert_eq!(normal.normalized().unwrap().to_string(), normal.to_string(), "a normal form is normal");
        prop_assert_eq!(answered(normal, &caller), answered(requirement, &caller));
    }

    #[test]
    fn negation_follows_de_morgan(a in said(), b in said()) {
        let (a, b) = (|| a.requirement(), || b.requirement());
        prop_assert_eq!((!(a() & b())).to_string(), (!a() | !b()).to_string());
        prop_assert_eq!((!(a() | b())).to_string(), (!a() & !b()).to_string());
        prop_assert_eq!((!!a()).to_string(), a().to_string());
    }

    #[test]
    fn what_is_printed_reads_back_as_the_same_requirement(said in said(), caller in caller()) {
        let printed = said.requirement().to_string();
        let read = parse(&printed);
        prop_assert_eq!(read.requirement().to_string(), printed);
        prop_assert_eq!(read.verdict(&caller), said.verdict(&caller));
    }

    #[test]
    fn what_is_serialised_reads_back_as_the_same_requirement(said in said()) {
        let requirement = said.requirement();
        let data = serde_json::to_value(&requirement).unwrap();
        prop_assert_eq!(read(&data).to_string(), requirement.to_string());
    }
}
