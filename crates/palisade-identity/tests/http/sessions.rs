//! Browser sessions at the routes: the cookie, who is let in by it, and `/me/sessions`.

use std::{sync::atomic::Ordering, time::Duration};

use http::{Method, StatusCode};
use palisade::{secret::SecretString, testing::Response};
use palisade_identity::{
    audit::Actor,
    http::SignInRefused,
    role::Role,
    sessions::{Device, SessionSettings, cookie},
};
use serde_json::{Value, json};

use crate::app::{App, Browser, MILLISECOND, PASSWORD, Settings, assert_problem, from};

const DELETED: &str = "__Host-palisade=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax";
const HOUR: Duration = Duration::from_hours(1);

/// What `/me/sessions` tells the browser of its sessions.
async fn listed(browser: &Browser) -> Vec<Value> {
    let answer = browser.get("/me/sessions").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()["sessions"].as_array().unwrap().clone()
}

/// That the browser is nobody, and is told to forget its cookie.
#[track_caller]
fn assert_signed_out(answer: &Response) {
    assert_problem(answer, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("set-cookie"), Some(DELETED));
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
}

#[tokio::test]
async fn a_browser_that_signed_in_is_its_account_with_all_it_has() {
    let app = App::with_admin().await;
    let browser = app.browser("root").await;
    for path in ["/me", "/me/sessions", "/admin/accounts"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("set-cookie"), None, "nothing to tell");
    }
    assert_eq!(browser.get("/me").await.json()["username"], "root");
}

#[tokio::test]
async fn signing_in_by_password_is_refused_as_everywhere() {
    let app = App::with(Settings { burst: 2, ..Settings::default() }).await;
    app.make("ada", Role::User).await;
    let sign_in = async |name: &str, password: &str, last: u8| {
        let device = Device::new(b"Firefox", from(last).0);
        app.identity.sign_in_with_password(name, SecretString::new(password), device).await
    };
    assert_eq!(sign_in("ada", "wrong", 1).await.unwrap_err(), SignInRefused::Wrong);
    assert_eq!(sign_in("nobody", PASSWORD, 1).await.unwrap_err(), SignInRefused::Wrong);
    let limited = sign_in("ada", PASSWORD, 1).await.unwrap_err();
    assert!(matches!(limited, SignInRefused::Limited(_)), "{limited:?}");
    let (_, session) = sign_in("Ada", PASSWORD, 2).await.unwrap();
    assert_eq!(session.address, from(2).0);
}

#[tokio::test]
async fn two_sessions_are_listed_and_one_that_is_ended_takes_effect_at_once() {
    let app = App::with_user("ada").await;
    let (mut here, there) = (app.browser("ada").await, app.browser("ada").await);
    let sessions = listed(&here).await;
    assert_eq!(sessions.len(), 2);
    for session in &sessions {
        let current = session["id"] == here.secret().id().to_string();
        assert_eq!(session["current"], current);
        assert_eq!((&session["user_agent"], &session["address"]), (&json!("Firefox"), &json!("203.0.113.1")));
        for moment in ["created_at", "last_seen"] {
            assert_eq!(session[moment], "2023-11-14T22:13:20Z");
        }
        assert_eq!(session["ends_at"], "2024-02-12T22:13:20Z");
        let text = session.to_string();
        assert!(!text.contains(&here.cookie.as_deref().unwrap()[22..]), "no secret");
    }
    let answer = here.delete(&format!("/me/sessions/{}", there.secret().id())).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (StatusCode::NO_CONTENT, None));
    assert_signed_out(&there.get("/me").await);
    assert_eq!(listed(&here).await.len(), 1);
    let again = here.delete(&format!("/me/sessions/{}", there.secret().id())).await;
    assert_problem(&again, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_session_ended_by_another_process_ends_within_a_millisecond() {
    let app = App::with_user("ada").await;
    let browser = app.browser("ada").await;
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    let account = app.accounts().await.remove(0);
    app.world.clock.advance(MILLISECOND);
    app.world.sessions_beside.end(account.id, browser.secret().id()).await.unwrap();
    assert_signed_out(&browser.get("/me").await);
}

#[tokio::test]
async fn ending_all_others_keeps_this_one_and_ending_this_one_clears_its_cookie() {
    let app = App::with_user("ada").await;
    let (mut here, there) = (app.browser("ada").await, app.browser("ada").await);
    assert_eq!(here.delete("/me/sessions").await.status, StatusCode::NO_CONTENT);
    assert_signed_out(&there.get("/me").await);
    let id = here.secret().id();
    let answer = here.delete(&format!("/me/sessions/{id}")).await;
    assert_eq!((answer.status, here.cookie.as_deref()), (StatusCode::NO_CONTENT, None));
}

#[tokio::test]
async fn a_token_lists_the_sessions_and_ends_them_all() {
    let app = App::with_user("ada").await;
    let browser = app.browser("ada").await;
    let client = app.client.bearer(app.token("ada").await);
    let sessions = client.get("/me/sessions").send().await.json();
    assert_eq!(sessions["sessions"][0]["current"], false);
    let answer = client.request(Method::DELETE, "/me/sessions").send().await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_signed_out(&browser.get("/me").await);
}

#[tokio::test]
async fn attack_ending_the_session_of_another_account_by_its_id() {
    let app = App::with_admin().await;
    app.make("ada", Role::User).await;
    let (root, mut ada) = (app.browser("root").await, app.browser("ada").await);
    let answer = ada.delete(&format!("/me/sessions/{}", root.secret().id())).await;
    assert_problem(&answer, StatusCode::NOT_FOUND);
    assert_eq!(root.get("/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn attack_an_old_session_changes_what_one_signs_in_with() {
    let app = App::with_user("ada").await;
    let mut browser = app.browser("ada").await;
    app.world.clock.advance(Duration::from_secs(901));
    assert_eq!(listed(&browser).await.len(), 1, "looking is allowed");
    let id = browser.secret().id();
    for path in ["/me/sessions".to_owned(), format!("/me/sessions/{id}")] {
        assert_problem(&browser.delete(&path).await, StatusCode::FORBIDDEN);
    }
    let input = json!({ "current_password": PASSWORD, "new_password": "battery staple" });
    assert_problem(&browser.post("/me/password", &input).await, StatusCode::FORBIDDEN);
    // Proving oneself again in the session is enough.
    let account = app.accounts().await.remove(0);
    let (secret, _) = app.sessions.reauthenticated(&account, id).await.unwrap();
    let mut browser = Browser::holding(&app.client, &secret);
    assert_eq!(browser.delete("/me/sessions").await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn attack_stolen_cookie_after_sign_out() {
    let app = App::with_user("ada").await;
    let mut browser = app.browser("ada").await;
    let stolen = browser.clone();
    let answer = browser.post("/sign-out-everywhere", &json!({})).await;
    assert_eq!((answer.status, browser.cookie.as_deref()), (StatusCode::NO_CONTENT, None));
    assert_signed_out(&stolen.get("/me").await);
    assert_signed_out(&stolen.request(Method::POST, "/sign-out-everywhere").send().await);
}

#[tokio::test]
async fn attack_stolen_cookie_after_the_password_was_changed() {
    let app = App::with_user("ada").await;
    let (mut browser, other) = (app.browser("ada").await, app.browser("ada").await);
    let (stolen, token) = (browser.clone(), app.token("ada").await);
    let input = json!({ "current_password": PASSWORD, "new_password": "battery staple" });
    assert_eq!(browser.post("/me/password", &input).await.status, StatusCode::NO_CONTENT);
    assert_ne!(browser.cookie, stolen.cookie);
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    assert_signed_out(&other.get("/me").await);
    assert!(!app.lets_in(&token).await);
    // Refused; but a request that was under way must not take the new cookie away again.
    let answer = stolen.get("/me").await;
    assert_problem(&answer, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("set-cookie"), None);
}

#[tokio::test]
async fn other_roles_bring_another_secret_with_whatever_is_answered() {
    let app = App::with_admin().await;
    let ada = app.make("ada", Role::Admin).await;
    let mut browser = app.browser("ada").await;
    assert_eq!(browser.get("/admin/accounts").await.status, StatusCode::OK);
    app.world.beside.set_roles(Actor::Operator, ada.id, Role::User.into()).await.unwrap();
    app.world.clock.advance(MILLISECOND);
    let before = browser.clone();
    // With a refusal too.
    let answer = browser.get("/admin/accounts").await;
    assert_problem(&answer, StatusCode::FORBIDDEN);
    browser.keep_cookies(&answer);
    assert_ne!(browser.cookie, before.cookie);
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    assert_eq!(before.get("/me").await.status, StatusCode::OK, "requests under way");
    app.world.clock.advance(Duration::from_secs(10));
    let late = before.get("/me").await;
    assert_problem(&late, StatusCode::UNAUTHORIZED);
    assert_eq!(late.header("set-cookie"), None);
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_expired_session_is_absent_and_its_cookie_is_cleared() {
    let sessions = SessionSettings { idle: HOUR, absolute: 2 * HOUR, ..SessionSettings::default() };
    let app = App::with(Settings { sessions, ..Settings::default() }).await;
    app.make("ada", Role::User).await;
    let (idle, busy) = (app.browser("ada").await, app.browser("ada").await);
    for minutes in [30, 29] {
        app.world.clock.advance(Duration::from_mins(minutes));
        assert_eq!(busy.get("/me").await.status, StatusCode::OK);
    }
    app.world.clock.advance(Duration::from_mins(1));
    assert_signed_out(&idle.get("/me").await);
    assert_eq!(busy.get("/me").await.status, StatusCode::OK);
    app.world.clock.advance(Duration::from_mins(59));
    assert_eq!(busy.get("/me").await.status, StatusCode::OK);
    app.world.clock.advance(Duration::from_mins(1));
    assert_signed_out(&busy.get("/me").await);
    // A public page is shown all the same.
    assert_eq!(idle.get("/healthz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn attack_cookie_tossing_from_a_sibling_domain() {
    let app = App::with_admin().await;
    app.make("eve", Role::User).await;
    let (root, eve) = (app.browser("root").await, app.browser("eve").await);
    let [ours, tossed] = [&root, &eve].map(|browser| browser.cookie.clone().unwrap());
    let name = cookie::NAME;
    let send = async |cookies: &[String]| {
        let request = app.client.get("/me").header("sec-fetch-site", "same-origin");
        cookies.iter().fold(request, |request, cookie| request.header("cookie", cookie)).send().await
    };
    // Which of two is ours, nobody can know: neither counts.
    for (first, second) in [(&ours, &tossed), (&tossed, &ours), (&ours, &ours)] {
        assert_signed_out(&send(&[format!("{name}={first}; {name}={second}")]).await);
        assert_signed_out(&send(&[format!("{name}={first}"), format!("{name}={second}")]).await);
    }
    // Names that a sibling can set, and names that only look the same.
    for other in ["palisade", "__Secure-palisade", "__host-palisade", "__Host-Palisade", " __Host-palisade2"]
    {
        let answer = send(&[format!("{other}={tossed}")]).await;
        assert_problem(&answer, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.header("set-cookie"), None, "{other} is not ours to delete");
        let beside_ours = send(&[format!("{other}={tossed}; {name}={ours}")]).await;
        assert_eq!(beside_ours.json()["username"], "root", "{other}");
    }
}

#[tokio::test]
async fn attack_truncated_and_altered_cookies() {
    let app = App::with_user("ada").await;
    let browser = app.browser("ada").await;
    let value = browser.cookie.clone().unwrap();
    let mut altered: Vec<String> = (0..value.len()).map(|length| value[..length].to_owned()).collect();
    for place in 0..value.len() {
        let other = if &value[place..=place] == "A" { "B" } else { "A" };
        altered.push(format!("{}{other}{}", &value[..place], &value[place + 1..]));
    }
    altered.extend([
        format!("{value}A"),
        format!("{value}="),
        format!("{value},{value}"),
        value.to_uppercase(),
        "A".repeat(4000),
        "%00".to_owned(),
        "../../etc/passwd".to_owned(),
    ]);
    for cookie in altered {
        let answer = Browser { cookie: Some(cookie.clone()), ..browser.clone() }.get("/me").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{cookie}");
        assert_eq!(answer.header("set-cookie"), Some(DELETED), "{cookie}");
    }
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn attack_session_of_another_deployment() {
    let (here, there) = (App::with_user("ada").await, App::with_user("ada").await);
    let foreign = Browser { client: here.client.clone(), ..there.browser("ada").await };
    assert_signed_out(&foreign.get("/me").await);
}

#[tokio::test]
async fn attack_cross_site_post_with_session() {
    let app = App::with_admin().await;
    app.make("target", Role::User).await;
    let browser = app.browser("root").await;
    let before = app.accounts().await;
    for site in ["cross-site", "same-site", "", "none, same-origin", "SAME-ORIGIN"] {
        for (method, path) in [
            (Method::POST, "/sign-out-everywhere"),
            (Method::PATCH, "/me"),
            (Method::DELETE, "/me/sessions"),
            (Method::POST, "/me/password"),
            (Method::POST, "/admin/create"),
        ] {
            let answer = browser.asked_by(site, method, path).json(&json!({})).send().await;
            assert_problem(&answer, StatusCode::FORBIDDEN);
            assert_eq!(answer.header("set-cookie"), None);
        }
    }
    // A browser of old, and what is no browser: by `Origin` alone, or by nothing.
    let old = |origin: Option<&str>| {
        let cookie = format!("{}={}", cookie::NAME, browser.cookie.as_deref().unwrap());
        let request = app.client.post("/sign-out-everywhere").header("cookie", cookie);
        let request = request.header("host", "issuer.example");
        origin.into_iter().fold(request, |request, origin| request.header("origin", origin)).send()
    };
    for origin in [None, Some("null"), Some("https://evil.example"), Some("https://sub.issuer.example")] {
        assert_problem(&old(origin).await, StatusCode::FORBIDDEN);
    }
    assert_eq!(app.accounts().await, before);
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    assert_eq!(old(Some("https://issuer.example")).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn attack_a_link_from_another_site_changes_nothing() {
    let app = App::with_admin().await;
    let browser = app.browser("root").await;
    let before = app.accounts().await;
    for row in app.table.rows().iter().filter(|row| matches!(row.method.as_str(), "GET" | "HEAD")) {
        let path = row.path.replace("{id}", &before[0].id.to_string()).replace("/{*unmatched}", "/other");
        let method: Method = row.method.parse().unwrap();
        browser.asked_by("cross-site", method, &path).send().await;
    }
    assert_eq!(app.accounts().await, before);
    assert_eq!(listed(&browser).await.len(), 1);
}

/// A socket asks on and on whether its caller may still be there, with the request it was opened by.
#[tokio::test]
async fn asking_again_for_an_open_socket_neither_prolongs_a_session_nor_changes_its_secret() {
    let sessions = SessionSettings { idle: HOUR, ..SessionSettings::default() };
    let app = App::with(Settings { sessions, ..Settings::default() }).await;
    let ada = app.make("ada", Role::User).await;
    let mut browser = app.browser("ada").await;
    let ask = async |browser: &Browser| {
        browser.request(Method::GET, "/me").extension(palisade::Rechecking).send().await
    };
    app.world.beside.set_roles(Actor::Operator, ada.id, Role::Editor.into()).await.unwrap();
    app.world.clock.advance(Duration::from_mins(59));
    let asked = ask(&browser).await;
    assert_eq!((asked.status, asked.header("set-cookie")), (StatusCode::OK, None));
    let opened_with = browser.clone();
    let answer = browser.get("/me").await;
    browser.keep_cookies(&answer);
    assert_ne!(browser.cookie, opened_with.cookie);
    app.world.clock.advance(Duration::from_mins(59));
    assert_eq!(ask(&browser).await.status, StatusCode::OK);
    assert_eq!(ask(&opened_with).await.status, StatusCode::UNAUTHORIZED, "its secret was replaced");
    app.world.clock.advance(Duration::from_mins(1));
    assert_eq!(ask(&browser).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_beside_a_cookie_is_what_counts() {
    let app = App::with_admin().await;
    let browser = app.browser("root").await;
    let narrowed =
        Browser { client: app.client.bearer(app.narrowed("root", "me:read").await), ..browser.clone() };
    assert_eq!(narrowed.get("/me").await.status, StatusCode::OK);
    assert_problem(&narrowed.get("/admin/accounts").await, StatusCode::FORBIDDEN);
    let broken = Browser { client: app.client.bearer("not.a.token"), ..browser };
    assert_problem(&broken.get("/me").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_in_use_costs_the_store_no_read() {
    let app = App::with_user("ada").await;
    let browser = app.browser("ada").await;
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    app.store.session_reads.store(0, Ordering::SeqCst);
    for _ in 0..100 {
        app.world.clock.advance(MILLISECOND);
        assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    }
    assert_eq!(app.store.session_reads.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn attack_a_flood_of_cookies_that_are_made_up() {
    let sessions = SessionSettings { kept: 64, ..SessionSettings::default() };
    let app = App::with(Settings { sessions, ..Settings::default() }).await;
    app.make("ada", Role::User).await;
    let browser = app.browser("ada").await;
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    app.store.session_reads.store(0, Ordering::SeqCst);
    // With ids that could be, and with Ada's, which is no secret.
    for number in 0..1000_u32 {
        let mut made_up = browser.cookie.clone().unwrap();
        let last = format!("{number:08x}");
        made_up.replace_range(56.., &last);
        if number % 2 == 0 {
            made_up.replace_range(12..20, &last);
        }
        let answer = Browser { cookie: Some(made_up), ..browser.clone() }.get("/me").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    assert!(app.store.session_reads.load(Ordering::SeqCst) <= 1000, "one read each at the most");
    app.store.session_reads.store(0, Ordering::SeqCst);
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    assert_eq!(app.store.session_reads.load(Ordering::SeqCst), 0, "it was not pushed out");
}

#[tokio::test]
async fn a_store_that_fails_is_503_and_the_cookie_stays() {
    let app = App::with_user("ada").await;
    let (known, unknown) = (app.browser("ada").await, app.browser("ada").await);
    assert_eq!(known.get("/me").await.status, StatusCode::OK);
    app.store.fail(true);
    app.world.clock.advance(MILLISECOND);
    for browser in [&known, &unknown] {
        for path in ["/me", "/me/sessions"] {
            let answer = browser.get(path).await;
            assert_problem(&answer, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(answer.header("set-cookie"), None);
        }
    }
    app.store.fail(false);
    for browser in [&known, &unknown] {
        assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    }
}
