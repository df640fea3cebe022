//! The form of a token endpoint, refused as RFC 6749, section 5.2 says.

use palisade::{
    oauth2::{OAuth2Error, OAuth2PasswordForm, TokenForm, TokenResponse},
    prelude::*,
    secret::SecretString,
    testing::{Client, Response},
};
use serde_json::json;

use crate::support::{Api, App};

async fn issue(TokenForm(form): TokenForm<OAuth2PasswordForm>) -> Result<TokenResponse, OAuth2Error> {
    let scope = form.scope.parse().unwrap_or_default();
    Ok(TokenResponse { access_token: SecretString::new(form.username), expires_in: 60, scope })
}

async fn sent(media_type: &str, body: impl Into<axum::body::Body>) -> Response {
    let api = Api::new().route("/token", post(issue).public("sign-in"));
    let client = Client::new(api.with_state(App::default()).into_axum().unwrap());
    let answer = client.post("/token").header("content-type", media_type).body(body).send().await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_token_is_given_and_never_kept() {
    let answer = sent(FORM, "grant_type=password&username=ada&password=x&scope=a+b&unknown=1").await;
    assert_eq!(answer.status, 200);
    let expected = json!({ "access_token": "ada", "token_type": "bearer", "expires_in": 60, "scope": "a b" });
    assert_eq!(answer.json(), expected);
}

/// "Parameters sent without a value MUST be treated as if they were omitted" (section 3.2).
#[tokio::test]
async fn missing_empty_repeated_and_broken_fields_are_invalid_requests() {
    let faulty: [&[u8]; 12] = [
        b"",
        b"username=ada",
        b"password=x",
        b"username=ada&password=",
        b"username=&password=x",
        b"username&password",
        b"username=ada&username=ada&password=x",
        b"username=ada&password=x&password=",
        b"username=ada&password=x&extra=1&extra=2",
        b"username=%ff&password=x",
        b"username=ada&password=\xff",
        b"username=ada&password=x&grant_type=&grant_type=password",
    ];
    for body in faulty {
        let answer = sent(FORM, body.to_vec()).await;
        assert_eq!(answer.status, 400, "{body:?}");
        assert_eq!(answer.json()["error"], "invalid_request", "{body:?}");
        assert_eq!(answer.json()["detail"], answer.json()["error_description"]);
    }
    let omitted = sent(FORM, "grant_type=&username=ada&password=x&scope=&client_id=&client_secret=").await;
    assert_eq!(omitted.status, 200);
}

#[tokio::test]
async fn another_encoding_is_an_invalid_request() {
    for media_type in ["application/json", "multipart/form-data; boundary=x", "text/plain", ""] {
        let answer = sent(media_type, r#"{"username":"ada","password":"x"}"#).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["error"].as_str()),
            (400, Some("invalid_request")),
            "{media_type}"
        );
    }
}

#[tokio::test]
async fn another_grant_is_unsupported() {
    let answer = sent(FORM, "grant_type=implicit&username=ada&password=x").await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["error"].as_str()),
        (400, Some("unsupported_grant_type"))
    );
}

#[tokio::test]
async fn a_form_beyond_16_kib_is_not_read() {
    let answer = sent(FORM, format!("username=ada&password={}", "x".repeat(16 * 1024))).await;
    assert_eq!((answer.status.as_u16(), answer.json()["error"].as_str()), (413, Some("invalid_request")));
}

/// Section 5.2 allows neither quotes nor anything but ASCII in a description, and a password does not come back.
#[tokio::test]
async fn a_description_is_plain_and_tells_no_value() {
    for body in
        ["%22%C3%A9%5C=1&%22%C3%A9%5C=2", "username=ada&password=x&grant_type=hunter2%22", "username=hunter2"]
    {
        let answer = sent(FORM, body).await;
        let description = answer.json()["error_description"].as_str().unwrap().to_owned();
        assert!(
            description.chars().all(|c| matches!(c, ' '..='~') && c != '"' && c != '\\'),
            "{description}"
        );
        assert!(!answer.text().contains("hunter2"), "{description}");
    }
}
