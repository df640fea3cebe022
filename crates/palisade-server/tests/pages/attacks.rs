//! What an attacker tries over HTTP, each with the answer it gets.

use crate::{
    forms::key_in,
    process::Server,
    visitor::{PASSWORD, Visitor, between, html},
};

/// What a browser, or what pretends to be one, says of a form of another site.
const FROM_ELSEWHERE: [&[(&str, &str)]; 6] = [
    &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
    &[("sec-fetch-site", "same-site"), ("origin", "https://blog.example.org")],
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
    &[("referer", "https://evil.example")],
    &[],
];

#[test]
fn attack_login_csrf() {
    let server = Server::start();
    Visitor::signed_up(&server, "eve");
    for headers in FROM_ELSEWHERE {
        let mut victim = Visitor::of(&server);
        let answer = victim.post_saying(headers, "/sign-in", &[("username", "eve"), ("password", PASSWORD)]);
        assert_eq!(answer.status, 403, "{headers:?}");
        assert!(html(&answer).contains("This did not come from our pages"));
        assert_eq!(victim.cookie, None, "{headers:?}");
    }
}

#[test]
fn attack_forms_of_another_site() {
    let server = Server::start();
    let mut ada = Visitor::signed_up(&server, "ada");
    let create = [("name", "theirs"), ("scopes", "me:read"), ("days", "7")];
    let forms: [(&str, &[(&str, &str)]); 7] = [
        ("/account/api-keys", &create),
        ("/account/sessions/end-others", &[]),
        ("/account/password", &[("current_password", PASSWORD), ("new_password", "another-9-battery")]),
        ("/account", &[("email", "eve@evil.example")]),
        ("/sign-out", &[]),
        ("/sign-up", &[("username", "bot"), ("email", "a@example.org"), ("password", PASSWORD)]),
        ("/forgot-password", &[("name", "ada")]),
    ];
    for headers in FROM_ELSEWHERE {
        for (path, fields) in forms {
            let answer = ada.post_saying(headers, path, fields);
            assert_eq!(answer.status, 403, "{path} {headers:?}");
        }
    }
    assert!(ada.is_signed_in());
    assert!(html(&ada.get("/account")).contains("ada@example.org"));
    assert!(html(&ada.get("/account/api-keys")).contains("You have no keys yet"));
    assert_eq!(Visitor::of(&server).sign_in("ada", PASSWORD).status, 303);
}

#[test]
fn attack_open_redirect() {
    let server = Server::start();
    Visitor::signed_up(&server, "ada");
    for (next, leads_to) in [
        ("/account/sessions", "/account/sessions"),
        ("//evil.example", "/account"),
        ("/\\evil.example", "/account"),
        ("https://evil.example", "/account"),
        ("/\t/evil.example", "/account"),
        ("/\r\nlocation: https://evil.example", "/account"),
        ("javascript:alert(1)", "/account"),
    ] {
        let mut visitor = Visitor::of(&server);
        let fields = [("username", "ada"), ("password", PASSWORD), ("next", next)];
        let answer = visitor.post("/sign-in", &fields);
        assert_eq!((answer.status, answer.header("location")), (303, leads_to), "{next:?}");
    }
    let page = html(&Visitor::of(&server).get("/sign-in?next=%2F%2Fevil.example%22%3E"));
    assert!(page.contains("name=\"next\" value=\"/account\""), "{page}");
}

#[test]
fn attack_frames_scripts_and_kept_copies() {
    let server = Server::start();
    let mut ada = Visitor::signed_up(&server, "ada");
    let all = [
        "/",
        "/sign-up",
        "/sign-in",
        "/sign-out",
        "/forgot-password",
        "/reset-password?token=x",
        "/verify-email?token=x",
        "/account",
        "/account/sessions",
        "/account/api-keys",
        "/account/password",
        "/account/nothing",
    ];
    for path in all {
        let answer = ada.get(path);
        let policy = answer.header("content-security-policy");
        let expected = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                        frame-ancestors 'none'; base-uri 'none'";
        assert_eq!(policy, expected, "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("referrer-policy"), "strict-origin", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("<script"), "{path}");
    }
}

#[test]
fn attack_markup_in_what_is_shown() {
    const MARKUP: &str = "<img/src=x/onerror=alert(1)>\"'";
    let server = Server::start();
    let mut ada = Visitor::of(&server).calling_itself(MARKUP);
    assert_eq!(ada.sign_up("<b>ada</b>\"'").status, 303);
    let key = [("name", MARKUP), ("scopes", "me:read"), ("days", "7")];
    let shown = html(&ada.post("/account/api-keys", &key));
    let faulty = html(&ada.post("/account/api-keys", &[("name", MARKUP)]));
    let pages = [shown, faulty, html(&ada.get("/account/sessions")), html(&ada.get("/account/api-keys"))];
    for page in &pages {
        assert!(!page.contains("<img/"), "{page}");
        assert!(!page.contains("<b>"), "{page}");
        assert!(page.contains("&#60;img/src=x/onerror=alert(1)&#62;&#34;&#39;"), "{page}");
        assert!(page.contains("&#60;b&#62;ada&#60;/b&#62;&#34;&#39;"), "{page}");
    }
    let typed = html(&Visitor::of(&server).sign_in(MARKUP, "wrong"));
    assert!(!typed.contains("<img/"), "{typed}");
}

#[test]
fn attack_session_fixation() {
    let server = Server::start();
    let mut eve = Visitor::signed_up(&server, "eve");
    Visitor::signed_up(&server, "ada");
    let planted = eve.cookie.clone();
    let mut victim = Visitor::of(&server);
    victim.cookie.clone_from(&planted);
    assert_eq!(victim.sign_in("ada", PASSWORD).status, 303);
    assert_ne!(victim.cookie, planted);
    assert!(html(&victim.get("/account")).contains(">ada<"));
    // What was planted is nobody's any more, let alone the victim's.
    assert!(!eve.is_signed_in());
}

#[test]
fn attack_a_second_cookie_of_the_same_name() {
    let server = Server::start();
    let mut ada = Visitor::signed_up(&server, "ada");
    let eve = Visitor::signed_up(&server, "eve");
    let both = [ada.cookie.clone().unwrap(), eve.cookie.unwrap()];
    for cookies in [both.join("; "), [both[1].as_str(), &both[0]].join("; ")] {
        let answer = Visitor::of(&server).send("GET", "/account", &[("cookie", &cookies)], "");
        assert_eq!((answer.status, answer.header("location")), (303, "/sign-in?next=%2Faccount"));
    }
    assert!(ada.is_signed_in());
}

#[test]
fn a_sign_in_again_replaces_the_secret_of_the_session() {
    let server = Server::start();
    let mut ada = Visitor::signed_up(&server, "ada");
    let mut thief = Visitor::of(&server);
    thief.cookie.clone_from(&ada.cookie);
    assert_eq!(ada.sign_in("ada", PASSWORD).status, 303);
    assert!(!thief.is_signed_in());
    assert_eq!(html(&ada.get("/account/sessions")).matches("<li class=\"card\">").count(), 1);
}

#[test]
fn attack_password_is_never_shown_again() {
    const SECRET: &str = "hunter2-hunter2";
    let server = Server::start();
    let mut ada = Visitor::signed_up(&server, "ada");
    let refused = [
        Visitor::of(&server).sign_in("ada", SECRET),
        Visitor::of(&server).post("/sign-up", &[("username", "a b"), ("email", "no"), ("password", SECRET)]),
        Visitor::of(&server).post("/reset-password", &[("token", "x"), ("password", SECRET)]),
        ada.post("/account/password", &[("current_password", SECRET), ("new_password", SECRET)]),
    ];
    for answer in &refused {
        assert_eq!(answer.status, 422, "{answer:?}");
        let page = html(answer);
        assert!(!page.contains(SECRET), "{page}");
        assert!(page.contains("<title>Error: "), "{page}");
    }
}

#[test]
fn attack_find_out_who_has_an_account() {
    let server = Server::start();
    Visitor::signed_up(&server, "ada");
    let unknown = html(&Visitor::of(&server).sign_in("somebody", PASSWORD)).replace("somebody", "NAME");
    let wrong = html(&Visitor::of(&server).sign_in("ada", "not-the-password")).replace("\"ada\"", "\"NAME\"");
    assert_eq!(unknown, wrong);
}

#[test]
fn attack_a_key_on_the_pages() {
    let server = Server::start();
    let mut ada = Visitor::signed_up(&server, "ada");
    let all = [
        ("name", "all"),
        ("scopes", "me:read"),
        ("scopes", "me:write"),
        ("scopes", "keys:write"),
        ("days", "7"),
    ];
    let shown = html(&ada.post("/account/api-keys", &all));
    let key = key_in(&shown);
    let mut program = Visitor::of(&server);
    for path in ["/account", "/account/sessions", "/account/api-keys", "/account/password"] {
        let answer = program.send("GET", path, &[("x-api-key", &key)], "");
        assert_eq!(answer.status, 403, "{path}");
    }
}

#[test]
fn attack_another_accounts_session_and_key() {
    let server = Server::start();
    let mut ada = Visitor::signed_up(&server, "ada");
    let mut eve = Visitor::signed_up(&server, "eve");
    let mut beside = Visitor::of(&server);
    assert_eq!(beside.sign_in("ada", PASSWORD).status, 303);
    let session = between(&html(&ada.get("/account/sessions")), "name=\"session\" value=\"", "\"").to_owned();
    ada.post("/account/api-keys", &[("name", "mine"), ("scopes", "me:read"), ("days", "7")]);
    let key = between(&html(&ada.get("/account/api-keys")), "name=\"key\" value=\"", "\"").to_owned();
    eve.post("/account/sessions/end", &[("session", &session)]);
    assert_eq!(eve.post("/account/api-keys/rotate", &[("key", &key)]).status, 404);
    eve.post("/account/api-keys/revoke", &[("key", &key)]);
    assert!(ada.is_signed_in() && beside.is_signed_in());
    assert!(html(&ada.get("/account/api-keys")).contains("Revoke this key"));
}
