//! A forgotten password: `POST /password/forgot`, `/password/reset` and `/admin/accounts/{id}/password-reset`.

use std::time::Duration;

use http::{Method, StatusCode};
use palisade_identity::{
    audit::{Action, Actor, Trail},
    role::Role,
};
use serde_json::json;

use crate::{
    app::{App, ISSUER, MILLISECOND, PASSWORD, Settings, assert_faults, assert_problem, from},
    world::post::token_of,
};

const ADA: &str = "ada@example.org";
const NEW: &str = "battery staple";

#[tokio::test]
async fn a_link_sets_another_password_and_ends_what_was_signed_in() {
    let app = App::with_mail().await;
    app.verified("ada", ADA).await;
    let token = app.token("ada").await;
    let browser = app.browser("ada").await;
    let (_, key) = app.key_of("ada", "me:read").await;
    let by_key = async || {
        let answer = app.client.get("/me").header("x-api-key", key.to_text().expose()).send().await;
        answer.status
    };
    assert!(app.lets_in(&token).await);
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    assert_eq!(by_key().await, StatusCode::OK);

    assert_eq!(app.forgot("Ada@EXAMPLE.org").await.status, StatusCode::ACCEPTED);
    let message = app.post.next().await;
    assert_eq!((message.to().as_str(), message.subject()), (ADA, "Set another password"));
    let link = token_of(&message);
    assert!(message.text().expose().contains(&format!("\n{ISSUER}/reset-password?token={link}\n")));
    assert!(app.lets_in(&token).await, "asking alone ends nothing: anybody can");

    let answer = app.reset(&link, NEW).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::NO_CONTENT, 0));
    app.world.clock.advance(MILLISECOND);
    assert!(!app.lets_in(&token).await);
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(by_key().await, StatusCode::UNAUTHORIZED, "also where it was just in use");
    assert_eq!(app.sign_in("ada", PASSWORD).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(app.sign_in("ada", NEW).await.status, StatusCode::OK);
    let notice = app.post.next().await;
    assert_eq!((notice.to().as_str(), notice.subject()), (ADA, "Your password was set anew"));
    let trail = app.world.trail(Trail::Changes).await;
    assert_eq!((trail[0].action, trail[0].actor), (Action::PasswordReset, Actor::Nobody));
    let asked = app.world.trail(Trail::SignIns).await;
    assert!(
        asked.iter().any(|entry| entry.action == Action::ResetMailed),
        "where anybody's doings are bounded"
    );
}

/// The same answer, and the same work before it: none of the store's but the question whether it is there.
#[tokio::test]
async fn attack_account_enumeration_by_forgot_password() {
    let app = App::with_mail().await;
    app.verified("ada", ADA).await;
    app.sign_up_at("unproven", "unproven@example.org").await;
    app.post.next().await;
    let disabled = app.verified("disabled", "disabled@example.org").await;
    app.world.beside.disable(Actor::Operator, disabled.id).await.unwrap();
    app.world.hashing.asked();
    let expected = app.forgot("ada").await;
    assert_eq!((expected.status, expected.body.len()), (StatusCode::ACCEPTED, 0));
    for named in [
        ADA,
        "eve",
        "eve@example.org",
        "unproven",
        "unproven@example.org",
        "disabled",
        "no name at all",
        "\0",
        "a@b\r\nBcc: eve@example.org",
        &"x".repeat(256),
    ] {
        let answer = app.forgot(named).await;
        assert_eq!((answer.status, answer.body.len()), (expected.status, expected.body.len()), "{named:?}");
        assert_eq!(answer.headers, expected.headers, "{named:?}");
    }
    assert_eq!(app.world.hashing.asked(), []);
    let mail = app.all_mail().await;
    assert!(mail.len() == 2 && mail.iter().all(|message| message.to().as_str() == ADA), "{mail:?}");
    // Also when nothing more can be sent.
    assert_eq!(app.forgot("ada").await.status, app.forgot("eve").await.status);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_reset_token_used_twice() {
    let app = App::with_mail().await;
    app.verified("ada", ADA).await;
    let link = app.reset_token("ada").await;
    // The first waits for its hash, the second overtakes it.
    let (begun, release) = app.world.hashing.hold_next_hash();
    let body = |new: &str| json!({ "token": link, "new_password": new });
    let first = tokio::spawn(app.client.post("/password/reset").json(&body("a first password")).send());
    begun.await.unwrap();
    assert_eq!(app.reset(&link, NEW).await.status, StatusCode::NO_CONTENT);
    release.send(()).unwrap();
    assert_problem(&first.await.unwrap(), StatusCode::BAD_REQUEST);
    assert_problem(&app.reset(&link, "a third password").await, StatusCode::BAD_REQUEST);
    assert_eq!(app.sign_in("ada", NEW).await.status, StatusCode::OK);
}

#[tokio::test]
async fn attack_token_of_another_purpose() {
    let app = App::with_mail().await;
    app.verified("ada", ADA).await;
    app.sign_up_at("eve", "eve@example.org").await;
    let proves = token_of(&app.post.next().await);
    let resets = app.reset_token("ada").await;
    let client = app.client.bearer(app.token("ada").await);
    client.post("/me/email").json(&json!({ "email": "eve@example.net" })).send().await;
    let changes = token_of(&app.post.next().await);
    let before = app.accounts().await;
    app.world.hashing.asked();
    for token in [&proves, &changes] {
        assert_problem(&app.reset(token, NEW).await, StatusCode::BAD_REQUEST);
    }
    assert_problem(&app.verify(&resets).await, StatusCode::BAD_REQUEST);
    assert_eq!(app.world.hashing.asked(), [], "no hash for a link that is none");
    assert_eq!(app.accounts().await, before);
    // Nor is any of them a credential of another kind.
    for token in [&proves, &changes, &resets] {
        assert_eq!(app.client.bearer(token).get("/me").send().await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn attack_reset_link_after_password_change() {
    let app = App::with_mail().await;
    app.verified("ada", ADA).await;
    let link = app.reset_token("ada").await;
    let client = app.client.bearer(app.token("ada").await);
    let change = json!({ "current_password": PASSWORD, "new_password": "another one again" });
    assert_eq!(client.post("/me/password").json(&change).send().await.status, StatusCode::NO_CONTENT);
    assert_problem(&app.reset(&link, NEW).await, StatusCode::BAD_REQUEST);
    assert_eq!(app.sign_in("ada", "another one again").await.status, StatusCode::OK);
}

#[tokio::test]
async fn attack_reset_link_after_the_address_was_changed_or_the_account_disabled() {
    let app = App::with_mail().await;
    for name in ["ada", "eve"] {
        app.verified(name, &format!("{name}@example.org")).await;
    }
    let (adas, eves) = (app.reset_token("ada").await, app.reset_token("eve").await);
    let (ada, eve) = (app.account("ada").await.id, app.account("eve").await.id);
    let address = Some("new@example.org".parse().unwrap());
    app.world.beside.set_email(Actor::Operator, ada, address, None).await.unwrap();
    app.world.beside.disable(Actor::Operator, eve).await.unwrap();
    app.world.beside.enable(Actor::Operator, eve).await.unwrap();
    for link in [adas, eves] {
        assert_problem(&app.reset(&link, NEW).await, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_link_is_good_for_half_an_hour() {
    let app = App::with_mail().await;
    app.verified("ada", ADA).await;
    let link = app.reset_token("ada").await;
    app.world.clock.advance(Duration::from_secs(30 * 60));
    assert_problem(&app.reset(&link, NEW).await, StatusCode::BAD_REQUEST);
    let link = app.reset_token("ada").await;
    app.world.clock.advance(Duration::from_secs(30 * 60 - 1));
    assert_eq!(app.reset(&link, NEW).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_password_that_will_not_do_leaves_the_link_good() {
    let app = App::with_mail().await;
    app.verified("adalovelace", ADA).await;
    let link = app.reset_token("adalovelace").await;
    assert_faults(&app.reset(&link, "short").await, &["body.new_password"]);
    let own = app.reset(&link, "adalovelace").await;
    assert_faults(&own, &["body.new_password"]);
    assert!(!own.text().contains(&link));
    assert_eq!(app.reset(&link, NEW).await.status, StatusCode::NO_CONTENT);
}

/// Whoever asks, from wherever, and for whatever is sent.
#[tokio::test]
async fn attack_mail_bombing() {
    let app = App::with_mail().await;
    app.verified("ada", ADA).await;
    for n in 0..40 {
        let named = if n % 2 == 0 { "ada" } else { ADA };
        let body = json!({ "username_or_email": named });
        let request = app.client.post("/password/forgot").json(&body).extension(from(n));
        assert_eq!(request.send().await.status, StatusCode::ACCEPTED);
    }
    for n in 0..10 {
        app.sign_up_at(&format!("squatter{n}"), "ADA@example.org").await;
    }
    let mail = app.all_mail().await;
    let resets = mail.iter().filter(|message| message.subject() == "Set another password").count();
    assert_eq!((resets, mail.len()), (3, 5), "three for each purpose, with the one that proved the address");
}

/// By naming the victim's address, and by asking in the victim's name.
#[tokio::test]
async fn attack_using_up_a_victims_mail() {
    let app = App::with_mail().await;
    app.verified("ada", ADA).await;
    app.make("eve", Role::User).await;
    for n in 0..5 {
        app.sign_up_at(&format!("squatter{n}"), ADA).await;
    }
    let eve = app.client.bearer(app.token("eve").await);
    for _ in 0..5 {
        eve.post("/me/email").json(&json!({ "email": ADA })).send().await;
    }
    for _ in 0..5 {
        app.forgot("ada").await;
    }
    let ada = app.client.bearer(app.token("ada").await);
    let change = json!({ "email": "ada@example.net" });
    assert_eq!(ada.post("/me/email").json(&change).send().await.status, StatusCode::ACCEPTED);
    let mail = app.all_mail().await;
    let got = |subject: &str| mail.iter().filter(|message| message.subject() == subject).count();
    assert_eq!(got("Set another password"), 3, "whatever else was sent there");
    assert_eq!(got("Confirm your new e-mail address"), 1, "what others asked for is not charged to her");
}

/// Whoever is on the telephone with an admin is not kept from their link.
#[tokio::test]
async fn attack_a_link_handed_over_pushed_out_by_asking_for_others() {
    let app = App::with_mail().await;
    let ada = app.verified("ada", ADA).await;
    app.make("root", Role::Admin).await;
    let path = format!("/admin/accounts/{}/password-reset", ada.id);
    let made = app.client.bearer(app.token("root").await).post(&path).send().await.json();
    let link = made["link"].as_str().unwrap().split_once("token=").unwrap().1.to_owned();
    for _ in 0..3 {
        app.reset_token("ada").await;
    }
    assert_eq!(app.reset(&link, NEW).await.status, StatusCode::NO_CONTENT);
}

/// And one account does not send more by naming ever other addresses.
#[tokio::test]
async fn attack_mail_to_many_addresses_by_one_account() {
    let app = App::with_mail().await;
    app.make("eve", Role::User).await;
    let client = app.client.bearer(app.token("eve").await);
    for n in 0..20 {
        let change = json!({ "email": format!("victim{n}@example.org") });
        assert_eq!(client.post("/me/email").json(&change).send().await.status, StatusCode::ACCEPTED);
    }
    assert_eq!(app.all_mail().await.len(), 3);
}

#[tokio::test]
async fn attack_many_requests_from_one_address() {
    let app = App::with(Settings { mail: true, burst: 3, ..Settings::default() }).await;
    for _ in 0..3 {
        assert_eq!(app.forgot("eve").await.status, StatusCode::ACCEPTED);
    }
    let answer = app.forgot("ada").await;
    assert_problem(&answer, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), Some("1"));
}

/// Whoever sends a `Host` of theirs does not have the link made of it.
#[tokio::test]
async fn attack_host_header_poisoning() {
    let app = App::with_mail().await;
    app.verified("ada", ADA).await;
    let body = json!({ "username_or_email": "ada" });
    let mut request = app.client.post("/password/forgot").json(&body);
    for name in ["host", "x-forwarded-host", "x-forwarded-server", "x-original-url", "origin", "referer"] {
        request = request.header(name, "evil.example");
    }
    request = request.header("forwarded", "host=evil.example");
    assert_eq!(request.send().await.status, StatusCode::ACCEPTED);
    let message = app.post.next().await;
    assert!(message.text().expose().contains(ISSUER) && !message.text().expose().contains("evil"));
}

#[tokio::test]
async fn an_admin_hands_over_a_link_and_nobody_else_does() {
    let app = App::with_user("ada").await;
    app.make("root", Role::Admin).await;
    let ada = app.account("ada").await.id;
    let path = format!("/admin/accounts/{ada}/password-reset");
    let answer = app.client.bearer(app.token("root").await).post(&path).send().await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, Some("no-store")));
    let made = answer.json();
    assert_eq!(made["expires_at"], "2023-11-14T22:43:20Z");
    let link =
        made["link"].as_str().unwrap().strip_prefix(&format!("{ISSUER}/reset-password?token=")).unwrap();
    let entry = &app.world.trail(Trail::Changes).await[0];
    assert_eq!((entry.action, &entry.target), (Action::ResetLinkMade, &ada.to_string()));
    assert!(!entry.detail.to_string().contains(link));

    let own = app.client.bearer(app.token("ada").await);
    assert_problem(&own.post(&path).send().await, StatusCode::FORBIDDEN);
    let narrow = app.client.bearer(app.narrowed("root", "accounts:write").await);
    assert_problem(&narrow.post(&path).send().await, StatusCode::FORBIDDEN);

    assert_eq!(app.reset(link, NEW).await.status, StatusCode::NO_CONTENT);
    assert_eq!(app.sign_in("ada", NEW).await.status, StatusCode::OK);
}

/// A token somebody left lying about, and an app's narrow one, are no way into accounts, least of all their own.
#[tokio::test]
async fn attack_ways_in_made_with_an_admins_old_token() {
    let app = App::with_admin().await;
    let admin = app.client.bearer(app.token("root").await);
    let bot = json!({ "username": "bot", "kind": "service", "email": ADA });
    assert_eq!(admin.post("/admin/create").json(&bot).send().await.status, StatusCode::CREATED);
    let (root, bot) = (app.account("root").await, app.account("bot").await.id);
    let ada = app.make("ada", Role::User).await.id;
    let key = app.any_key_of(bot).await;
    let old = app
        .forged(&root, |claims| {
            claims.scopes = Role::Admin.scopes();
            claims.authenticated_at = claims
                .authenticated_at
                .map(|at| palisade::clock::Timestamp::from_unix(at.as_unix() - 15 * 60 - 1));
        })
        .await;
    let old = app.client.bearer(old);
    let before = app.accounts().await;
    let new_key = json!({ "name": "ci", "scopes": ["me:read"] });
    for (method, path, body) in [
        (Method::POST, format!("/admin/accounts/{ada}/password-reset"), json!({})),
        (Method::POST, format!("/admin/accounts/{bot}/api-keys"), new_key),
        (Method::POST, format!("/admin/accounts/{bot}/api-keys/{key}/rotate"), json!({})),
        (Method::PATCH, format!("/admin/accounts/{ada}"), json!({ "email": "eve@example.org" })),
        (Method::PATCH, format!("/admin/accounts/{ada}"), json!({ "email_verified": true })),
    ] {
        let answer = old.request(method, &path).json(&body).send().await;
        assert_problem(&answer, StatusCode::FORBIDDEN);
        assert!(
            answer.header("www-authenticate").unwrap().contains("insufficient_user_authentication"),
            "{path}"
        );
    }
    let narrow = app.client.bearer(app.narrowed("root", "accounts:write").await);
    let change = json!({ "email": "eve@example.org" });
    let answer = narrow.request(Method::PATCH, &format!("/admin/accounts/{ada}")).json(&change).send().await;
    assert_problem(&answer, StatusCode::FORBIDDEN);
    assert_eq!(app.accounts().await, before);
    // What is no way in needs no more than before.
    let path = format!("/admin/accounts/{ada}");
    assert_eq!(old.request(Method::PATCH, &path).json(&json!({})).send().await.status, StatusCode::OK);
    let own = format!("/admin/accounts/{}/password-reset", root.id);
    assert_problem(&admin.post(&own).send().await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_proven_address_is_told_when_an_admin_sets_another() {
    let app = App::with_mail().await;
    let ada = app.verified("ada", ADA).await;
    app.make("root", Role::Admin).await;
    let admin = app.client.bearer(app.token("root").await);
    let path = format!("/admin/accounts/{}", ada.id);
    for change in [json!({ "email_verified": true }), json!({ "email": "ada@example.net" })] {
        assert_eq!(admin.request(Method::PATCH, &path).json(&change).send().await.status, StatusCode::OK);
    }
    let mail = app.all_mail().await;
    assert_eq!(mail.len(), 1);
    assert_eq!((mail[0].to().as_str(), mail[0].subject()), (ADA, "Your e-mail address was changed"));
}

#[tokio::test]
async fn there_is_no_link_for_a_service_or_for_a_disabled_account() {
    let app = App::with_admin().await;
    let admin = app.client.bearer(app.token("root").await);
    let body = json!({ "username": "bot", "kind": "service", "email": ADA });
    assert_eq!(admin.post("/admin/create").json(&body).send().await.status, StatusCode::CREATED);
    let gone = app.make("gone", Role::User).await;
    app.world.beside.disable(Actor::Operator, gone.id).await.unwrap();
    for id in [app.account("bot").await.id, gone.id] {
        let path = format!("/admin/accounts/{id}/password-reset");
        assert_problem(&admin.post(&path).send().await, StatusCode::CONFLICT);
    }
    let answer = admin.request(Method::PATCH, &format!("/admin/accounts/{}", app.account("bot").await.id));
    assert_eq!(answer.json(&json!({ "email_verified": true })).send().await.status, StatusCode::OK);
    app.forgot("bot").await;
    app.forgot(ADA).await;
    assert_eq!(app.all_mail().await.len(), 0);
}

#[tokio::test]
async fn a_store_that_fails_is_503_for_everybody_and_uses_no_link_up() {
    let app = App::with_mail().await;
    app.verified("ada", ADA).await;
    let link = app.reset_token("ada").await;
    app.store.fail(true);
    for named in ["ada", "nobody"] {
        assert_problem(&app.forgot(named).await, StatusCode::SERVICE_UNAVAILABLE);
    }
    for answer in [app.reset(&link, NEW).await, app.verify(&link).await] {
        assert_problem(&answer, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!answer.text().contains("canary"));
    }
    app.store.fail(false);
    assert_eq!(app.reset(&link, NEW).await.status, StatusCode::NO_CONTENT);
}

/// Whoever copies the database has no link.
#[tokio::test]
async fn attack_links_read_from_the_database() {
    let app = App::with_mail().await;
    app.sign_up_at("eve", "eve@example.org").await;
    let proves = token_of(&app.post.next().await);
    app.verified("ada", ADA).await;
    let links = [proves, app.reset_token("ada").await];
    for file in std::fs::read_dir(app.world.folder.path()).unwrap() {
        let content = std::fs::read(file.unwrap().path()).unwrap();
        for link in &links {
            let bytes =
                base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, link).unwrap();
            assert!(!content.windows(link.len()).any(|window| window == link.as_bytes()));
            assert!(!content.windows(bytes.len()).any(|window| window == bytes));
        }
    }
}
