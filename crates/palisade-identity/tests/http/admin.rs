//! `/admin/create` and `/admin/accounts`.

use http::{Method, StatusCode};
use palisade::testing::{Client, Response};
use palisade_identity::{account::Account, audit::Trail, role::Role};
use serde_json::{Value, json};

use crate::{
    app::{App, PASSWORD, application, assert_faults, assert_problem},
    world::Asked,
};

const NOBODY: &str = "018bcfe5-6800-7000-8000-00000000000a";

async fn admin(app: &App) -> Client {
    app.client.bearer(app.token("root").await)
}

async fn send(client: &Client, method: Method, path: &str, input: &Value) -> Response {
    client.request(method, path).json(input).send().await
}

async fn set_roles(client: &Client, of: &Account, roles: Value) -> Response {
    send(client, Method::PUT, &format!("/admin/accounts/{}/roles", of.id), &json!({ "roles": roles })).await
}

#[tokio::test]
async fn an_admin_makes_accounts_with_roles() {
    let app = App::with_admin().await;
    let admin = admin(&app).await;
    let answer = admin.post("/admin/create").json(&application("ada")).send().await;
    assert_eq!((answer.status, &answer.json()["roles"]), (StatusCode::CREATED, &json!(["user"])));
    assert!(!answer.text().contains("argon2") && !answer.text().contains(PASSWORD));
    let mut input = application("eve");
    input["roles"] = json!(["user", "editor", "editor"]);
    let answer = admin.post("/admin/create").json(&input).send().await;
    assert_eq!((answer.status, &answer.json()["roles"]), (StatusCode::CREATED, &json!(["user", "editor"])));
    assert_problem(&admin.post("/admin/create").json(&input).send().await, StatusCode::CONFLICT);
    assert!(app.lets_in(&app.token("ada").await).await);

    let entry = app.world.trail(Trail::Changes).await.remove(0);
    let root = app.accounts().await.into_iter().find(|account| account.username.as_str() == "root").unwrap();
    assert_eq!(entry.actor, palisade_identity::audit::Actor::Account(root.id), "the trail says who did it");
}

#[tokio::test]
async fn an_account_that_will_not_do_is_refused_with_every_fault() {
    let app = App::with_admin().await;
    let admin = admin(&app).await;
    let input = json!({ "username": "a b", "email": "x", "password": "short", "roles": [] });
    let answer = admin.post("/admin/create").json(&input).send().await;
    assert_faults(&answer, &["body.email", "body.password", "body.roles", "body.username"]);
    for roles in [json!(["root"]), json!("admin"), json!(null), json!([null]), json!(["Admin"])] {
        let mut input = application("eve");
        input["roles"] = roles;
        let answer = admin.post("/admin/create").json(&input).send().await;
        assert_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let mut input = application("eve");
    input["first_admin_secret"] = json!("x");
    assert_problem(&admin.post("/admin/create").json(&input).send().await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.usernames().await, ["root"]);
}

/// What an admin sends to make an account for a program.
fn service(name: &str) -> Value {
    json!({ "username": name, "email": "team@example.org", "kind": "service" })
}

#[tokio::test]
async fn a_service_gets_an_account_without_a_password() {
    let app = App::with_admin().await;
    let admin = admin(&app).await;
    app.world.hashing.asked();
    let answer = admin.post("/admin/create").json(&service("ci")).send().await;
    let made = answer.json();
    assert_eq!(
        (answer.status, &made["kind"], &made["roles"]),
        (StatusCode::CREATED, &json!("service"), &json!(["user"]))
    );
    assert_eq!(app.world.hashing.asked(), [], "there was nothing to hash");
    let read = admin.get(&format!("/admin/accounts/{}", made["id"].as_str().unwrap())).send().await;
    assert_eq!(
        (&read.json()["kind"], &read.json()["email"]),
        (&json!("service"), &json!("team@example.org"))
    );

    let mut with_password = service("other");
    with_password["password"] = json!(PASSWORD);
    assert_faults(&admin.post("/admin/create").json(&with_password).send().await, &["body.password"]);
    let mut without = application("other");
    without.as_object_mut().unwrap().remove("password");
    assert_faults(&admin.post("/admin/create").json(&without).send().await, &["body.password"]);
    assert_eq!(app.usernames().await, ["ci", "root"]);
}

#[tokio::test]
async fn attack_signing_in_to_a_service() {
    let app = App::with_admin().await;
    assert_eq!(
        admin(&app).await.post("/admin/create").json(&service("ci")).send().await.status,
        StatusCode::CREATED
    );
    app.world.hashing.asked();
    for password in ["", PASSWORD] {
        let (ci, nobody) = (app.sign_in("ci", password).await, app.sign_in("nobody", password).await);
        assert_eq!((ci.status, ci.text()), (nobody.status, nobody.text()), "it looks like nobody");
    }
    assert_eq!(app.world.hashing.asked(), [Asked::VerifyUnknown, Asked::VerifyUnknown], "and costs the same");
}

#[tokio::test]
async fn attack_a_service_that_counts_as_an_admin() {
    let app = App::with_admin().await;
    let admin = admin(&app).await;
    let mut input = service("ci");
    input["roles"] = json!(["admin"]);
    assert_faults(&admin.post("/admin/create").json(&input).send().await, &["body.roles"]);
    assert_eq!(admin.post("/admin/create").json(&service("ci")).send().await.status, StatusCode::CREATED);
    let ci = app.accounts().await.into_iter().find(|account| account.username.as_str() == "ci").unwrap();
    assert_faults(&set_roles(&admin, &ci, json!(["admin"])).await, &["body.roles"]);
    assert_eq!(set_roles(&admin, &ci, json!(["editor"])).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_account_is_read_and_changed_by_its_id() {
    let app = App::with_admin().await;
    let (admin, ada) = (admin(&app).await, app.make("ada", Role::User).await);
    let path = format!("/admin/accounts/{}", ada.id);
    let answer = admin.get(&path).send().await;
    assert_eq!((answer.status, &answer.json()["username"]), (StatusCode::OK, &json!("ada")));
    let changed = send(&admin, Method::PATCH, &path, &json!({ "email": "ada@example.net" })).await;
    assert_eq!((changed.status, &changed.json()["email"]), (StatusCode::OK, &json!("ada@example.net")));
    assert_eq!(send(&admin, Method::PATCH, &path, &json!({})).await.json(), changed.json());

    let before = app.accounts().await;
    assert_faults(&send(&admin, Method::PATCH, &path, &json!({ "email": null })).await, &["body.email"]);
    for field in ["roles", "status", "username", "id", "password"] {
        let input = json!({ "email": "eve@example.org", field: ["admin"] });
        assert_problem(&send(&admin, Method::PATCH, &path, &input).await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(app.accounts().await, before);
}

/// The account routes that have an id.
fn by_id(id: &str) -> Vec<(Method, String, Value)> {
    vec![
        (Method::GET, format!("/admin/accounts/{id}"), Value::Null),
        (Method::PATCH, format!("/admin/accounts/{id}"), json!({ "email": "a@b" })),
        (Method::PATCH, format!("/admin/accounts/{id}"), json!({})),
        (Method::POST, format!("/admin/accounts/{id}/disable"), Value::Null),
        (Method::POST, format!("/admin/accounts/{id}/enable"), Value::Null),
        (Method::PUT, format!("/admin/accounts/{id}/roles"), json!({ "roles": ["user"] })),
    ]
}

#[tokio::test]
async fn an_id_that_nobody_has_is_404_and_one_that_is_none_422() {
    let app = App::with_admin().await;
    let (admin, before) = (admin(&app).await, app.accounts().await);
    for (method, path, input) in by_id(NOBODY) {
        assert_problem(&send(&admin, method, &path, &input).await, StatusCode::NOT_FOUND);
    }
    let upper = NOBODY.to_uppercase();
    for id in [
        "1",
        "ada",
        "00000000-0000-0000-0000-000000000000",
        "018bcfe5-6800-4000-8000-00000000000a",
        "018bcfe568007000800000000000000a",
        &upper,
        "%00",
        "%E2%80%AE",
        "' OR 1=1",
    ] {
        for (method, path, input) in by_id(&id.replace(' ', "%20")) {
            let answer = send(&admin, method, &path, &input).await;
            assert_faults(&answer, &["path.id"]);
        }
    }
    assert_eq!(app.accounts().await, before);
}

#[tokio::test]
async fn roles_count_from_the_next_request_on_also_for_tokens_that_exist() {
    let app = App::with_admin().await;
    let (admin, ada) = (admin(&app).await, app.make("ada", Role::User).await);
    let hers = app.client.bearer(app.token("ada").await);
    let list = async || hers.get("/admin/accounts").send().await.status;
    assert_eq!(list().await, StatusCode::FORBIDDEN);
    let answer = set_roles(&admin, &ada, json!(["admin"])).await;
    assert_eq!((answer.status, &answer.json()["roles"]), (StatusCode::OK, &json!(["admin"])));
    assert_eq!(list().await, StatusCode::OK);
    let narrowed = app.client.bearer(app.narrowed("ada", "accounts:read me:read").await);
    assert_eq!(set_roles(&admin, &ada, json!(["editor"])).await.status, StatusCode::OK);
    assert_eq!(list().await, StatusCode::FORBIDDEN);
    assert_eq!(narrowed.get("/admin/accounts").send().await.status, StatusCode::FORBIDDEN);
    assert_eq!(narrowed.get("/me").send().await.status, StatusCode::OK);
}

#[tokio::test]
async fn roles_that_are_none_are_refused() {
    let app = App::with_admin().await;
    let (admin, ada) = (admin(&app).await, app.make("ada", Role::Editor).await);
    for roles in [json!([]), json!(["root"]), json!("admin"), json!(null), json!({ "0": "admin" })] {
        let answer = set_roles(&admin, &ada, roles).await;
        assert_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let path = format!("/admin/accounts/{}/roles", ada.id);
    assert_faults(&send(&admin, Method::PUT, &path, &json!({})).await, &["body.roles"]);
    let more = json!({ "roles": ["admin"], "status": "active" });
    assert_problem(&send(&admin, Method::PUT, &path, &more).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(app.accounts().await.contains(&ada));
}

#[tokio::test]
async fn the_last_active_admin_is_neither_demoted_nor_disabled() {
    let app = App::with_admin().await;
    let root = app.accounts().await.remove(0);
    let admin = admin(&app).await;
    let refused = "This is the last active admin";
    for answer in [
        set_roles(&admin, &root, json!(["editor"])).await,
        admin.post(&format!("/admin/accounts/{}/disable", root.id)).send().await,
    ] {
        assert_problem(&answer, StatusCode::CONFLICT);
        assert!(answer.json()["detail"].as_str().unwrap().starts_with(refused));
    }
    assert_eq!(app.accounts().await, std::slice::from_ref(&root));
    // A disabled one does not count.
    let other = app.make("other", Role::Admin).await;
    assert_eq!(
        admin.post(&format!("/admin/accounts/{}/disable", other.id)).send().await.status,
        StatusCode::OK
    );
    assert_problem(&set_roles(&admin, &root, json!(["user"])).await, StatusCode::CONFLICT);
    admin.post(&format!("/admin/accounts/{}/enable", other.id)).send().await;
    assert_eq!(set_roles(&admin, &root, json!(["user"])).await.status, StatusCode::OK);
    assert_eq!(admin.get("/admin/accounts").send().await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_two_admins_remove_each_other_at_once() {
    for _ in 0..10 {
        let app = App::with_admin().await;
        let (root, other) = (app.accounts().await.remove(0), app.make("other", Role::Admin).await);
        let (a, b) = (admin(&app).await, app.client.bearer(app.token("other").await));
        let demote = a
            .request(Method::PUT, &format!("/admin/accounts/{}/roles", other.id))
            .json(&json!({ "roles": ["user"] }));
        let disable = b.post(&format!("/admin/accounts/{}/disable", root.id));
        let (demote, disable) = (tokio::spawn(demote.send()), tokio::spawn(disable.send()));
        let outcomes = [demote.await.unwrap().status, disable.await.unwrap().status];
        assert_eq!(outcomes.iter().filter(|status| **status == StatusCode::OK).count(), 1, "{outcomes:?}");
        assert_eq!(app.world.store_beside.active_admins().await, Ok(1));
    }
}

#[tokio::test]
async fn accounts_are_listed_page_by_page_in_the_order_of_their_making() {
    let app = App::with_admin().await;
    for number in 0..4 {
        app.world.clock.advance(std::time::Duration::from_secs(1));
        app.make(&format!("user{number}"), Role::User).await;
    }
    let admin = admin(&app).await;
    let names = |page: &Value| -> Vec<String> {
        let accounts = page["accounts"].as_array().unwrap().iter();
        accounts.map(|account| account["username"].as_str().unwrap().to_owned()).collect()
    };
    let all = admin.get("/admin/accounts").send().await.json();
    assert_eq!(names(&all), ["root", "user0", "user1", "user2", "user3"]);
    assert_eq!(all["next"], Value::Null);
    assert!(!all.to_string().contains("argon2"));

    let first = admin.get("/admin/accounts?limit=2").send().await.json();
    assert_eq!(names(&first), ["root", "user0"]);
    let next = |page: &Value| format!("/admin/accounts?limit=2&after={}", page["next"].as_str().unwrap());
    let second = admin.get(&next(&first)).send().await.json();
    assert_eq!(names(&second), ["user1", "user2"]);
    let third = admin.get(&next(&second)).send().await.json();
    assert_eq!((names(&third), &third["next"]), (vec!["user3".to_owned()], &Value::Null));
    let exactly = admin.get("/admin/accounts?limit=5").send().await.json();
    assert_eq!(exactly["next"], Value::Null);
}

#[tokio::test]
async fn attack_huge_negative_and_doubled_pages() {
    let app = App::with_admin().await;
    let admin = admin(&app).await;
    for query in [
        "limit=0",
        "limit=-1",
        "limit=201",
        "limit=4294967296",
        "limit=99999999999999999999999999",
        "limit=1e3",
        "limit=1.5",
        "limit=",
        "limit=ten",
        "limit=1&limit=2",
        "after=1",
        "after=",
        "after=%00",
        "after=%ff",
    ] {
        let answer = admin.get(&format!("/admin/accounts?{query}")).send().await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert_eq!(answer.json()["errors"][0]["loc"][0], "query", "{query}");
    }
    assert_eq!(admin.get("/admin/accounts?limit=200").send().await.status, StatusCode::OK);
    let past_the_end = admin.get("/admin/accounts?after=ffffffff-ffff-7fff-bfff-ffffffffffff").send().await;
    assert_eq!(past_the_end.json(), json!({ "accounts": [], "next": null }));
}

#[tokio::test]
async fn the_largest_page_says_that_another_follows() {
    let app = App::with_admin().await;
    for number in 0..200 {
        app.make(&format!("user{number}"), Role::User).await;
    }
    let admin = admin(&app).await;
    let first = admin.get("/admin/accounts?limit=200").send().await.json();
    assert_eq!(first["accounts"].as_array().unwrap().len(), 200);
    let next = first["next"].as_str().unwrap();
    let second = admin.get(&format!("/admin/accounts?limit=200&after={next}")).send().await.json();
    assert_eq!((second["accounts"].as_array().unwrap().len(), &second["next"]), (1, &Value::Null));
}

/// Whoever finds the token of an admin who signed in long ago could else make an admin with a password of its own, sign in as
/// that just now, and do all that wants a recent sign-in.
#[tokio::test]
async fn attack_an_old_sign_in_makes_another_admin() {
    let settings =
        crate::app::Settings { lifetime: std::time::Duration::from_hours(1), ..Default::default() };
    let app = App::with(settings).await;
    app.make("root", Role::Admin).await;
    let ada = app.make("ada", Role::User).await;
    let admin = admin(&app).await;
    app.world.clock.advance(std::time::Duration::from_mins(16));
    let mut input = application("eve");
    input["roles"] = json!(["admin"]);
    let made = admin.post("/admin/create").json(&input).send().await;
    let promoted = set_roles(&admin, &ada, json!(["admin"])).await;
    let enabled = admin.post(&format!("/admin/accounts/{}/enable", ada.id)).send().await;
    for answer in [made, promoted, enabled] {
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.contains("insufficient_user_authentication"), "{challenge}");
    }
    assert_eq!(
        app.client.bearer(app.token("ada").await).get("/me").send().await.json()["roles"],
        json!(["user"])
    );
    assert_eq!(app.usernames().await, ["ada", "root"]);
}
