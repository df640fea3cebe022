//! The documents from outside: who may do what to which.

use http::Method;
use palisade::testing::{Client, Matrix, Response};
use serde_json::{Value, json};

const PASSWORDS: [(&str, &str); 4] = [
    ("ada", "a reed against the tide"),
    ("tim", "three blind kettles"),
    ("eve", "seven quiet lanterns"),
    ("gil", "one gilded fishhook"),
];

fn app() -> Client {
    Client::new(documents::routes().expect("a key").into_axum().expect("the router is right"))
}

async fn signed_in(app: &Client, name: &str, scope: &str) -> Client {
    let (_, password) = PASSWORDS.iter().find(|(known, _)| *known == name).expect("a person");
    let fields = [("username", name), ("password", password), ("scope", scope)];
    let answer = app.post("/token").form(&fields).send().await;
    app.bearer(answer.json()["access_token"].as_str().expect("a token"))
}

async fn put(client: &Client, path: &str, body: Value) -> u16 {
    client.request(Method::PUT, path).json(&body).send().await.status.as_u16()
}

async fn delete(client: &Client, path: &str) -> u16 {
    client.request(Method::DELETE, path).send().await.status.as_u16()
}

fn content(title: &str) -> Value {
    json!({ "title": title, "text": "for nobody else" })
}

/// A document of Tim's at Acme, and its path.
async fn tims(app: &Client) -> String {
    let answer =
        signed_in(app, "tim", "").await.post("/orgs/acme/documents").json(&content("plan")).send().await;
    assert_eq!(answer.status, 201);
    format!("/orgs/acme/documents/{}", answer.json()["id"])
}

async fn titles(client: &Client, org: &str) -> Vec<String> {
    let answer = client.get(&format!("/orgs/{org}/documents")).send().await;
    let list = answer.json();
    list.as_array()
        .expect("a list")
        .iter()
        .map(|it| it["title"].as_str().unwrap_or_default().to_owned())
        .collect()
}

fn seen(answer: &Response) -> (u16, String) {
    (answer.status.as_u16(), format!("{:?} {}", answer.headers, answer.text_without_decision()))
}

#[test]
fn who_may_call_what_is_what_the_lock_says() {
    palisade::testing::access_lock("access.lock", &documents::api());
}

#[tokio::test]
async fn every_route_does_what_its_requirement_says() {
    Matrix::new(documents::routes().expect("a key")).run().await.assert();
}

#[tokio::test]
async fn a_private_document_is_its_owners_and_the_admins() {
    let app = app();
    let path = tims(&app).await;
    for (name, status) in [("tim", 200), ("ada", 200), ("eve", 404), ("gil", 404)] {
        let client = signed_in(&app, name, "").await;
        assert_eq!(client.get(&path).send().await.status, status, "{name} reads");
        assert_eq!(put(&client, &path, content("plan")).await, status, "{name} edits");
        assert_eq!(titles(&client, "acme").await.len(), usize::from(status == 200), "{name} lists");
    }
    assert_eq!(app.get(&path).send().await.status, 401);
}

#[tokio::test]
async fn what_is_shared_with_somebody_is_theirs_to_that_extent() {
    let app = app();
    let path = tims(&app).await;
    let (tim, eve, gil) = (
        signed_in(&app, "tim", "").await,
        signed_in(&app, "eve", "").await,
        signed_in(&app, "gil", "").await,
    );
    let sharing = format!("{path}/sharing");
    assert_eq!(put(&tim, &sharing, json!({ "viewers": ["eve"], "editors": ["gil"] })).await, 200);
    assert_eq!(eve.get(&path).send().await.status, 200);
    assert_eq!(put(&eve, &path, content("mine")).await, 403, "she may know of it");
    assert_eq!(put(&gil, &path, content("better plan")).await, 200);
    assert_eq!(put(&gil, &sharing, json!({ "editors": [] })).await, 403, "an editor does not share");
    assert_eq!(delete(&gil, &path).await, 403);
    assert_eq!(titles(&eve, "acme").await, ["better plan"]);
    assert_eq!(put(&tim, &sharing, json!({})).await, 200);
    assert_eq!(eve.get(&path).send().await.status, 404, "and is gone again");
}

#[tokio::test]
async fn what_the_organisation_sees_its_editors_edit() {
    let app = app();
    let (ada, tim, eve) = (
        signed_in(&app, "ada", "").await,
        signed_in(&app, "tim", "").await,
        signed_in(&app, "eve", "").await,
    );
    let answer = ada.post("/orgs/acme/documents").json(&content("menu")).send().await;
    let path = format!("/orgs/acme/documents/{}", answer.json()["id"]);
    assert_eq!(tim.get(&path).send().await.status, 404);
    assert_eq!(put(&ada, &format!("{path}/sharing"), json!({ "visibility": "organisation" })).await, 200);
    assert_eq!(put(&tim, &path, content("better menu")).await, 200);
    assert_eq!(put(&eve, &path, content("no menu")).await, 403);
    assert_eq!(titles(&eve, "acme").await, ["better menu"]);
}

#[tokio::test]
async fn documents_are_added_by_editors_and_deleted_by_owners_and_admins() {
    let app = app();
    let path = tims(&app).await;
    let (ada, eve, gil) = (
        signed_in(&app, "ada", "").await,
        signed_in(&app, "eve", "").await,
        signed_in(&app, "gil", "").await,
    );
    assert_eq!(eve.post("/orgs/acme/documents").json(&content("x")).send().await.status, 403, "a viewer");
    assert_eq!(gil.post("/orgs/globex/documents").json(&content("x")).send().await.status, 201);
    assert_eq!(eve.post("/orgs/globex/documents").json(&content("x")).send().await.status, 404, "no member");
    assert_eq!(delete(&ada, &path).await, 204);
    assert_eq!(delete(&ada, &path).await, 404);
}

#[tokio::test]
async fn a_narrowed_token_reads_its_owners_documents_and_deletes_none() {
    let app = app();
    let path = tims(&app).await;
    let reader = signed_in(&app, "tim", "documents:read").await;
    assert_eq!(reader.get(&path).send().await.status, 200);
    assert_eq!(put(&reader, &path, content("plan")).await, 403);
    let writer = signed_in(&app, "tim", "documents:write").await;
    assert_eq!(put(&writer, &path, content("plan")).await, 200);
    assert_eq!(delete(&writer, &path).await, 403, "its owner knows of it");
    assert_eq!(signed_in(&app, "ada", "documents:read").await.get(&path).send().await.status, 404, "no role");
}

#[tokio::test]
async fn attack_another_organisations_document_behind_ones_own_organisations_name() {
    let app = app();
    let path = tims(&app).await;
    let gil = signed_in(&app, "gil", "").await;
    let moved = path.replace("acme", "globex");
    let missing = seen(&gil.get("/orgs/globex/documents/999").send().await);
    assert_eq!(seen(&gil.get(&moved).send().await), missing, "an admin of Globex is nobody special at Acme");
    assert_eq!((put(&gil, &moved, content("mine")).await, delete(&gil, &moved).await), (404, 404));
    assert!(titles(&gil, "globex").await.is_empty());
}

#[tokio::test]
async fn attack_ids_are_guessed_and_nothing_is_learnt() {
    let app = app();
    let path = tims(&app).await;
    let eve = signed_in(&app, "eve", "").await;
    let guessed = seen(&eve.get(&path).send().await);
    for id in ["2", "0", "18446744073709551616", "x", "%00", "%FF"] {
        assert_eq!(seen(&eve.get(&format!("/orgs/acme/documents/{id}")).send().await), guessed, "{id}");
    }
}

#[tokio::test]
async fn members_are_listed_for_their_admins() {
    let app = app();
    let status = async |name: &str, org: &str| {
        let client = signed_in(&app, name, "").await;
        client.get(&format!("/orgs/{org}/members")).send().await.status.as_u16()
    };
    assert_eq!(status("ada", "acme").await, 200);
    assert_eq!(status("tim", "acme").await, 403);
    assert_eq!(status("ada", "globex").await, 404);
    assert_eq!(status("ada", "initech").await, 404, "like one that does not exist");
    let members = signed_in(&app, "gil", "").await.get("/orgs/globex/members").send().await;
    assert_eq!(members.json(), json!([{ "name": "gil", "role": "admin" }]));
}

#[test]
fn the_table_tells_a_reviewer_all_of_it() {
    let (table, _) = documents::api().describe().expect("the router is right");
    let rows = table.to_string();
    let delete = rows.lines().find(|row| row.starts_with("DELETE")).expect("a row");
    let policy = "[Delete Document: tenant(org) & (relation(owner) | role(admin in org)) & undelegated()]";
    assert!(delete.ends_with(policy), "{delete}");
}
