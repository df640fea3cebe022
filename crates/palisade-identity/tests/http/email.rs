//! Proving an address, and changing it: `POST /email/verify`, `/me/email` and `/me/email/verification`, `PATCH /me`.

use std::time::Duration;

use http::{Method, StatusCode};
use palisade_identity::{
    accounts::AccountsError,
    audit::{Action, Trail},
    proofs::EmailChange,
    role::Role,
};
use serde_json::json;

use crate::{
    app::{App, ISSUER, PASSWORD, application, assert_problem, token_in},
    world::post::token_of,
};

const ADA: &str = "ada@example.org";

#[tokio::test]
async fn whoever_signs_up_gets_a_link_that_proves_the_address_once() {
    let app = App::with_mail().await;
    let made = app.sign_up_at("ada", ADA).await;
    assert_eq!((made.status, &made.json()["email_verified"]), (StatusCode::CREATED, &json!(false)));
    let message = app.post.next().await;
    assert_eq!((message.to().as_str(), message.subject()), (ADA, "Confirm your e-mail address"));
    let token = token_of(&message);
    assert!(message.text().expose().contains(&format!("\n{ISSUER}/verify-email?token={token}\n")));

    let answer = app.verify(&token).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::NO_CONTENT, 0));
    let client = app.client.bearer(app.token("ada").await);
    assert_eq!(client.get("/me").send().await.json()["email_verified"], true);
    assert_problem(&app.verify(&token).await, StatusCode::BAD_REQUEST);
    let trail = app.world.trail(Trail::Changes).await;
    assert_eq!(trail[0].action, Action::EmailVerified);
}

#[tokio::test]
async fn a_link_is_asked_for_again_and_not_once_the_address_is_proven() {
    let app = App::with_mail().await;
    app.sign_up_at("ada", ADA).await;
    let client = app.client.bearer(app.token("ada").await);
    let first = token_of(&app.post.next().await);
    assert_eq!(client.post("/me/email/verification").send().await.status, StatusCode::ACCEPTED);
    assert_ne!(token_of(&app.post.next().await), first);
    assert_eq!(app.verify(&first).await.status, StatusCode::NO_CONTENT, "the first may have been on its way");
    assert_eq!(client.post("/me/email/verification").send().await.status, StatusCode::ACCEPTED);
    assert_eq!(app.all_mail().await.len(), 0);
}

#[tokio::test]
async fn attack_links_that_are_none() {
    let app = App::with_mail().await;
    app.sign_up_at("ada", ADA).await;
    let token = token_of(&app.post.next().await);
    let truncated = &token[..token.len() - 1];
    let altered = format!("{}{}", if token.starts_with('A') { 'B' } else { 'A' }, &token[1..]);
    let expected = app.verify("").await.json();
    for text in [
        truncated,
        &altered,
        &format!("{token}A"),
        &format!("{token}="),
        &format!(" {token}"),
        &token.replace('_', "/").to_uppercase(),
        &"A".repeat(43),
        &"é".repeat(43),
        "\0",
        "' OR 1=1 --",
    ] {
        for answer in [app.verify(text).await, app.reset(text, "battery staple").await] {
            assert_problem(&answer, StatusCode::BAD_REQUEST);
            assert_eq!(answer.json(), expected, "all look the same: {text}");
            assert!(!answer.text().contains(&token));
        }
    }
    assert_problem(&app.verify(&"A".repeat(257)).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.account("ada").await.email_verified_at, None);
    assert_eq!(app.verify(&token).await.status, StatusCode::NO_CONTENT, "trying did not use it up");
}

#[tokio::test]
async fn a_link_that_proves_an_address_is_good_for_a_day() {
    let app = App::with_mail().await;
    app.sign_up_at("ada", ADA).await;
    let token = token_of(&app.post.next().await);
    app.world.clock.advance(Duration::from_hours(24));
    assert_problem(&app.verify(&token).await, StatusCode::BAD_REQUEST);
    assert_eq!(app.account("ada").await.email_verified_at, None);
}

/// Whoever signs up with an address of somebody else keeps nobody from it, and gets nothing by it.
#[tokio::test]
async fn attack_squatted_address() {
    let app = App::with_mail().await;
    app.sign_up_at("mallory", ADA).await;
    let squatters = token_of(&app.post.next().await);
    app.verified("ada", ADA).await;
    // The message to the squatted address went to its owner, who has an account now and need not fear the link.
    assert_problem(&app.verify(&squatters).await, StatusCode::CONFLICT);
    assert_eq!(app.account("mallory").await.email_verified_at, None);

    app.forgot(ADA).await;
    app.forgot("mallory").await;
    let mail = app.all_mail().await;
    assert_eq!(mail.len(), 1, "none for the account whose address is not proven");
    assert_eq!(app.reset(&token_of(&mail[0]), "battery staple").await.status, StatusCode::NO_CONTENT);
    assert_eq!(app.sign_in("ada", "battery staple").await.status, StatusCode::OK);
    assert_eq!(app.sign_in("mallory", PASSWORD).await.status, StatusCode::OK);
}

/// Whether an address is known shows in its mailbox and nowhere else.
#[tokio::test]
async fn attack_account_enumeration_by_sign_up() {
    let app = App::with_mail().await;
    app.verified("ada", ADA).await;
    let (known, unknown) = (app.sign_up_at("eve", ADA).await, app.sign_up_at("bob", "bob@example.org").await);
    assert_eq!(known.status, unknown.status);
    let names = |answer: &palisade::testing::Response| {
        answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(names(&known), names(&unknown));
    let same = |answer: &palisade::testing::Response| {
        let mut body = answer.json();
        for field in ["id", "username", "email"] {
            body[field] = json!(null);
        }
        body
    };
    assert_eq!(same(&known), same(&unknown));
    let mail = app.all_mail().await;
    let to_ada = mail.iter().find(|message| message.to().as_str() == ADA).unwrap();
    assert_eq!(to_ada.subject(), "You have an account already");
    assert!(
        to_ada.text().expose().contains("the account \"ada\"") && !to_ada.text().expose().contains("eve")
    );
    assert!(!to_ada.text().expose().contains("token"), "nothing to be proven");
    assert_eq!(mail.len(), 2);
}

#[tokio::test]
async fn another_address_counts_once_it_is_proven_and_the_one_before_is_told() {
    let app = App::with_mail().await;
    app.verified("ada", ADA).await;
    let client = app.client.bearer(app.token("ada").await);
    let change = json!({ "email": "ada@example.net" });
    assert_eq!(client.post("/me/email").json(&change).send().await.status, StatusCode::ACCEPTED);
    let message = app.post.next().await;
    assert_eq!(message.to().as_str(), "ada@example.net");
    let me = client.get("/me").send().await.json();
    assert_eq!((&me["email"], &me["email_verified"]), (&json!(ADA), &json!(true)), "until then all stays");

    assert_eq!(app.verify(&token_of(&message)).await.status, StatusCode::NO_CONTENT);
    let me = client.get("/me").send().await.json();
    assert_eq!((&me["email"], &me["email_verified"]), (&json!("ada@example.net"), &json!(true)));
    let notice = app.post.next().await;
    assert_eq!((notice.to().as_str(), notice.subject()), (ADA, "Your e-mail address was changed"));
    assert!(!notice.text().expose().contains("token"));
    let trail = app.world.trail(Trail::Changes).await;
    assert_eq!([trail[0].action, trail[1].action], [Action::EmailChanged, Action::EmailChangeAsked]);
    // Nobody is found by the old one any more.
    app.forgot(ADA).await;
    assert_eq!(app.all_mail().await.len(), 0);
}

#[tokio::test]
async fn attack_an_address_asked_for_that_is_another_accounts() {
    let app = App::with_mail().await;
    app.verified("ada", ADA).await;
    app.verified("eve", "eve@example.org").await;
    let client = app.client.bearer(app.token("eve").await);
    let known = client.post("/me/email").json(&json!({ "email": "ADA@example.org" })).send().await;
    let unknown = client.post("/me/email").json(&json!({ "email": "new@example.org" })).send().await;
    assert_eq!((known.status, known.body.len()), (unknown.status, unknown.body.len()));
    let mail = app.all_mail().await;
    let to_ada = mail.iter().find(|message| message.to().as_str() == "ADA@example.org").unwrap();
    assert_eq!(to_ada.subject(), "You have an account already");
    assert_eq!(app.account("eve").await.email.as_str(), "eve@example.org");
}

/// The address is a way into the account: neither a token somebody left lying about nor an app's narrow one gets it.
#[tokio::test]
async fn attack_an_address_changed_by_a_narrow_or_an_old_token() {
    for app in [App::with_mail().await, App::new().await] {
        app.make("ada", Role::User).await;
        let before = app.accounts().await;
        let change = json!({ "email": "eve@example.org" });
        let narrow = app.narrowed("ada", "me:read me:write").await;
        let account = app.account("ada").await;
        let old = app
            .forged(&account, |claims| {
                claims.scopes = "me:read me:write".parse().unwrap();
                claims.authenticated_at = claims
                    .authenticated_at
                    .map(|at| palisade::clock::Timestamp::from_unix(at.as_unix() - 15 * 60 - 1));
            })
            .await;
        for (method, path) in [(Method::PATCH, "/me"), (Method::POST, "/me/email")] {
            for token in [&narrow, &old] {
                let client = app.client.bearer(token);
                let answer = client.request(method.clone(), path).json(&change).send().await;
                assert_problem(&answer, StatusCode::FORBIDDEN);
            }
        }
        // What changes no address needs no more than the scope.
        let answer = app.client.bearer(&narrow).request(Method::PATCH, "/me").json(&json!({})).send().await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(app.accounts().await, before);
        assert_eq!(app.all_mail().await.len(), 0);
    }
}

#[tokio::test]
async fn patch_me_asks_for_an_address_as_well() {
    let app = App::with_mail().await;
    app.verified("ada", ADA).await;
    let client = app.client.bearer(app.token("ada").await);
    let change = json!({ "email": "ada@example.net" });
    let answer = client.request(Method::PATCH, "/me").json(&change).send().await;
    assert_eq!((answer.status, &answer.json()["email"]), (StatusCode::OK, &json!(ADA)));
    assert_eq!(app.verify(&token_of(&app.post.next().await)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(app.account("ada").await.email.as_str(), "ada@example.net");
}

/// Who took an account over for a moment and asked for an address does not get it after its owner is back.
#[tokio::test]
async fn attack_an_address_proven_after_the_password_was_changed() {
    let app = App::with_mail().await;
    app.verified("ada", ADA).await;
    let client = app.client.bearer(app.token("ada").await);
    client.post("/me/email").json(&json!({ "email": "eve@example.org" })).send().await;
    let eves = token_of(&app.post.next().await);
    let change = json!({ "current_password": PASSWORD, "new_password": "battery staple" });
    assert_eq!(client.post("/me/password").json(&change).send().await.status, StatusCode::NO_CONTENT);
    assert_problem(&app.verify(&eves).await, StatusCode::BAD_REQUEST);
    assert_eq!(app.account("ada").await.email.as_str(), ADA);
}

/// The request was let in; before its letter is written, or its change, its owner signs out everywhere.
#[tokio::test]
async fn attack_an_address_changed_by_a_session_that_ended() {
    for app in [App::with_mail().await, App::new().await] {
        app.make("ada", Role::User).await;
        let asking = app.account("ada").await;
        app.world.accounts.sign_out_everywhere(asking.id).await.unwrap();
        let asked =
            app.identity.parts().proofs.change_email(&asking, "eve@example.org".parse().unwrap()).await;
        let expected = if app.identity.parts().proofs.sends_mail() {
            Ok(EmailChange::Asked)
        } else {
            Err(AccountsError::ChangedMeanwhile)
        };
        assert_eq!(asked, expected);
        assert_eq!(app.all_mail().await.len(), 0);
        assert_eq!(app.account("ada").await.email, asking.email);
        let trail = app.world.trail(Trail::Changes).await;
        assert_eq!(trail[0].action, Action::SignedOutEverywhere, "nor is there a link nobody was sent");
    }
}

#[tokio::test]
async fn without_mail_an_admin_says_that_an_address_is_its_owners() {
    let app = App::with_user("ada").await;
    app.make("eve", Role::User).await;
    app.make("root", Role::Admin).await;
    let ada = app.client.bearer(app.token("ada").await);
    assert_problem(&ada.post("/me/email/verification").send().await, StatusCode::FORBIDDEN);
    assert_problem(&app.forgot("ada").await, StatusCode::FORBIDDEN);

    let admin = app.client.bearer(app.token("root").await);
    let verified = async |name: &str| {
        let path = format!("/admin/accounts/{}", app.account(name).await.id);
        admin.request(Method::PATCH, &path).json(&json!({ "email_verified": true })).send().await
    };
    assert_eq!(verified("ada").await.json()["email_verified"], true);
    assert_problem(&verified("eve").await, StatusCode::CONFLICT);
    // At once, and then it is not proven.
    let change = json!({ "email": "ada@example.net" });
    assert_eq!(ada.post("/me/email").json(&change).send().await.status, StatusCode::ACCEPTED);
    assert_eq!(app.account("ada").await.email.as_str(), "ada@example.net");
    assert_eq!(app.account("ada").await.email_verified_at, None);
    assert_eq!(app.all_mail().await.len(), 0);
}

#[tokio::test]
async fn a_full_or_closed_outbox_takes_nothing_away_from_a_sign_up() {
    let app = App::with_mail().await;
    app.outbox.finish().await;
    assert_eq!(app.sign_up(&application("ada")).await.status, StatusCode::CREATED);
    let client = app.client.bearer(token_in(&app.sign_in("ada", PASSWORD).await));
    assert_problem(&client.post("/me/email/verification").send().await, StatusCode::SERVICE_UNAVAILABLE);
    let change = json!({ "email": "ada@example.net" });
    assert_problem(&client.post("/me/email").json(&change).send().await, StatusCode::SERVICE_UNAVAILABLE);
}

/// The name is the one thing of the sender's own in a message, and it is in no header.
#[tokio::test]
async fn attack_header_injection_by_username() {
    let app = App::with_mail().await;
    for name in ["ada\r\nBcc: eve@example.org", "ada\nx", "ada\u{2028}x", "ada\u{85}x"] {
        assert_problem(&app.sign_up_at(name, ADA).await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_problem(
        &app.sign_up_at("ada", "a@b.example\r\nBcc: eve@example.org").await,
        StatusCode::UNPROCESSABLE_ENTITY,
    );
    for (n, name) in
        ["bcc:eve@example.org", "https://evil.example/", "=?utf-8?q?x?=", "<b>"].iter().enumerate()
    {
        assert_eq!(app.sign_up_at(name, &format!("a{n}@example.org")).await.status, StatusCode::CREATED);
        let message = app.post.next().await;
        assert_eq!(message.subject(), "Confirm your e-mail address");
        assert_eq!(message.to().as_str(), format!("a{n}@example.org"));
        assert!(!message.text().expose().contains(name), "a mail program would make something of it");
        assert!(!format!("{message:?}").contains("token="));
    }
}
