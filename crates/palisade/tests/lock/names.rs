//! Roles and conditions: what a name stands for is part of the lock.

use palisade::{
    prelude::*,
    requirement::{TimeWindow, address, header, hours},
};

use crate::support::{Staff, changed, done, lock, requiring};

mod before {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
    pub(super) enum Staff {
        User,
        Editor,
        #[role(includes(User))]
        Admin,
    }
}

mod wider {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
    pub(super) enum Staff {
        User,
        #[role(scopes("items:write"))]
        Editor,
        #[role(includes(Editor, User))]
        Admin,
    }
}

mod same {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
    pub(super) enum Staff {
        #[role(includes(User))]
        Admin,
        Editor,
        User,
    }
}

mod another {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
    pub(super) enum Customer {
        User,
        Admin,
    }
}

#[test]
fn roles_that_bring_more_are_weaker() {
    assert_eq!(
        changed(requiring(role(before::Staff::User)), requiring(role(wider::Staff::User))),
        [
            "role admin: now brings role editor, scope items:write: WEAKER",
            "role editor: now brings scope items:write: WEAKER",
            "roles of lock::names::before::Staff: are roles of lock::names::wider::Staff now: CHANGED",
        ]
    );
    assert_eq!(
        changed(requiring(role(wider::Staff::User)), requiring(role(before::Staff::User))),
        [
            "roles of lock::names::wider::Staff: are roles of lock::names::before::Staff now: CHANGED",
            "role admin: no longer brings role editor, scope items:write: STRONGER",
            "role editor: no longer brings scope items:write: STRONGER",
        ]
    );
}

#[test]
fn where_a_role_must_not_be_held_one_that_brings_less_lets_others_in() {
    let of = |requirement| {
        changed(requiring(signed_in() & requirement), requiring(signed_in() & !role(before::Staff::Editor)))
    };
    let lines = of(!role(wider::Staff::Editor));
    assert!(lines.iter().all(|line| line.ends_with(": CHANGED")) && lines.len() == 3, "{lines:#?}");
}

#[test]
fn the_order_in_which_roles_are_declared_is_no_change() {
    let lines = changed(requiring(role(before::Staff::Admin)), requiring(role(same::Staff::Admin)));
    assert_eq!(lines.len(), 1, "only where the type stands: {lines:#?}");
}

#[test]
fn requirements_are_compared_with_the_roles_as_they_are_now() {
    // The admin was no editor then, and is one now.
    let was = requiring(role(before::Staff::Admin) | role(before::Staff::Editor));
    let lines = changed(was, requiring(role(wider::Staff::Editor)));
    assert!(lines.iter().all(|line| line.starts_with("role")), "{lines:#?}");
}

#[test]
fn attack_a_role_of_the_same_name_and_another_type() {
    let lines = changed(requiring(role(before::Staff::Admin)), requiring(role(another::Customer::Admin)));
    assert_eq!(
        lines,
        [
            "roles of lock::names::before::Staff: are roles of lock::names::another::Customer now: CHANGED",
            "role admin: no longer brings role user: STRONGER",
            "role editor: gone from lock::names::another::Customer: GONE",
        ]
    );
}

#[test]
fn attack_a_role_of_another_type_that_is_used_already() {
    let beside = |requirement: Requirement| {
        let other = role(before::Staff::Admin) | role(another::Customer::Admin);
        requiring(requirement).route("/other", get(done).requires(other))
    };
    assert_eq!(
        changed(beside(role(before::Staff::Admin)), beside(role(another::Customer::Admin))),
        ["POST /items: was `role(admin, lock::names::before::Staff)`, is \
          `role(admin, lock::names::another::Customer)`: CHANGED"]
    );
}

#[test]
fn attack_a_type_of_the_same_name_in_another_module() {
    let lines = changed(requiring(role(before::Staff::User)), requiring(role(wider::Staff::User)));
    assert_eq!(
        lines[2..],
        ["roles of lock::names::before::Staff: are roles of lock::names::wider::Staff now: CHANGED"]
    );
}

#[test]
fn the_type_stands_beside_a_role_where_its_name_alone_does_not_say_which_it_is() {
    let requirement =
        role(before::Staff::Admin) & role(before::Staff::Editor) | role(another::Customer::Admin);
    let both = lock(requiring(requirement));
    let text = both.to_string();
    let line = "POST /items: role(admin, lock::names::before::Staff) & role(editor) | \
                role(admin, lock::names::another::Customer)\n";
    assert!(text.contains(line), "{text}");
    assert_eq!(text.parse(), Ok(both));
}

#[test]
fn a_role_type_says_who_brings_what() {
    let text = lock(requiring(role(Staff::Editor))).to_string();
    let (_, section) = text.split_once("[roles of lock::support::Staff]\n").unwrap();
    assert_eq!(
        section,
        "admin\n    includes: editor\neditor\n    includes: user\n    bundles: items:write\nuser\n"
    );
}

#[test]
fn addresses_are_compared_by_containment() {
    let at = |networks: &[&str]| requiring(signed_in() & address("office", networks.iter().copied()));
    let line = |how: &str| vec![format!("address(office): {how}")];
    assert_eq!(
        changed(at(&["192.0.2.0/25"]), at(&["192.0.2.0/24"])),
        line("was `192.0.2.0/25`, is `192.0.2.0/24`: WEAKER")
    );
    assert_eq!(
        changed(at(&["192.0.2.0/24", "2001:db8::/32"]), at(&["192.0.2.0/24"])),
        line("was `192.0.2.0/24 2001:db8::/32`, is `192.0.2.0/24`: STRONGER")
    );
    assert_eq!(
        changed(at(&["192.0.2.0/24"]), at(&["198.51.100.0/24"])),
        line("was `192.0.2.0/24`, is `198.51.100.0/24`: CHANGED")
    );
    assert!(
        changed(at(&["192.0.2.0/25", "192.0.2.128/25"]), at(&["192.0.2.0/24"])).is_empty(),
        "the same addresses"
    );
    let not = |network| requiring(signed_in() & !address("office", [network]));
    assert_eq!(
        changed(not("192.0.2.0/24"), not("192.0.2.0/25")),
        line("was `192.0.2.0/24`, is `192.0.2.0/25`: CHANGED")
    );
}

#[test]
fn hours_are_compared_by_the_moments_in_them_and_headers_are_the_same_or_changed() {
    let day = |window: TimeWindow| requiring(signed_in() & hours("day", window));
    let daily = |from, until| TimeWindow::daily((from, 0), (until, 0));
    let office = || daily(8, 18).on_weekdays();
    let cases = [
        (daily(8, 20).on_weekdays(), "mon-fri 08:00-20:00", "WEAKER"),
        (daily(8, 18), "08:00-18:00", "WEAKER"),
        (daily(9, 17).on_weekdays(), "mon-fri 09:00-17:00", "STRONGER"),
        (daily(10, 20).on_weekdays(), "mon-fri 10:00-20:00", "CHANGED"),
    ];
    for (window, printed, which) in cases {
        let line = format!("hours(day): was `mon-fri 08:00-18:00`, is `{printed}`: {which}");
        assert_eq!(changed(day(office()), day(window)), [line]);
    }
    let partner = |value| requiring(signed_in() & header("partner", "x-partner", value));
    assert_eq!(
        changed(partner("acme"), partner("ACME")),
        ["header(partner): was `x-partner: acme`, is `x-partner: ACME`: CHANGED"]
    );
    assert!(changed(partner("acme"), partner("acme")).is_empty());
}
