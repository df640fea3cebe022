//! `GET /healthz`, `/readyz` and `/.well-known/jwks.json`: for anybody.

use http::{Method, StatusCode};

use crate::app::{App, assert_problem, part};

#[tokio::test]
async fn the_server_is_up_and_can_work() {
    let app = App::new().await;
    for path in ["/healthz", "/readyz"] {
        let answer = app.client.get(path).send().await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.json(), serde_json::json!({ "status": "ok" }));
    }
}

#[tokio::test]
async fn the_public_keys_are_those_that_tokens_name_and_have_no_private_half() {
    let app = App::with_user("ada").await;
    let token = app.token("ada").await;
    let answer = app.client.get("/.well-known/jwks.json").send().await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), Some("application/jwk-set+json"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=60"));
    let keys = answer.json()["keys"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0]["kid"], part(&token, 0)["kid"]);
    assert!(keys[0].get("d").is_none());
}

#[tokio::test]
async fn what_is_not_there_is_404_and_another_method_405_with_allow() {
    let app = App::new().await;
    assert_problem(&app.client.get("/admin").send().await, StatusCode::NOT_FOUND);
    let answer = app.client.request(Method::DELETE, "/me").send().await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    let allowed = answer.header("allow").unwrap();
    assert!(allowed.contains("GET") && allowed.contains("PATCH") && !allowed.contains("DELETE"), "{allowed}");
}
