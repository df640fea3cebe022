//! The book of roles and what it comes to, without a store.

#![expect(clippy::unwrap_used, reason = "tests panic to fail")]

use std::collections::{BTreeMap, BTreeSet};

use palisade_identity::{
    role::{Role, Roles},
    roles::{
        AuthorityMark, EffectiveRole, GrantChange, Grants, HeldChange, Holdings, RoleBook, RoleDefinition,
        RoleName, RoleRefused,
    },
};
use proptest::prelude::*;

fn name(text: &str) -> RoleName {
    text.parse().unwrap()
}

fn role(text: &str, includes: &[&str], scopes: &str) -> RoleDefinition {
    let includes = includes.iter().map(|text| name(text)).collect();
    RoleDefinition { name: name(text), includes, scopes: scopes.parse().unwrap() }
}

fn effective(book: &RoleBook, text: &str) -> EffectiveRole {
    book.effective().into_iter().find(|role| role.name.as_str() == text).unwrap()
}

#[test]
fn an_empty_book_knows_what_ships() {
    let book = RoleBook::default();
    let names: Vec<_> = book.effective().into_iter().map(|role| role.name.to_string()).collect();
    assert_eq!(names, ["user", "editor", "admin"]);
    let admin = effective(&book, "admin");
    assert!(admin.built_in && admin.own_scopes.is_empty());
    assert_eq!(
        (admin.includes, admin.closure),
        ([name("editor")].into(), [name("editor"), name("user")].into())
    );
    assert_eq!(admin.scopes, Role::Admin.scopes());
    assert_eq!(book.effective(), RoleBook::new([]).unwrap().effective());
}

#[test]
fn what_is_added_to_a_built_in_role_is_everybodys_above_it() {
    let book = RoleBook::new([role("editor", &[], "docs:write"), role("bot", &["editor"], "")]).unwrap();
    for (text, has) in [("user", false), ("editor", true), ("admin", true), ("bot", true)] {
        assert_eq!(effective(&book, text).scopes.contains("docs:write"), has, "{text}");
    }
    for role in [Role::User, Role::Editor, Role::Admin] {
        assert!(role.scopes().is_subset(&book.scopes_of(&role.into())), "nothing that ships is taken away");
    }
}

#[test]
fn several_parents_bring_what_each_has_once() {
    let roles = [
        role("top", &["left", "right"], "t"),
        role("left", &["base"], "l"),
        role("right", &["base"], "r"),
        role("base", &[], "b"),
    ];
    let top = effective(&RoleBook::new(roles).unwrap(), "top");
    assert_eq!(top.scopes.to_string(), "b l r t");
    assert_eq!(top.closure, ["base", "left", "right"].map(name).into());
}

#[test]
fn everything_has_a_bound() {
    let numbered = |n: usize| role(&format!("r{n}"), &[], "");
    let full = RoleBook::new((0..RoleBook::MOST).map(numbered)).unwrap();
    assert_eq!(full.with(numbered(RoleBook::MOST)), Err(RoleRefused::TooManyRoles));
    assert!(full.with(role("r0", &[], "changed")).is_ok());
    let includes = |count: usize| (0..count).map(|n| name(&format!("r{n}"))).collect();
    let many = |count| RoleDefinition { includes: includes(count), ..role("r255", &[], "") };
    assert!(full.with(many(RoleDefinition::MOST_INCLUDES)).is_ok());
    assert_eq!(full.with(many(RoleDefinition::MOST_INCLUDES + 1)), Err(RoleRefused::TooManyIncludes));
    let scopes = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
    assert!(full.with(role("r0", &[], &scopes(RoleDefinition::MOST_SCOPES))).is_ok());
    let refused = full.with(role("r0", &[], &scopes(RoleDefinition::MOST_SCOPES + 1)));
    assert_eq!(refused, Err(RoleRefused::TooManyScopes));
    let long = "x".repeat(RoleDefinition::LONGEST_SCOPE + 1);
    assert_eq!(full.with(role("r0", &[], &long)), Err(RoleRefused::ScopeTooLong));
}

/// Each includes the next: the longest way there is.
#[test]
fn attack_a_chain_of_all_roles() {
    let link = |n: usize| role(&format!("r{n}"), if n == 255 { &[] } else { &["next"] }, &n.to_string());
    let linked = |n: usize| {
        let next = (n < 255).then(|| name(&format!("r{}", n + 1)));
        RoleDefinition { includes: next.into_iter().collect(), ..link(n) }
    };
    let book = RoleBook::new((0..256).map(linked)).unwrap();
    assert_eq!(effective(&book, "r0").closure.len(), 255);
    let closed = RoleDefinition { includes: [name("r0")].into(), ..link(255) };
    let Err(RoleRefused::Cycle(circle)) = book.with(closed) else { panic!("a circle") };
    assert_eq!((circle.len(), &circle[0]), (257, &circle[256]));
}

/// As many roles as there can be, each with as many scopes as it can have, which begin alike and are as long as can be. Each
/// write and each first read after one works it all out, so it must not cost more than what is in it.
#[test]
fn attack_a_book_as_large_as_can_be() {
    let scopes = |role: usize| {
        let scope = |n: usize| format!("{}-{role:03}-{n:02}", "x".repeat(RoleDefinition::LONGEST_SCOPE - 7));
        (0..RoleDefinition::MOST_SCOPES).map(scope).collect::<Vec<_>>().join(" ")
    };
    let linked = |n: usize| {
        let next = (n + 1 < RoleBook::MOST).then(|| name(&format!("r{}", n + 1)));
        RoleDefinition { includes: next.into_iter().collect(), ..role(&format!("r{n}"), &[], &scopes(n)) }
    };
    let book = RoleBook::new((0..RoleBook::MOST).map(linked)).unwrap();
    let brought = |role: &str| book.scopes_of(&name(role)).iter().count();
    assert_eq!(brought("r0"), RoleBook::MOST * RoleDefinition::MOST_SCOPES);
    assert_eq!(brought("r254"), 2 * RoleDefinition::MOST_SCOPES);
}

#[test]
fn a_mark_changes_with_what_an_account_may_do_and_only_then() {
    let book = RoleBook::new([role("a", &[], "docs:read"), role("b", &[], "docs:read"), role("c", &[], "")]);
    let book = book.unwrap();
    let mark = |change: GrantChange| {
        let grants = Grants::default().changed(change, &book).unwrap();
        Holdings::of(Role::User.into(), &grants, &book).mark().clone()
    };
    let everywhere = |text: &str| GrantChange { tenant: None, held: HeldChange::With([name(text)].into()) };
    let within = |tenant: &str, roles: &[&str]| GrantChange {
        tenant: Some(tenant.parse().unwrap()),
        held: HeldChange::With(roles.iter().map(|text| name(text)).collect()),
    };
    let shipped = AuthorityMark::from(Roles::only(Role::User));
    assert_eq!(shipped.as_str(), "user");
    assert_eq!(mark(everywhere("c")), shipped, "it brings nothing");
    assert_eq!(mark(everywhere("a")), mark(everywhere("b")), "they bring the same");
    let all = [
        mark(everywhere("c")),
        mark(everywhere("a")),
        mark(within("acme", &[])),
        mark(within("acme", &["a"])),
        mark(within("acme", &["user"])),
        mark(within("acme", &["admin"])),
        mark(within("labs", &["a"])),
    ];
    let distinct: BTreeSet<_> = all.iter().map(AuthorityMark::as_str).collect();
    assert_eq!(distinct.len(), all.len(), "{all:?}");
}

/// Which roles of a few include which.
fn graphs() -> impl Strategy<Value = BTreeMap<u8, BTreeSet<u8>>> {
    let includes = proptest::collection::btree_set(0..8u8, 0..4);
    proptest::collection::btree_map(0..8u8, includes, 0..8)
}

/// All that can be reached from `start`, by one step and more.
fn reached(graph: &BTreeMap<u8, BTreeSet<u8>>, start: u8) -> BTreeSet<u8> {
    let mut found = graph.get(&start).cloned().unwrap_or_default();
    loop {
        let next: BTreeSet<u8> =
            found.iter().flat_map(|node| graph.get(node).into_iter().flatten()).copied().collect();
        let before = found.len();
        found.extend(next);
        if found.len() == before {
            return found;
        }
    }
}

proptest! {
    #[test]
    fn a_book_is_taken_just_when_all_is_known_and_nothing_includes_itself(graph in graphs()) {
        let of = |n: u8| name(&format!("r{n}"));
        let roles = graph.iter().map(|(n, includes)| RoleDefinition {
            name: of(*n),
            includes: includes.iter().copied().map(of).collect(),
            scopes: format!("s{n}").parse().unwrap(),
        });
        let known = graph.values().flatten().all(|included| graph.contains_key(included));
        let circle = graph.keys().any(|n| reached(&graph, *n).contains(n));
        match RoleBook::new(roles) {
            Ok(book) => {
                prop_assert!(known && !circle);
                for n in graph.keys() {
                    let role = effective(&book, of(*n).as_str());
                    let below = reached(&graph, *n);
                    prop_assert_eq!(role.closure, below.iter().copied().map(of).collect::<BTreeSet<_>>());
                    let scopes = below.iter().chain([n]).map(|n| format!("s{n}")).collect::<Vec<_>>();
                    prop_assert_eq!(role.scopes, scopes.join(" ").parse().unwrap());
                }
            }
            Err(RoleRefused::UnknownInclude(_)) => prop_assert!(!known),
            Err(RoleRefused::Cycle(way)) => {
                prop_assert!(circle && known);
                prop_assert_eq!(way.first(), way.last());
                let number = |name: &RoleName| name.as_str()[1..].parse::<u8>().unwrap();
                let is_step = |step: &[RoleName]| graph[&number(&step[0])].contains(&number(&step[1]));
                let all_steps = way.windows(2).all(is_step);
                prop_assert!(all_steps, "{way:?}");
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
