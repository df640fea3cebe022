//! What each cell says: it follows from the requirement, and from nothing else.

use std::time::Duration;

use palisade::{prelude::*, requirement::address};

use crate::{Api, Staff, between, done, picture};

/// Who could call a route that requires this: the columns, each with `yes`, `no`, or what else must hold.
fn cells(api: Api) -> Vec<(String, String)> {
    let page = picture(api);
    let (_, page) = page.split_once("<thead>").unwrap();
    let heads: Vec<&str> = between(page, "><span>", "</span></th>");
    let (_, row) = page.split_once("<code>/<wbr>x").unwrap();
    let (row, _) = row.split_once("</tr>").unwrap();
    let cells = between(row, "<td ", "</td>").into_iter().map(|cell| match cell {
        cell if cell.starts_with("class=\"y\"") => "yes".to_owned(),
        cell if cell.starts_with("class=\"n\"") => "no".to_owned(),
        cell => between(cell, "<code>", "</code>").concat(),
    });
    heads.iter().map(|head| (*head).to_owned()).zip(cells).collect()
}

fn said(requirement: Requirement) -> String {
    let api = Api::new()
        .route("/x", get(done).requires(requirement))
        .route("/all", get(done).requires(role(Staff::User) | scope("a") | scope("items:write")));
    let cells = cells(api);
    assert_eq!(cells.len(), 7);
    cells.into_iter().map(|(who, what)| format!("{who}: {what}")).collect::<Vec<_>>().join(", ")
}

#[test]
fn each_column_is_somebody_with_just_that() {
    let cases = [
        (
            signed_in(),
            "anybody: no, signed in: yes, user: yes, editor: yes, admin: yes, a: no, items:write: no",
        ),
        (
            undelegated() & recent(Duration::from_secs(60)),
            "anybody: no, signed in: yes, user: yes, editor: yes, admin: yes, a: no, items:write: no",
        ),
        (
            role(Staff::Editor),
            "anybody: no, signed in: no, user: no, editor: yes, admin: yes, a: no, items:write: no",
        ),
        (
            !role(Staff::Editor),
            "anybody: no, signed in: yes, user: yes, editor: no, admin: no, a: no, items:write: no",
        ),
        // Editors hold the scope that is bundled into their role; whoever else signed in may hold it or not.
        (
            scope("items:write"),
            "anybody: no, signed in: scope(items:write), user: scope(items:write), editor: yes, admin: yes, \
             a: scope(items:write), items:write: yes",
        ),
        (
            scope("items:write") & role(Staff::Editor),
            "anybody: no, signed in: no, user: no, editor: yes, admin: yes, a: no, items:write: no",
        ),
        (
            scope("a") & (role(Staff::Admin) | scope("items:write")),
            "anybody: no, signed in: scope(a) &amp; scope(items:write), user: scope(a) &amp; scope(items:write), \
             editor: scope(a), admin: scope(a), a: scope(items:write), items:write: scope(a)",
        ),
        (
            signed_in() & address("office", ["192.0.2.0/24"]),
            "anybody: no, signed in: address(office), user: address(office), editor: address(office), \
             admin: address(office), a: no, items:write: no",
        ),
        (
            signed_in() & factor(Factor::HardwareKey) | role(Staff::Admin),
            "anybody: no, signed in: factor(hwk), user: factor(hwk), editor: factor(hwk), admin: yes, a: no, \
             items:write: no",
        ),
        (
            client("app") & scope("a"),
            "anybody: no, signed in: client(app) &amp; scope(a), user: client(app) &amp; scope(a), \
             editor: client(app) &amp; scope(a), admin: client(app) &amp; scope(a), a: client(app), \
             items:write: client(app) &amp; scope(a)",
        ),
    ];
    for (requirement, expected) in cases {
        let words = requirement.to_string();
        assert_eq!(said(requirement), expected, "{words}");
    }
}

#[test]
fn what_is_held_in_a_tenant_is_more_than_holding_it() {
    let at = |requirement: Requirement| {
        let api = Api::new().route("/x/{org}", get(done).requires(requirement));
        cells(api).into_iter().map(|(_, what)| what).collect::<Vec<_>>()
    };
    assert_eq!(
        at(role(Staff::Editor).within("org")),
        ["no", "no", "no", "role(editor in org)", "role(editor in org)"]
    );
    assert_eq!(at(tenant("org")), ["no", "tenant(org)"], "no role and no scope is asked for anywhere");
}

#[test]
fn what_is_public_is_open_to_all() {
    let api = Api::new()
        .route("/x", get(done).public("free"))
        .route("/y", get(done).requires(role(Staff::User) & scope("a")));
    let cells = cells(api);
    assert!(cells.len() == 6 && cells.iter().all(|(_, what)| what == "yes"), "{cells:?}");
}
