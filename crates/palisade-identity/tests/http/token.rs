//! `POST /token`: what a token request is answered with (RFC 6749, sections 4.3, 5.1 and 5.2).

use std::sync::atomic::Ordering;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::StatusCode;
use palisade::testing::Response;
use palisade_identity::{audit::Actor, role::Role};
use serde_json::json;

use crate::{
    app::{App, ISSUER, PASSWORD, part, token_in},
    world::Asked,
};

const FIELDS: [(&str, &str); 3] = [("grant_type", "password"), ("username", "ada"), ("password", PASSWORD)];

/// That it is a refusal as section 5.2 writes it, which no cache keeps.
#[track_caller]
fn assert_refused(answer: &Response, status: StatusCode, error: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    let body = answer.json();
    assert_eq!(body["error"], error, "{body}");
    assert_eq!(body["detail"], body["error_description"]);
    let description = body["error_description"].as_str().unwrap();
    let allowed = |byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    assert!(!description.is_empty() && description.bytes().all(allowed), "{description}");
    assert!(body.get("access_token").is_none());
}

/// [`FIELDS`], with others beside them.
fn with<'f>(more: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    FIELDS.iter().chain(more).copied().collect()
}

#[tokio::test]
async fn a_name_and_its_password_give_a_token_with_all_the_account_has() {
    let app = App::with_user("ada").await;
    let answer = app.ask_token(&FIELDS).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    let body = answer.json();
    assert_eq!(body["token_type"], "bearer");
    assert_eq!(body["expires_in"], 300);
    assert_eq!(body["scope"], "keys:write me:read me:write");

    let token = token_in(&answer);
    assert_eq!(part(&token, 0)["typ"], "at+jwt");
    let claims = part(&token, 1);
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!(ISSUER)));
    assert_eq!(claims["client_id"], "palisade");
    assert_eq!(claims["auth_time"], claims["iat"]);
    assert!(claims.get("roles").is_none(), "roles come from the store");
    assert!(app.lets_in(&token).await);
}

#[tokio::test]
async fn the_name_is_taken_whatever_its_case_or_width() {
    let app = App::with_user("ada").await;
    for name in ["ada", "ADA", "ＡＤＡ"] {
        assert_eq!(app.sign_in(name, PASSWORD).await.status, StatusCode::OK, "{name}");
    }
}

#[tokio::test]
async fn a_missing_empty_or_repeated_field_is_an_invalid_request() {
    let app = App::with_user("ada").await;
    for missing in 0..FIELDS.len() {
        let mut fields = FIELDS.to_vec();
        fields.remove(missing);
        assert_refused(&app.ask_token(&fields).await, StatusCode::BAD_REQUEST, "invalid_request");
        let mut fields = FIELDS.to_vec();
        fields[missing].1 = "";
        assert_refused(&app.ask_token(&fields).await, StatusCode::BAD_REQUEST, "invalid_request");
        let twice = with(&[FIELDS[missing]]);
        assert_refused(&app.ask_token(&twice).await, StatusCode::BAD_REQUEST, "invalid_request");
    }
    let twice = with(&[("scope", "me:read"), ("scope", "me:write")]);
    assert_refused(&app.ask_token(&twice).await, StatusCode::BAD_REQUEST, "invalid_request");
    assert_eq!(app.world.hashing.asked(), [], "no password was looked at");
}

#[tokio::test]
async fn a_field_that_is_not_known_is_ignored_as_the_standard_asks() {
    let app = App::with_user("ada").await;
    assert_eq!(app.ask_token(&with(&[("resource", "x")])).await.status, StatusCode::OK);
}

#[tokio::test]
async fn attack_accounts_cannot_be_told_from_each_other_or_from_none() {
    let app = App::with_user("ada").await;
    let eve = app.make("eve", Role::User).await;
    app.world.accounts.disable(Actor::Operator, eve.id).await.unwrap();
    let wrong = app.sign_in("ada", "wrong password").await;
    assert_refused(&wrong, StatusCode::BAD_REQUEST, "invalid_grant");
    assert_eq!(app.world.hashing.asked(), [Asked::VerifyKnown]);

    for (name, password, cost) in [
        ("eve", PASSWORD, Asked::VerifyKnown),
        ("eve", "wrong password", Asked::VerifyKnown),
        ("nobody", PASSWORD, Asked::VerifyUnknown),
        ("no such name", PASSWORD, Asked::VerifyUnknown),
        ("ada\0", PASSWORD, Asked::VerifyUnknown),
        ("' OR 1=1 --", PASSWORD, Asked::VerifyUnknown),
        ("ada@example.org", PASSWORD, Asked::VerifyUnknown),
        ("\u{202e}ada", PASSWORD, Asked::VerifyUnknown),
    ] {
        let answer = app.sign_in(name, password).await;
        assert_eq!(
            (answer.status, &answer.headers, &answer.body),
            (wrong.status, &wrong.headers, &wrong.body)
        );
        assert_eq!(app.world.hashing.asked(), [cost], "one check of a password, whoever it is");
    }
}

#[tokio::test]
async fn attack_scopes_are_looked_at_only_for_whoever_knows_the_password() {
    let app = App::with_user("ada").await;
    let guess =
        [("grant_type", "password"), ("username", "ada"), ("password", "wrong"), ("scope", "accounts:read")];
    assert_refused(&app.ask_token(&guess).await, StatusCode::BAD_REQUEST, "invalid_grant");
}

#[tokio::test]
async fn a_scope_that_is_unknown_malformed_or_more_than_the_account_has_is_refused() {
    let app = App::with_user("ada").await;
    for scope in [
        "accounts:read",
        "me:read accounts:write",
        "nonsense",
        "ME:READ",
        "me:read  me:write",
        " me:read",
        "me:read\tme:write",
        "me:\"read",
        "me:\\read",
        "mé",
    ] {
        let answer = app.ask_token(&with(&[("scope", scope)])).await;
        assert_refused(&answer, StatusCode::BAD_REQUEST, "invalid_scope");
    }
}

#[tokio::test]
async fn a_token_can_be_narrowed_and_then_holds_just_that() {
    let app = App::with_user("ada").await;
    let answer = app.ask_token(&with(&[("scope", "me:write me:read me:read")])).await;
    assert_eq!(answer.json()["scope"], "me:read me:write");
    assert!(part(&token_in(&answer), 1).get("undelegated").is_none());

    let writer = app.client.bearer(app.narrowed("ada", "me:write").await);
    let refused = writer.get("/me").send().await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let challenge = r#"Bearer error="insufficient_scope", scope="me:read""#;
    assert_eq!(refused.header("www-authenticate"), Some(challenge));
}

#[tokio::test]
async fn a_grant_type_that_is_not_known_is_refused() {
    let app = App::with_user("ada").await;
    for grant in ["client_credentials", "refresh_token", "Password", "password ", "urn:x", &"a".repeat(1000)]
    {
        let fields = [("grant_type", grant), ("username", "ada"), ("password", PASSWORD)];
        assert_refused(&app.ask_token(&fields).await, StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
}

#[tokio::test]
async fn a_client_nobody_knows_is_refused_in_the_form() {
    let app = App::with_user("ada").await;
    for client in [("client_id", "eve"), ("client_id", "Palisade"), ("client_secret", "guess")] {
        let answer = app.ask_token(&with(&[client])).await;
        assert_refused(&answer, StatusCode::UNAUTHORIZED, "invalid_client");
        assert_eq!(answer.header("www-authenticate"), None, "no header was used");
    }
    assert_eq!(app.world.hashing.asked(), []);
}

#[tokio::test]
async fn a_client_nobody_knows_is_challenged_if_it_used_the_header() {
    let app = App::with_user("ada").await;
    for credentials in [
        format!("Basic {}", STANDARD.encode("eve:secret")),
        format!("Basic {}", STANDARD.encode(":secret")),
        format!("Basic {}", STANDARD.encode("palisade:guess")),
        format!("Basic {}", STANDARD.encode("no colon")),
        "Basic !!!".to_owned(),
        "Basic".to_owned(),
        "Bearer abc".to_owned(),
    ] {
        let request = app.client.post("/token").form(&FIELDS).header("authorization", &credentials);
        let answer = request.send().await;
        assert_refused(&answer, StatusCode::UNAUTHORIZED, "invalid_client");
        assert_eq!(answer.header("www-authenticate"), Some(r#"Basic realm="token""#), "{credentials}");
    }
    assert_eq!(app.world.hashing.asked(), []);
}

#[tokio::test]
async fn no_client_is_fine_however_it_is_said() {
    let app = App::with_user("ada").await;
    for client in
        [[("client_id", ""), ("client_secret", "")], [("client_id", "palisade"), ("client_secret", "")]]
    {
        assert_eq!(app.ask_token(&with(&client)).await.status, StatusCode::OK);
    }
    // As a documentation page signs people in.
    for empty in [":", "palisade:"] {
        let header = format!("Basic {}", STANDARD.encode(empty));
        let request = app.client.post("/token").form(&FIELDS).header("authorization", header);
        assert_eq!(request.send().await.status, StatusCode::OK, "{empty}");
    }
}

#[tokio::test]
async fn only_a_form_in_the_body_is_read() {
    let app = App::with_user("ada").await;
    let json = json!({ "grant_type": "password", "username": "ada", "password": PASSWORD });
    assert_refused(
        &app.client.post("/token").json(&json).send().await,
        StatusCode::BAD_REQUEST,
        "invalid_request",
    );
    // Passwords in a query end up in logs.
    let query = "/token?grant_type=password&username=ada&password=correct%20horse";
    let answer = app.client.post(query).form(&[]).send().await;
    assert_refused(&answer, StatusCode::BAD_REQUEST, "invalid_request");
    assert_eq!(app.client.get(query).send().await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(app.world.hashing.asked(), []);
}

#[tokio::test]
async fn attack_forms_that_are_too_large_or_no_text() {
    let app = App::with_user("ada").await;
    let send = async |body: Vec<u8>| {
        let kind = "application/x-www-form-urlencoded";
        app.client.post("/token").header("content-type", kind).body(body).send().await
    };
    let long = format!("grant_type=password&username=ada&password={}", "a".repeat(1025));
    assert_refused(&send(long.into_bytes()).await, StatusCode::BAD_REQUEST, "invalid_request");
    let huge = format!("grant_type=password&username=ada&password={}", "a".repeat(10_000_000));
    assert_eq!(send(huge.into_bytes()).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let many = "a=&".repeat(100_000);
    assert_eq!(send(many.into_bytes()).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    for not_text in ["grant_type=password&username=%ff&password=x", "grant_type=password&%ff=a&username=ada"]
    {
        let answer = send(not_text.into()).await;
        assert_refused(&answer, StatusCode::BAD_REQUEST, "invalid_request");
    }
    assert_eq!(app.world.hashing.asked(), []);
}

#[tokio::test]
async fn attack_a_password_is_in_no_answer() {
    let app = App::with_user("ada").await;
    let canary = "canary \"password\"";
    for fields in [
        &[("grant_type", "password"), ("username", "ada"), ("password", canary)][..],
        &[("grant_type", "password"), ("username", canary), ("password", canary)],
        &[("grant_type", "password"), ("password", canary), ("password", canary)],
        &[("grant_type", canary), ("username", "ada"), ("password", canary)],
        &[("grant_type", "password"), ("username", "ada"), ("password", canary), ("client_secret", canary)],
    ] {
        assert!(!app.ask_token(fields).await.text().contains("canary"));
    }
}

#[tokio::test]
async fn a_hasher_that_is_busy_is_503_and_says_when_to_come_back() {
    let app = App::with_user("ada").await;
    app.world.hashing.overloaded.store(true, Ordering::SeqCst);
    let answer = app.ask_token(&FIELDS).await;
    assert_refused(&answer, StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), Some("2"));
}
