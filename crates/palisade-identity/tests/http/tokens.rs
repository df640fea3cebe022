//! Which tokens are let in, and when they end.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::StatusCode;
use palisade::{
    clock::SharedClock,
    random::SeededRandom,
    secret::SecretString,
    token::{AccessTokenClaims, Issuer, SigningKey, Verifier},
};
use palisade_identity::{
    audit::Actor,
    changes::Changes,
    keys::{KeySettings, MasterKey, SigningKeys, discard},
    role::Role,
};
use serde_json::{Value, json};

use crate::app::{App, ISSUER, MILLISECOND, PASSWORD, part};

/// The claims of a token as `/token` would issue it to the only account there is.
async fn claims(app: &App) -> AccessTokenClaims {
    let mut claims = AccessTokenClaims::new(&app.accounts().await[0].id.to_string(), ISSUER, "palisade");
    claims.generation = Some(0);
    claims.undelegated = true;
    claims
}

#[tokio::test]
async fn a_token_ends_when_it_says_so() {
    let app = App::with_user("ada").await;
    let token = app.token("ada").await;
    app.world.clock.advance(Duration::from_secs(299));
    assert!(app.lets_in(&token).await);
    app.world.clock.advance(Duration::from_secs(61 + 1));
    assert!(!app.lets_in(&token).await, "also though it has been verified before");
}

#[tokio::test]
async fn attack_a_token_of_another_key() {
    let app = App::with_user("ada").await;
    let clock: SharedClock = app.world.clock.clone();
    let random = SeededRandom::shared(666);
    let key = SigningKey::generate(&*random).unwrap();
    let token = Issuer::new(ISSUER, key, clock, random).issue(&claims(&app).await).unwrap();
    assert!(!app.lets_in(token.expose()).await);
}

#[tokio::test]
async fn attack_a_token_of_another_issuer_with_our_key() {
    let app = App::with_user("ada").await;
    let clock: SharedClock = app.world.clock.clone();
    let master = SecretString::new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    let other = "https://issuer.example.evil.example";
    let verifier = Verifier::access_tokens(other, other).clock(Arc::clone(&clock)).build();
    let keys = SigningKeys::open(
        Changes::begin(Arc::clone(&app.world.store_beside), clock).unwrap(),
        MasterKey::from_base64(&master).unwrap(),
        KeySettings { issuer: other.to_owned(), token_lifetime: Duration::from_secs(300) },
        Arc::new(verifier),
        Arc::clone(&app.world.random),
    )
    .await
    .unwrap();
    let token = keys.issuer().await.unwrap().issue(&claims(&app).await).unwrap();
    assert_eq!(part(token.expose(), 0)["kid"], part(&app.token("ada").await, 0)["kid"]);
    assert!(!app.lets_in(token.expose()).await);
}

#[tokio::test]
async fn attack_a_token_for_another_audience_account_or_purpose() {
    let app = App::with_user("ada").await;
    let ada = app.accounts().await.remove(0);
    assert!(app.lets_in(&app.forged(&ada, |_| ()).await).await, "the forgery is right but for one thing");
    let changes: [fn(&mut AccessTokenClaims); 8] = [
        |claims| claims.audience = "https://api.example".to_owned(),
        |claims| claims.audience = format!("{ISSUER}/"),
        |claims| claims.subject = "018bcfe5-6800-7000-8000-00000000000a".to_owned(),
        |claims| claims.subject = "ada".to_owned(),
        |claims| claims.subject = claims.subject.to_uppercase(),
        |claims| claims.generation = None,
        |claims| claims.generation = Some(1),
        |claims| claims.lifetime = Duration::ZERO,
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let token = app.forged(&ada, change).await;
        if number == 7 {
            app.world.clock.advance(Duration::from_secs(62));
        }
        assert!(!app.lets_in(&token).await, "change {number}");
    }
}

#[tokio::test]
async fn attack_a_client_that_calls_itself_undelegated() {
    let app = App::with_admin().await;
    let root = app.accounts().await.remove(0);
    let token = app.forged(&root, |claims| claims.client_id = "eve".to_owned()).await;
    for path in ["/me", "/admin/accounts"] {
        let answer = app.client.bearer(&token).get(path).send().await;
        assert_eq!(
            answer.status,
            StatusCode::FORBIDDEN,
            "{path}: it holds what it was issued, which is nothing"
        );
    }
}

#[tokio::test]
async fn attack_a_token_whose_text_was_changed() {
    let app = App::with_user("ada").await;
    let token = app.token("ada").await;
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let parts: Vec<&str> = token.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);

    let with = |name: &str, value: Value| {
        let mut claims = part(&token, 1);
        claims[name] = value;
        encode(&claims)
    };
    let none = encode(&json!({ "alg": "none", "typ": "at+jwt" }));
    let shared = encode(&json!({ "alg": "HS256", "typ": "at+jwt", "kid": part(&token, 0)["kid"] }));
    for changed in [
        format!("{header}.{}.{signature}", with("scope", json!("accounts:write"))),
        format!("{header}.{}.{signature}", with("exp", json!(9_999_999_999_i64))),
        format!("{none}.{payload}."),
        format!("{none}.{payload}.{signature}"),
        format!("{shared}.{payload}.{signature}"),
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("{header}.{payload}.{signature}.{signature}"),
        format!("{token}="),
        format!("{token}A"),
        token.to_uppercase(),
    ] {
        assert!(!app.lets_in(&changed).await, "{changed}");
    }
    assert!(app.lets_in(&token).await);
}

#[tokio::test]
async fn a_token_outlives_the_rotation_of_keys_and_ends_when_its_key_is_retired() {
    let app = App::with_user("ada").await;
    let old = app.token("ada").await;
    app.keys.rotate(Actor::Operator).await.unwrap();
    let new = app.token("ada").await;
    assert_ne!(part(&old, 0)["kid"], part(&new, 0)["kid"]);
    assert!(app.lets_in(&old).await && app.lets_in(&new).await);

    let leaked = part(&old, 0)["kid"].as_str().unwrap().to_owned();
    app.keys.retire(Actor::Operator, &leaked).await.unwrap();
    assert!(!app.lets_in(&old).await);
    assert!(app.lets_in(&new).await);
    assert!(!app.client.get("/.well-known/jwks.json").send().await.text().contains(&leaked));
}

#[tokio::test]
async fn a_key_retired_by_a_command_beside_ends_its_tokens_too() {
    let app = App::with_user("ada").await;
    let token = app.token("ada").await;
    assert!(app.lets_in(&token).await);
    let kid = part(&token, 0)["kid"].as_str().unwrap().to_owned();
    discard(&*app.world.store_beside, &*app.world.clock, Actor::Operator, &kid).await.unwrap();
    app.world.clock.advance(MILLISECOND);
    assert!(!app.lets_in(&token).await);
    assert!(app.lets_in(&app.token("ada").await).await, "another key signs now");
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once_and_its_tokens_stay_dead_when_it_is_enabled() {
    let app = App::with_admin().await;
    let ada = app.make("ada", Role::User).await;
    let (token, narrowed) = (app.token("ada").await, app.narrowed("ada", "me:read").await);
    assert!(app.lets_in(&token).await && app.lets_in(&narrowed).await);

    let admin = app.client.bearer(app.token("root").await);
    let disabled = admin.post(&format!("/admin/accounts/{}/disable", ada.id)).send().await;
    assert_eq!((disabled.status, &disabled.json()["status"]), (StatusCode::OK, &json!("disabled")));
    assert!(!app.lets_in(&token).await && !app.lets_in(&narrowed).await);
    assert_eq!(app.sign_in("ada", PASSWORD).await.json()["error"], "invalid_grant");

    let enabled = admin.post(&format!("/admin/accounts/{}/enable", ada.id)).send().await;
    assert_eq!((enabled.status, &enabled.json()["status"]), (StatusCode::OK, &json!("active")));
    assert!(!app.lets_in(&token).await && !app.lets_in(&narrowed).await);
    assert!(app.lets_in(&app.token("ada").await).await);
}

#[tokio::test]
async fn an_account_disabled_by_a_command_beside_is_out_a_millisecond_later() {
    let app = App::with_user("ada").await;
    let token = app.token("ada").await;
    assert!(app.lets_in(&token).await);
    app.world.beside.disable(Actor::Operator, app.accounts().await[0].id).await.unwrap();
    app.world.clock.advance(MILLISECOND);
    assert!(!app.lets_in(&token).await);
}

#[tokio::test]
async fn signing_out_everywhere_ends_all_tokens_also_the_one_it_was_asked_with() {
    let app = App::with_user("ada").await;
    app.make("eve", Role::User).await;
    let tokens = [app.token("ada").await, app.token("ada").await, app.narrowed("ada", "me:read").await];
    let other = app.token("eve").await;
    let answer = app.client.bearer(&tokens[0]).post("/sign-out-everywhere").send().await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::NO_CONTENT, 0));
    for token in &tokens {
        assert!(!app.lets_in(token).await);
    }
    assert!(app.lets_in(&other).await, "nobody else's");
    assert!(app.lets_in(&app.token("ada").await).await);
}
