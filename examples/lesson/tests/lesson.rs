//! The lesson from outside: what each caller gets at each route.

use palisade::testing::Client;
use serde_json::json;

fn client() -> Client {
    Client::new(lesson::app().expect("the lesson's router is right"))
}

async fn signed_in(app: &Client, username: &str, password: &str, scope: &str) -> Client {
    let fields = [("username", username), ("password", password), ("scope", scope)];
    let answer = app.post("/token").form(&fields).send().await;
    app.bearer(answer.json()["access_token"].as_str().expect("a token"))
}

#[tokio::test]
async fn anybody_may_see_that_it_lives() {
    let answer = client().get("/health").send().await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, "ok"));
}

#[tokio::test]
async fn nobody_is_challenged() {
    let answer = client().get("/me").send().await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.json()["detail"], "Not authenticated");
}

#[tokio::test]
async fn a_wrong_password_is_an_invalid_grant() {
    let fields = [("username", "johndoe"), ("password", "wrong")];
    let answer = client().post("/token").form(&fields).send().await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn each_caller_reaches_what_its_role_and_scopes_allow() {
    let app = client();
    let john = signed_in(&app, "johndoe", "secret", "").await;
    let erin = signed_in(&app, "erin", "secreterin", "").await;
    let narrowed = signed_in(&app, "erin", "secreterin", "items:write").await;
    let root = signed_in(&app, "root", "secretroot", "").await;
    let alice = signed_in(&app, "alice", "secretalice", "").await;

    let me = john.get("/me").send().await;
    assert_eq!((me.status.as_u16(), me.json()), (200, json!({ "username": "johndoe" })));
    assert_eq!(alice.get("/me").send().await.status, 401, "a disabled account is nobody");

    let item = json!({ "name": "stake" });
    let refused = john.post("/items").json(&item).send().await;
    assert_eq!(refused.status, 403);
    assert_eq!(erin.post("/items").json(&item).send().await.status, 201);
    assert_eq!(narrowed.post("/items").json(&item).send().await.status, 403, "a narrowed token has no role");

    let lacking = narrowed.get("/items").send().await;
    assert_eq!(lacking.status, 403);
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"items:read\"";
    assert_eq!(lacking.header("www-authenticate"), Some(challenge));

    assert_eq!(john.post("/admin/create").send().await.status, 403);
    assert_eq!(root.post("/admin/create").send().await.status, 201);
}

#[tokio::test]
async fn every_fault_of_an_input_is_told() {
    let erin = signed_in(&client(), "erin", "secreterin", "").await;
    let answer = erin.post("/items").json(&json!({ "name": "" })).send().await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.json()["errors"][0]["loc"], json!(["body", "name"]));
}

#[test]
fn who_may_call_what_is_what_the_lock_says() {
    palisade::testing::access_lock("access.lock", &lesson::api());
}
