//! The text: made to be read in a diff, and read back with the line of what is wrong.

use palisade::{
    lock::{InvalidLock, Lock},
    prelude::*,
    requirement::{address, header},
};

use crate::support::{Api, Caller, Key, Staff, done, lock, requiring};

async fn by_key(_: Key) {}
async fn greets(_: Option<Caller>, _: Option<Key>) {}

#[test]
fn the_whole_of_a_lock() {
    let layer = axum::middleware::map_response(|response: axum::response::Response| async { response });
    let api = Api::new()
        .route(
            "/items/{id}",
            get(done).requires(scope("items:read")).delete(done).requires(role(Staff::Admin)),
        )
        .route("/items", get(done).requires(scope("items:read")))
        .layer_named("cache", layer)
        .route(
            "/keyed",
            post(by_key).requires(scope("items:read") & address("office", ["192.0.2.1", "2001:db8::/32"])),
        )
        .route("/greet", get(greets).public("it greets everybody"))
        .route("/partner", get(done).requires(signed_in() & header("partner", "x-partner", "acme")));
    let expected = "\
# Who may call what. Palisade writes this file and compares it with the routes: a change here is a change of who may do what,
# and is to be reviewed as one. When it is meant: PALISADE_UPDATE_LOCK=1 cargo test
version 1

# Callers, and by which credentials they come. Routes that say nothing else are for the first of them, by its credentials.
[principals]
lock::support::Caller
    by: (nothing)

[routes]
GET /greet: public: it greets everybody
    knows: lock::support::Caller
    by: (nothing)
    by: Key
GET /items: scope(items:read)
    layer: cache
GET /items/{id}: scope(items:read)
    layer: cache
DELETE /items/{id}: role(admin)
    layer: cache
POST /keyed: scope(items:read) & address(office)
    by: Key
GET /partner: signed_in() & header(partner)
* /{*unmatched}: public: no route: 404, or 405 with `Allow` for another method of a known path; nothing runs
    layer: cache

[roles of lock::support::Staff]
admin
    includes: editor
editor
    includes: user
    bundles: items:write
user

[conditions]
address(office)
    network: 192.0.2.1/32
    network: 2001:db8::/32
header(partner)
    is: x-partner: acme
";
    let lock = lock(api);
    assert_eq!(lock.to_string(), expected);
    assert_eq!(expected.parse(), Ok(lock.clone()));
    assert_eq!(expected.replace('\n', "\r\n").parse(), Ok(lock), "as a checkout on Windows has it");
}

#[test]
fn a_longer_path_changes_no_other_line() {
    let before = lock(requiring(scope("a"))).to_string();
    let after = lock(requiring(scope("a")).route("/a/very/much/longer/path", get(done).requires(scope("b"))))
        .to_string();
    let added: Vec<&str> = after.lines().filter(|line| !before.lines().any(|other| other == *line)).collect();
    assert_eq!(added, ["GET /a/very/much/longer/path: scope(b)"]);
}

fn error(text: &str) -> String {
    text.parse::<Lock>().err().unwrap_or_else(|| panic!("it is read: {text}")).to_string()
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let lock =
        |rest: &str| format!("# a comment\nversion 1\n\n[principals]\nCaller\n    by: A\n[routes]\n{rest}");
    let cases = [
        ("GET /items scope(a)", "line 8: a route is written as `GET /path: requirement`"),
        ("GET /items: scope(a", "line 8: a `)` is missing at ``: a requirement is written as in"),
        ("GET /items: scoop(a)", "line 8: no leaf that is known"),
        (
            "GET /items: role(admin)",
            "line 8: no section `[roles of ..]`, or more than one, has the role `admin`",
        ),
        ("GET /items: scope(a)\nGET /items: scope(b)", "line 9: this route is there twice"),
        ("GET /items: scope(a)\n    lair: cache", "line 9: `lair` is not known here"),
        ("GET /items: scope(a)\n    knows: Caller", "line 9: `knows` is not known here"),
        ("GET /items: scope(a)\n  layer: cache", "line 9: a route is written as"),
        ("GET /items: scope(a)\n    cache", "line 9: what is indented is written as `key: value`"),
        ("    layer: cache", "line 8: it is indented, and below nothing"),
        ("GET /items: public: \"why", "line 8: a text in quotes is written as in JSON"),
        ("<<<<<<< ours\nGET /items: scope(a)", "line 8: `<<<<<<<` is left of a merge"),
        ("[rights]", "line 8: `[rights]` is not known, but `[principals]`"),
        ("[routes]", "line 8: `[routes]` is there twice"),
        ("[roles of Staff]\n[roles of \"Staff\"]", "line 9: `[roles of \"Staff\"]` is there twice"),
        ("[conditions]\naddress(a)\naddress(\"a\")", "line 10: this condition is there twice"),
        ("[conditions]\noffice", "line 9: a condition is written as `address(office)`"),
        ("[conditions]\nscope(a)", "line 9: a condition is `address(..)`, `hours(..)` or `header(..)`"),
        ("[conditions]\naddress(office)\n    network: here", "line 10: `here` is no network"),
        ("[conditions]\nhours(day)", "line 9: below it stands one line `is: ..`"),
        ("[roles of Staff]\nadmin\nadmin", "line 10: this role is there twice"),
        (
            "[roles of Staff]\nadmin\n    bundled: a",
            "line 10: `bundled` is not known here, but `includes` and `bundles`",
        ),
    ];
    for (rest, expected) in cases {
        let told = error(&lock(rest));
        assert!(told.starts_with(expected), "{rest}\n{told}");
    }
    assert_eq!(
        error("version 1\n[routes]\nGET /: scope(a)"),
        "line 3: it is guarded, and `[principals]` names nobody"
    );
    assert_eq!(
        error("version 1\n[principals]\nCaller\n    by: A\n\"Caller\"\n    by: B"),
        "line 5: this principal is there twice"
    );
    assert_eq!(lock("no").parse::<Lock>().as_ref().map_err(InvalidLock::line), Err(8));
}

#[test]
fn a_lock_of_another_version_or_another_file_is_refused() {
    let told = error("# of the future\nversion 2\n[routes]\nGET /: scope(a)\n");
    assert!(
        told.starts_with("line 2: the lock is of version 2, and this Palisade knows version 1"),
        "{told}"
    );
    for text in ["", "# nothing\n", "[routes]\n", "{\"routes\": []}"] {
        assert!(error(text).contains("a lock begins with `version 1`"), "{text}");
    }
}

/// As is read back what a merge would leave, and what only a person would write.
#[test]
fn what_no_router_is_made_of_is_written_as_it_was_read() {
    for text in [
        "[principals]\n\"=======\"\n    by: A\n[routes]\n\"=======x\" /: signed_in()",
        "[principals]\nCaller\n[routes]\nGET /a: signed_in()\nGET /b: signed_in()\n    by: A\nGET /c: signed_in()\n    by: A",
        "[principals]\nCaller\n[routes]\nGET /a: public: why\n    knows: Caller\nGET /b: signed_in()",
    ] {
        let lock: Lock = format!("version 1\n{text}").parse().unwrap();
        let written = lock.to_string();
        assert_eq!(written.parse().as_ref(), Ok(&lock), "{written}");
        assert_eq!(lock.changes(&written.parse().unwrap()), []);
    }
}
