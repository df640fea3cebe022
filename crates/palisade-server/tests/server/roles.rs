//! Stored roles by commands beside a running server, which notices at once.

use serde_json::{Value, json};

use crate::program::{Place, Server};

fn add(place: &Place, name: &str, role: &str) {
    let password = format!("{}\n", crate::program::PASSWORD);
    let arguments = ["account", "add", name, "--email", "a@example.org", "--role", role];
    place.ok_with(&arguments, &password);
}

/// The scopes of `name` by a token asked for without any.
fn scopes(server: &Server, name: &str) -> String {
    let answer = server.sign_in_as(name, crate::program::PASSWORD, &[]).json();
    answer["scope"].as_str().unwrap().to_owned()
}

#[test]
fn a_role_is_set_given_and_taken_away_beside_a_running_server() {
    let place = Place::new();
    add(&place, "ada", "user");
    let server = place.serve();
    let shipped = "keys:write me:read me:write";
    assert_eq!(scopes(&server, "ada"), shipped);
    let told = place.ok(&["role", "set", "auditor", "--scope", "docs:read", "--scope", "docs:list"]);
    assert_eq!(told.trim_end(), "auditor brings docs:list docs:read");
    place.ok(&["role", "set", "chief", "--include", "auditor"]);
    let told = place.ok(&["account", "grant", "ada", "chief"]);
    assert_eq!(told.trim_end(), "ada holds everywhere: chief");
    assert_eq!(scopes(&server, "ada"), format!("docs:list docs:read {shipped}"));
    let told = place.ok(&["role", "set", "auditor"]);
    assert_eq!(told.trim_end(), "auditor brings no scope (before: docs:list docs:read)");
    assert_eq!(scopes(&server, "ada"), shipped);
    place.ok(&["role", "set", "user", "--scope", "docs:read"]);
    assert_eq!(scopes(&server, "ada"), format!("docs:read {shipped}"));
    assert_eq!(place.ok(&["role", "remove", "user"]).trim_end(), "user has what it ships with");
    assert_eq!(place.ok(&["account", "ungrant", "ada"]).trim_end(), "ada holds everywhere: no role");
    for name in ["chief", "auditor"] {
        assert_eq!(place.ok(&["role", "remove", name]).trim_end(), format!("{name} is removed"));
    }
    assert_eq!(scopes(&server, "ada"), shipped);
}

#[test]
fn an_admin_sees_what_a_command_has_done() {
    let place = Place::new();
    add(&place, "root", "admin");
    add(&place, "ada", "user");
    let server = place.serve();
    let token = server.sign_in("root");
    place.ok(&["role", "set", "auditor", "--scope", "docs:read"]);
    let told = place.ok(&["account", "grant", "ada", "editor", "auditor", "--tenant", "acme"]);
    assert_eq!(told.trim_end(), "ada is in acme: auditor, editor");
    let members = server.get("/admin/tenants/acme/members", &token).json();
    assert_eq!(members["members"][0]["roles"], json!(["auditor", "editor"]));
    let printed: Value = serde_json::from_str(&place.ok(&["account", "grants", "ada", "--json"])).unwrap();
    let id = members["members"][0]["id"].as_str().unwrap();
    assert_eq!(server.get(&format!("/admin/accounts/{id}/grants"), &token).json(), printed);
    let printed: Value = serde_json::from_str(&place.ok(&["role", "list", "--json"])).unwrap();
    assert_eq!(server.get("/admin/roles", &token).json()["roles"], printed);
    assert!(place.ok(&["role", "list"]).contains("auditor  stored"));
    assert!(place.ok(&["account", "grants", "ada"]).contains("acme        auditor, editor"));
    place.ok(&["account", "ungrant", "ada", "auditor", "--tenant", "acme"]);
    assert_eq!(
        place.ok(&["account", "ungrant", "ada", "--tenant", "acme"]).trim_end(),
        "ada is no member of acme"
    );
    assert_eq!(server.get("/admin/tenants/acme/members", &token).json()["members"], json!([]));
}

#[test]
fn a_mistake_with_roles_is_explained() {
    let place = Place::new();
    add(&place, "ada", "user");
    place.ok(&["role", "set", "a"]);
    place.ok(&["role", "set", "b", "--include", "a"]);
    place.ok(&["account", "grant", "ada", "b", "--tenant", "acme"]);
    for (arguments, words) in [
        (&["role", "set", "a", "--include", "b"][..], "`a` includes `b` includes `a`"),
        (&["role", "set", "c", "--include", "admin"], "cannot include `admin`"),
        (
            &["role", "set", "user", "--scope", "accounts:write"],
            "the built-in role `admin` alone brings that",
        ),
        (&["role", "set", "c", "--include", "nobody"], "palisade role list"),
        (&["role", "remove", "a"], "is included by `b`"),
        (&["role", "remove", "b"], "held by `ada` in the tenant `acme`"),
        (&["role", "remove", "c"], "there is no stored role `c`"),
        (&["account", "grant", "ada", "c"], "palisade role list"),
        (&["account", "grant", "ada", "editor"], "palisade account role NAME"),
        (&["account", "grant", "eve", "b"], "no account `eve`"),
        (&["account", "ungrant", "ada", "--tenant", "labs"], "no member of the tenant `labs`"),
    ] {
        let error = place.fails(arguments);
        assert!(error.contains(words), "{arguments:?}: {error}");
    }
    for arguments in [
        &["role", "set", "UPPER"][..],
        &["role", "set", "c", "--scope", "a b"],
        &["account", "grant", "ada"],
        &["account", "grant", "ada", "--tenant", "../x"],
    ] {
        assert_eq!(place.run_with(arguments, "").status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn who_can_call_what_is_told_by_the_roles_as_they_are_now() {
    let place = Place::new();
    add(&place, "root", "admin");
    let rows = |place: &Place| -> Vec<Value> {
        serde_json::from_str(&place.ok(&["routes", "--effective", "--json"])).unwrap()
    };
    let who = |rows: &[Value], method: &str, path: &str| -> Value {
        let row = rows.iter().find(|row| row["method"] == method && row["path"] == path).unwrap();
        row["roles"].clone()
    };
    let before = rows(&place);
    assert_eq!(who(&before, "GET", "/admin/accounts"), json!(["admin"]));
    assert_eq!(who(&before, "GET", "/me"), json!(["user", "editor", "admin"]));
    place.ok(&["role", "set", "auditor", "--scope", "docs:read"]);
    let after = rows(&place);
    assert_eq!(who(&after, "GET", "/me"), json!(["user", "editor", "admin", "auditor"]));
    assert_eq!(who(&after, "GET", "/admin/accounts"), json!(["admin"]), "what is stored makes no admin");
    let printed = place.ok(&["routes", "--effective"]);
    let line = |path: &str| printed.lines().find(|line| line.contains(path)).unwrap().to_owned();
    assert!(line("/admin/create").ends_with("  admin"), "{printed}");
    assert!(
        line("/healthz").ends_with("  anybody") && line("/sign-out-everywhere").ends_with("  every role")
    );
}
