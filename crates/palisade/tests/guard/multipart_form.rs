//! The password form as `multipart/form-data`: what a browser's `FormData` sends, and nothing more.

use palisade::{
    oauth2::{OAuth2Error, OAuth2PasswordForm, TokenResponse},
    prelude::*,
    secret::SecretString,
    testing::{Client, Response},
};
use serde_json::json;

use crate::support::{Api, App};

async fn issue(form: OAuth2PasswordForm) -> Result<TokenResponse, OAuth2Error> {
    let scope = form.scope.parse().unwrap_or_default();
    let access_token = format!("{}:{}", form.username, form.password.expose());
    Ok(TokenResponse { access_token: SecretString::new(access_token), expires_in: 60, scope })
}

fn api() -> Api {
    Api::new().route("/sign-in", post(issue).public("sign-in"))
}

async fn sent(media_type: &str, body: impl Into<axum::body::Body>) -> Response {
    let client = Client::new(api().with_state(App::default()).into_axum().unwrap());
    client.post("/sign-in").header("content-type", media_type).body(body).send().await
}

const MULTIPART: &str = "multipart/form-data; boundary=stake";

/// A part with these further headers, and with this name and value.
fn part(name: &str, more: &str, value: &str) -> String {
    format!("--stake\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{value}\r\n")
}

fn form(parts: &[(&str, &str)]) -> String {
    parts.iter().map(|(name, value)| part(name, "", value)).collect::<String>() + "--stake--\r\n"
}

async fn refused(body: impl Into<axum::body::Body>) -> (u16, String) {
    let answer = sent(MULTIPART, body).await;
    assert_eq!(answer.json()["detail"], answer.json()["error_description"]);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    (answer.status.as_u16(), answer.json()["error"].as_str().unwrap().to_owned())
}

fn invalid_request() -> (u16, String) {
    (400, "invalid_request".into())
}

#[tokio::test]
async fn both_encodings_say_the_same() {
    let fields = [("grant_type", "password"), ("username", "ada"), ("password", "x&y=é"), ("scope", "a b")];
    let multipart = sent(MULTIPART, form(&fields)).await;
    assert_eq!(multipart.status, 200);
    assert_eq!(multipart.json()["access_token"], "ada:x&y=é");
    assert_eq!(multipart.json()["scope"], "a b");
    let urlencoded = "grant_type=password&username=ada&password=x%26y%3D%C3%A9&scope=a+b";
    let urlencoded = sent("application/x-www-form-urlencoded", urlencoded).await;
    assert_eq!(urlencoded.json(), multipart.json());
}

#[tokio::test]
async fn a_part_may_say_that_it_is_text_and_an_empty_one_is_left_out() {
    let text = part("password", "\r\nContent-Type: text/plain; charset=utf-8", "x");
    let body = format!("{text}{}", form(&[("username", "ada"), ("scope", ""), ("client_id", "")]));
    assert_eq!(sent(MULTIPART, body).await.status, 200);
}

#[tokio::test]
async fn attack_a_field_given_twice_is_refused() {
    for again in ["username", "password", "unknown"] {
        let fields = [("username", "ada"), ("password", "x"), ("unknown", "1"), (again, "2")];
        assert_eq!(refused(form(&fields)).await, invalid_request(), "{again}");
    }
}

#[tokio::test]
async fn attack_a_file_is_refused() {
    let rest = form(&[("username", "ada")]);
    for file in ["; filename=\"p.txt\"", "; filename=\"\"", "\r\nContent-Type: application/octet-stream"] {
        assert_eq!(refused(part("password", file, "x") + &rest).await, invalid_request(), "{file}");
    }
}

#[tokio::test]
async fn attack_a_form_larger_than_the_bounds_is_refused() {
    let long = "x".repeat(16 * 1024);
    let too_large = (413, "invalid_request".to_owned());
    assert_eq!(refused(form(&[("username", "ada"), ("password", &long)])).await, too_large);
    // What stands before the first part and after the last counts too.
    let form_itself = form(&[("username", "ada"), ("password", "x")]);
    assert_eq!(refused(format!("{long}\r\n{form_itself}")).await, too_large);
    assert_eq!(refused(format!("{form_itself}{long}")).await, too_large);
    let names: Vec<String> = (0..33).map(|number| format!("field{number}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    assert_eq!(refused(form(&many)).await, invalid_request());
}

#[tokio::test]
async fn what_is_missing_or_broken_is_an_invalid_request() {
    let whole = form(&[("username", "ada"), ("password", "x")]);
    let nameless = format!("--stake\r\nContent-Disposition: form-data\r\n\r\nx\r\n{whole}");
    let not_utf8 = [
        part("username", "", "ada").as_bytes(),
        b"--stake\r\nContent-Disposition: form-data; \
        name=\"password\"\r\n\r\n\xff\r\n--stake--\r\n",
    ]
    .concat();
    for body in [
        form(&[("username", "ada")]).into_bytes(),
        form(&[("username", "ada"), ("password", "")]).into_bytes(),
        whole.strip_suffix("--\r\n").unwrap().into(),
        whole.replace("Content-Disposition", "X-Disposition").into_bytes(),
        nameless.into_bytes(),
        not_utf8,
        Vec::new(),
    ] {
        assert_eq!(refused(body.clone()).await, invalid_request(), "{}", String::from_utf8_lossy(&body));
    }
    for media_type in ["multipart/form-data", "multipart/mixed; boundary=stake", "application/json", ""] {
        assert_eq!(sent(media_type, whole.clone()).await.status, 400, "{media_type}");
    }
    let grant = form(&[("grant_type", "implicit"), ("username", "ada"), ("password", "x")]);
    assert_eq!(refused(grant).await, (400, "unsupported_grant_type".into()));
}

#[test]
fn both_encodings_are_documented_with_one_schema() {
    let (_, document) = api().describe().unwrap();
    let document = serde_json::to_value(&document).unwrap();
    let content = &document["paths"]["/sign-in"]["post"]["requestBody"]["content"];
    let schema = json!({ "schema": { "$ref": "#/components/schemas/OAuth2PasswordForm" } });
    let expected = json!({ "application/x-www-form-urlencoded": schema, "multipart/form-data": schema });
    assert_eq!(*content, expected);
}
