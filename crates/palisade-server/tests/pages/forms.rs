//! What the pages do, over HTTP and without a script.

use crate::{
    process::Server,
    visitor::{OWN_PAGE, PASSWORD, Visitor, between, html},
};

#[test]
fn whoever_is_not_signed_in_is_led_to_the_sign_in_and_back() {
    let server = Server::start();
    let mut ada = Visitor::signed_up(&server, "ada");
    assert_eq!(ada.get("/").header("location"), "/account");
    let mut visitor = Visitor::of(&server);
    assert_eq!(visitor.get("/").header("location"), "/sign-in");
    let answer = visitor.get("/account/api-keys?x=1");
    assert_eq!((answer.status, answer.header("www-authenticate")), (303, ""));
    let sign_in = answer.header("location").to_owned();
    assert_eq!(sign_in, "/sign-in?next=%2Faccount%2Fapi%2Dkeys%3Fx%3D1");
    let page = html(&visitor.get(&sign_in));
    let next = between(&page, "name=\"next\" value=\"", "\"");
    let answer = visitor.post("/sign-in", &[("username", "ada"), ("password", PASSWORD), ("next", next)]);
    assert_eq!(answer.header("location"), "/account/api-keys?x=1");
    assert_eq!(visitor.get("/account/api-keys?x=1").status, 200);
}

#[test]
fn a_form_sent_without_a_session_leads_to_the_page_it_stood_on() {
    let server = Server::start();
    let answer = Visitor::of(&server).post("/account/api-keys/revoke", &[("key", "x")]);
    assert_eq!((answer.status, answer.header("location")), (303, "/sign-in?next=%2Faccount%2Fapi%2Dkeys"));
}

#[test]
fn faults_stand_at_their_fields_and_what_was_typed_stays() {
    let server = Server::start();
    let fields = [("username", "ada lovelace"), ("email", "nowhere"), ("password", "short")];
    let answer = Visitor::of(&server).post("/sign-up", &fields);
    assert_eq!(answer.status, 422);
    let page = html(&answer);
    assert!(page.contains("There are 2 problems"), "{page}");
    assert!(page.contains("value=\"ada lovelace\""), "{page}");
    assert!(page.contains("value=\"nowhere\""), "{page}");
    assert!(
        page.contains("aria-describedby=\"username-hint username-fault\" aria-invalid=\"true\" autofocus")
    );
    assert!(page.contains("<a href=\"#email\">"), "{page}");
}

#[test]
fn a_name_that_is_taken() {
    let server = Server::start();
    Visitor::signed_up(&server, "ada");
    let answer = Visitor::of(&server).sign_up("ADA");
    assert_eq!(answer.status, 422);
    assert!(html(&answer).contains("<a href=\"#username\">This name is taken."), "{}", html(&answer));
}

#[test]
fn another_password_ends_the_other_sessions_and_renews_this_one() {
    let server = Server::start();
    let mut ada = Visitor::signed_up(&server, "ada");
    let mut beside = Visitor::of(&server);
    assert_eq!(beside.sign_in("ada", PASSWORD).status, 303);
    let before = ada.cookie.clone();
    let fields = [("current_password", PASSWORD), ("new_password", "another-9-battery")];
    let answer = ada.post("/account/password", &fields);
    assert_eq!(answer.header("location"), "/account?done=password-changed", "{answer:?}");
    assert!(ada.is_signed_in() && !beside.is_signed_in());
    let mut thief = Visitor::of(&server);
    thief.cookie = before;
    assert!(!thief.is_signed_in());
    assert_eq!(Visitor::of(&server).sign_in("ada", PASSWORD).status, 422);
    assert_eq!(Visitor::of(&server).sign_in("ada", "another-9-battery").status, 303);
}

#[test]
fn a_wrong_current_password_changes_nothing() {
    let server = Server::start();
    let mut ada = Visitor::signed_up(&server, "ada");
    let fields = [("current_password", "wrong"), ("new_password", "another-9-battery")];
    let page = html(&ada.post("/account/password", &fields));
    assert!(page.contains("<a href=\"#current_password\">This is not your current password"), "{page}");
    assert_eq!(Visitor::of(&server).sign_in("ada", PASSWORD).status, 303);
}

#[test]
fn signing_out_ends_the_session() {
    let server = Server::start();
    let mut ada = Visitor::signed_up(&server, "ada");
    let before = ada.cookie.clone();
    assert!(html(&ada.get("/sign-out")).contains("<button>Sign out</button>"));
    assert!(ada.is_signed_in(), "looking at the page signs nobody out");
    assert_eq!(ada.post("/sign-out", &[]).header("location"), "/sign-in?done=signed-out");
    assert_eq!(ada.cookie, None);
    ada.cookie = before;
    assert!(!ada.is_signed_in());
    // Once more does no harm.
    assert_eq!(ada.post("/sign-out", &[]).status, 303);
}

#[test]
fn a_key_is_shown_once_rotated_and_revoked() {
    let server = Server::start();
    let mut ada = Visitor::signed_up(&server, "ada");
    let fields = [("name", "backup"), ("scopes", "me:read"), ("days", "30")];
    let first = key_in(&html(&ada.post("/account/api-keys", &fields)));
    assert_eq!(me(&server, &first), 200);
    let page = html(&ada.get("/account/api-keys"));
    assert!(page.contains("backup") && !page.contains(&first), "{page}");
    let id = between(&page, "name=\"key\" value=\"", "\"").to_owned();
    let second = key_in(&html(&ada.post("/account/api-keys/rotate", &[("key", &id)])));
    assert_eq!((me(&server, &first), me(&server, &second)), (200, 200));
    assert_eq!(ada.post("/account/api-keys/rotate", &[("key", &id)]).status, 409);
    assert_eq!(
        ada.post("/account/api-keys/revoke", &[("key", &id)]).header("location"),
        "/account/api-keys?done=key-revoked"
    );
    assert_eq!((me(&server, &first), me(&server, &second)), (401, 200));
}

#[test]
fn a_key_with_nothing_to_do_is_not_made() {
    let server = Server::start();
    let mut ada = Visitor::signed_up(&server, "ada");
    let answer = ada.post("/account/api-keys", &[("name", "backup"), ("days", "4000")]);
    assert_eq!(answer.status, 422);
    let page = html(&answer);
    assert!(page.contains("<a href=\"#scopes\">") && page.contains("<a href=\"#days\">"), "{page}");
    assert!(page.contains("value=\"backup\""), "{page}");
    // Not held, though a form can ask for it.
    let more = [("name", "x"), ("scopes", "accounts:write"), ("days", "7")];
    assert_eq!(ada.post("/account/api-keys", &more).status, 422);
}

#[test]
fn what_is_not_there_and_what_cannot_be_done_is_told_by_a_page() {
    let server = Server::start();
    let mut ada = Visitor::signed_up(&server, "ada");
    let nothing = ada.get("/account/nothing");
    assert_eq!(nothing.status, 404);
    assert!(html(&nothing).contains("<h1>There is nothing here</h1>"));
    let put = ada.send("PUT", "/sign-in", &[], "");
    assert_eq!((put.status, put.header("allow")), (405, "GET,HEAD,POST"));
    assert!(html(&put).contains("<h1>This could not be done</h1>"));
    let twice = ada.post("/sign-in", &[("username", "a"), ("username", "b")]);
    assert_eq!(twice.status, 422);
    assert!(html(&twice).contains("<h1>This could not be done</h1>"));
}

#[test]
fn too_many_wrong_passwords_are_told_when_to_come_back() {
    let server = Server::start_with(&[("LIMITS__SIGN_IN_BURST", "2")]);
    let mut visitor = Visitor::of(&server);
    for _ in 0..2 {
        assert_eq!(visitor.sign_in("nobody", "wrong").status, 422);
    }
    let limited = visitor.sign_in("nobody", "wrong");
    assert_eq!(limited.status, 429);
    assert!(!limited.header("retry-after").is_empty());
    assert!(html(&limited).contains("Try again in "), "{}", html(&limited));
}

#[test]
fn the_pages_stand_in_the_access_table_and_not_in_the_api_document() {
    let server = Server::start();
    let mut visitor = Visitor::of(&server);
    let document = visitor.get("/openapi.json").json();
    let documented = document["paths"].as_object().unwrap();
    for page in ["/", "/sign-in", "/account", "/account/api-keys", "/assets/palisade.css"] {
        assert!(!documented.contains_key(page), "{page}");
    }
    let table =
        std::process::Command::new(env!("CARGO_BIN_EXE_palisade")).args(["routes", "--json"]).output();
    let table: serde_json::Value = serde_json::from_slice(&table.unwrap().stdout).unwrap();
    let requires = |method: &str, path: &str| {
        let mut rows = table.as_array().unwrap().iter();
        let row = rows.find(|row| row["method"] == method && row["path"] == path);
        row.unwrap_or_else(|| panic!("{method} {path}"))["requires"].as_str().map(str::to_owned)
    };
    let changes = "undelegated() & recent(900s)";
    assert_eq!(requires("GET", "/account/api-keys").as_deref(), Some("undelegated()"));
    assert_eq!(requires("POST", "/account/api-keys").as_deref(), Some(changes));
    assert_eq!(requires("POST", "/account/password").as_deref(), Some(changes));
    assert_eq!(requires("POST", "/sign-in"), None);
}

#[test]
fn the_link_of_a_message_is_used_up_by_the_button_alone() {
    let server = Server::start();
    let mut visitor = Visitor::of(&server);
    for path in ["/reset-password", "/verify-email"] {
        let page = html(&visitor.get(&format!("{path}?token=abc%22%3E")));
        assert!(page.contains("name=\"token\" value=\"abc&#34;&#62;\""), "{page}");
        let fields = [("token", "abc"), ("password", PASSWORD)];
        let answer = visitor.post(path, &fields);
        assert_eq!(answer.status, 422, "{path}");
        assert!(html(&answer).contains("This link is not good"), "{}", html(&answer));
    }
}

#[test]
fn a_link_sets_another_password_once() {
    let server = Server::start();
    let mut ada = Visitor::signed_up(&server, "ada");
    let id = ada.get("/me").json()["id"].as_str().unwrap().to_owned();
    let path = Visitor::admin(&server).reset_link(&server, &id);
    let page = html(&Visitor::of(&server).get(&path));
    let token = between(&page, "name=\"token\" value=\"", "\"");
    let fields = [("token", token), ("password", "another-9-battery")];
    let weak = Visitor::of(&server).post("/reset-password", &[("token", token), ("password", "short")]);
    assert_eq!(weak.status, 422);
    let mut anybody = Visitor::of(&server);
    assert_eq!(anybody.post("/reset-password", &fields).header("location"), "/sign-in?done=password-reset");
    assert!(!ada.is_signed_in() && !anybody.is_signed_in());
    assert_eq!(anybody.post("/reset-password", &fields).status, 422);
    assert_eq!(anybody.sign_in("ada", "another-9-battery").status, 303);
}

#[test]
fn without_mail_another_address_counts_at_once_and_is_not_verified() {
    let server = Server::start();
    let mut ada = Visitor::signed_up(&server, "ada");
    let answer = ada.post("/account", &[("email", "ada@lovelace.example")]);
    assert_eq!(answer.header("location"), "/account?done=email-changed", "{answer:?}");
    let page = html(&ada.get("/account?done=email-changed"));
    assert!(page.contains("ada@lovelace.example") && page.contains("not verified"), "{page}");
    assert_eq!(ada.post("/account", &[("email", "nowhere")]).status, 422);
    assert!(html(&ada.get("/forgot-password")).contains("This server sends no mail"));
}

impl Visitor {
    /// The path of the link that sets another password for the account `id`.
    fn reset_link(&mut self, server: &Server, id: &str) -> String {
        let answer = self.send("POST", &format!("/admin/accounts/{id}/password-reset"), OWN_PAGE, "");
        let link = answer.json()["link"].as_str().unwrap().to_owned();
        link.strip_prefix(&server.address).unwrap().to_owned()
    }
}

/// The key that the page shows.
pub(crate) fn key_in(page: &str) -> String {
    let field = between(page, "<textarea", "</textarea>");
    field.split_once('>').unwrap().1.to_owned()
}

/// The status of `GET /me` with `key`.
fn me(server: &Server, key: &str) -> u16 {
    Visitor::of(server).send("GET", "/me", &[("x-api-key", key)], "").status
}
