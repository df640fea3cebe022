//! `GET` and `PATCH /me`.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{App, assert_faults, assert_problem};

#[tokio::test]
async fn an_account_reads_itself() {
    let app = App::with_user("ada").await;
    let client = app.client.bearer(app.token("ada").await);
    let answer = client.get("/me").send().await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!((&answer.json()["username"], &answer.json()["roles"]), (&json!("ada"), &json!(["user"])));
    let head = client.request(Method::HEAD, "/me").send().await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn whoever_sends_nothing_is_asked_for_a_token_without_an_error() {
    let app = App::new().await;
    for method in [Method::GET, Method::HEAD, Method::PATCH] {
        let answer = app.client.request(method, "/me").send().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    assert_problem(&app.client.get("/me").send().await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_account_changes_its_address() {
    let app = App::with_user("ada").await;
    let client = app.client.bearer(app.token("ada").await);
    let change = async |input: Value| client.request(Method::PATCH, "/me").json(&input).send().await;
    let answer = change(json!({ "email": "Ada@EXAMPLE.com" })).await;
    assert_eq!((answer.status, &answer.json()["email"]), (StatusCode::OK, &json!("Ada@example.com")));
    assert_eq!(client.get("/me").send().await.json()["email"], "Ada@example.com");
    let unchanged = change(json!({})).await;
    assert_eq!((unchanged.status, &unchanged.json()["email"]), (StatusCode::OK, &json!("Ada@example.com")));
}

#[tokio::test]
async fn attack_mass_assignment_and_null_at_ones_own_account() {
    let app = App::with_user("ada").await;
    let before = app.accounts().await;
    let client = app.client.bearer(app.token("ada").await);
    let change = async |input: Value| client.request(Method::PATCH, "/me").json(&input).send().await;
    assert_faults(&change(json!({ "email": null })).await, &["body.email"]);
    assert_faults(&change(json!({ "email": "nobody" })).await, &["body.email"]);
    assert_faults(&change(json!({ "email": "a@b\r\nBcc: eve@example.org" })).await, &["body.email"]);
    for field in ["roles", "username", "status", "id", "password", "generation", "created_at"] {
        let answer = change(json!({ "email": "eve@example.org", field: null })).await;
        assert_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
        let answer = change(json!({ "email": "eve@example.org", field: "admin" })).await;
        assert_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
    }
    for input in [Value::Null, json!([]), json!("x"), json!([{ "email": "eve@example.org" }])] {
        assert_problem(&change(input).await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(app.accounts().await, before);
}
