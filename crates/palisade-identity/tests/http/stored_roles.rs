//! `/admin/roles`, `/admin/accounts/{id}/grants` and `/admin/tenants/{tenant}/members`, and what callers get by them.

use std::sync::atomic::Ordering;

use http::{Method, StatusCode};
use palisade::{
    extract::Json,
    prelude::{Principal as _, Router, get, scope},
    testing::{Client, Response},
};
use palisade_identity::{
    account::AccountId,
    audit::{Action, Actor, Trail},
    http::{CurrentAccount, Identity},
    role::Role,
};
use serde_json::{Value, json};

use crate::app::{App, MILLISECOND, assert_faults, assert_problem};

pub(crate) const NOBODY: &str = "018bcfe5-6800-7000-8000-00000000000a";
const USERS: [&str; 3] = ["keys:write", "me:read", "me:write"];

/// An API beside: `/docs` is for whoever has `docs:read`, and `/held` tells what a caller holds.
pub(crate) fn api(app: &App) -> Client {
    let router = Router::<Identity, CurrentAccount>::new()
        .route("/docs", get(async || "docs").requires(scope("docs:read")))
        .route("/held", get(held).requires(scope("me:read")))
        .clock(app.world.clock.clone())
        .with_state(app.identity.clone());
    Client::new(router.into_axum().unwrap())
}

async fn held(caller: CurrentAccount) -> Json<Value> {
    let authority = caller.authority();
    let tenants = authority.memberships().iter().map(|(name, membership)| {
        let roles: Vec<_> = [Role::User, Role::Editor, Role::Admin]
            .into_iter()
            .filter(|role| membership.held_roles().holds(*role))
            .collect();
        (name.to_owned(), json!({ "roles": roles, "scopes": membership.held_scopes().to_string() }))
    });
    Json(json!({
        "scopes": authority.held_scopes().to_string(),
        "admin": authority.held_roles().holds(Role::Admin),
        "delegated": authority.is_delegated(),
        "tenants": tenants.collect::<serde_json::Map<_, _>>(),
    }))
}

pub(crate) async fn admin(app: &App) -> Client {
    app.client.bearer(app.token("root").await)
}

pub(crate) async fn put(client: &Client, path: &str, input: Value) -> Response {
    client.request(Method::PUT, path).json(&input).send().await
}

pub(crate) async fn delete(client: &Client, path: &str) -> Response {
    client.request(Method::DELETE, path).send().await
}

fn grants(id: AccountId) -> String {
    format!("/admin/accounts/{id}/grants")
}

fn member(tenant: &str, id: AccountId) -> String {
    format!("/admin/tenants/{tenant}/members/{id}")
}

#[tokio::test]
async fn a_role_is_stored_listed_changed_and_removed() {
    let app = App::with_admin().await;
    let admin = admin(&app).await;
    let stored = put(&admin, "/admin/roles/reader", json!({ "scopes": ["docs:read", "docs:list"] })).await;
    let reader = json!({
        "name": "reader", "built_in": false, "includes": [], "scopes": ["docs:list", "docs:read"],
        "all_includes": [], "all_scopes": ["docs:list", "docs:read"],
    });
    assert_eq!((stored.status, stored.json()), (StatusCode::OK, reader.clone()));
    let body = json!({ "includes": ["reader", "editor"], "scopes": ["docs:write"] });
    let writer = put(&admin, "/admin/roles/writer", body).await.json();
    assert_eq!(writer["all_includes"], json!(["editor", "reader", "user"]));
    assert_eq!(
        writer["all_scopes"],
        json!(["docs:list", "docs:read", "docs:write", "keys:write", "me:read", "me:write"])
    );
    let listed = admin.get("/admin/roles").send().await.json();
    let names: Vec<_> = listed["roles"].as_array().unwrap().iter().map(|role| &role["name"]).collect();
    assert_eq!(names, ["user", "editor", "admin", "reader", "writer"]);
    assert_eq!(listed["roles"][3], reader);
    assert_eq!(
        (&listed["roles"][0]["all_scopes"], &listed["roles"][0]["scopes"]),
        (&json!(USERS), &json!([]))
    );

    let changed = put(&admin, "/admin/roles/writer", json!({})).await;
    assert_eq!((changed.status, &changed.json()["all_scopes"]), (StatusCode::OK, &json!([])));
    for name in ["writer", "reader"] {
        assert_eq!(delete(&admin, &format!("/admin/roles/{name}")).await.status, StatusCode::NO_CONTENT);
    }
    assert_problem(&delete(&admin, "/admin/roles/reader").await, StatusCode::NOT_FOUND);
    let trail = app.world.trail(Trail::Changes).await;
    let told: Vec<_> = trail.iter().take(5).map(|entry| (entry.action, entry.target.as_str())).collect();
    assert_eq!(told[0], (Action::RoleRemoved, "reader"));
    assert_eq!(told[4], (Action::RoleDefined, "reader"));
    assert_eq!(trail[4].detail, json!({ "includes": [], "scopes": ["docs:list", "docs:read"] }));
    assert!(matches!(trail[4].actor, Actor::Account(_)), "the trail says who did it");
}

#[tokio::test]
async fn a_role_that_will_not_do_is_refused_and_the_sentence_says_why() {
    let app = App::with_admin().await;
    let admin = admin(&app).await;
    for name in ["a", "b"] {
        put(&admin, &format!("/admin/roles/{name}"), json!({})).await;
    }
    let many = |count: usize| -> Vec<_> { (0..count).map(|n| format!("docs:{n}")).collect() };
    for (body, field) in [
        (json!({ "includes": ["nobody"] }), "body.includes"),
        (json!({ "scopes": ["a b"] }), "body.scopes.0"),
        (json!({ "scopes": ["a\"b"] }), "body.scopes.0"),
        (json!({ "scopes": [""] }), "body.scopes.0"),
        (json!({ "scopes": many(65) }), "body.scopes"),
        (json!({ "scopes": ["x".repeat(257)] }), "body.scopes.0"),
        (json!({ "includes": ["Upper"] }), "body.includes.0"),
        (json!({ "color": "red" }), "body.color"),
    ] {
        assert_faults(&put(&admin, "/admin/roles/c", body).await, &[field]);
    }
    let built_in = put(&admin, "/admin/roles/user", json!({ "includes": ["a"] })).await;
    assert_faults(&built_in, &["body.includes"]);
    assert!(built_in.text().contains("What the built-in role `user` includes cannot be changed"));
    for name in ["UPPER", "a_b", &"x".repeat(41)] {
        let refused = put(&admin, &format!("/admin/roles/{name}"), json!({})).await;
        assert_problem(&refused, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(put(&admin, "/admin/roles/c", json!({ "scopes": many(64) })).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_role_that_is_needed_is_not_removed_and_the_sentence_says_by_whom() {
    let app = App::with_admin().await;
    let ada = app.make("ada", Role::User).await.id;
    let admin = admin(&app).await;
    put(&admin, "/admin/roles/a", json!({})).await;
    put(&admin, "/admin/roles/b", json!({ "includes": ["a"] })).await;
    let refused = delete(&admin, "/admin/roles/a").await;
    assert_problem(&refused, StatusCode::CONFLICT);
    assert_eq!(refused.json()["detail"], "The role `a` is included by `b`");
    put(&admin, &member("acme", ada), json!({ "roles": ["b"] })).await;
    let refused = delete(&admin, "/admin/roles/b").await;
    assert_problem(&refused, StatusCode::CONFLICT);
    assert_eq!(refused.json()["detail"], "The role `b` is held by `ada` in the tenant `acme`");
}

#[tokio::test]
async fn what_an_account_holds_is_set_and_read() {
    let app = App::with_admin().await;
    let ada = app.make("ada", Role::User).await.id;
    app.define("reader", &[], "docs:read").await;
    let admin = admin(&app).await;
    let nothing = json!({ "built_in": ["user"], "roles": [], "scopes": USERS, "tenants": [] });
    assert_eq!(admin.get(&grants(ada)).send().await.json(), nothing);
    let set = put(&admin, &grants(ada), json!({ "roles": ["reader"] })).await;
    assert_eq!((set.status, &set.json()["roles"]), (StatusCode::OK, &json!(["reader"])));
    let set = put(&admin, &member("acme", ada), json!({ "roles": ["reader", "editor"] })).await;
    let joined = json!({ "id": ada, "username": "ada", "roles": ["editor", "reader"] });
    assert_eq!((set.status, set.json()), (StatusCode::OK, joined.clone()));
    put(&admin, &member("plain", ada), json!({ "roles": [] })).await;
    let scopes = ["docs:read", "keys:write", "me:read", "me:write"];
    let all = json!({ "built_in": ["user"], "roles": ["reader"], "scopes": scopes, "tenants": [
        { "tenant": "acme", "roles": ["editor", "reader"], "scopes": scopes },
        { "tenant": "plain", "roles": [], "scopes": [] },
    ]});
    assert_eq!(admin.get(&grants(ada)).send().await.json(), all);

    let members = admin.get("/admin/tenants/acme/members").send().await.json();
    assert_eq!(members, json!({ "members": [joined], "next": null }));
    assert_eq!(delete(&admin, &member("acme", ada)).await.status, StatusCode::NO_CONTENT);
    assert_problem(&delete(&admin, &member("acme", ada)).await, StatusCode::NOT_FOUND);
    let members = admin.get("/admin/tenants/acme/members").send().await.json();
    assert_eq!(members["members"], json!([]));
    let actions: Vec<_> =
        app.world.trail(Trail::Changes).await.into_iter().take(4).map(|entry| entry.action).collect();
    let membership = Action::MembershipChanged;
    assert_eq!(actions, [Action::MembershipEnded, membership, membership, Action::GrantsChanged]);
}

#[tokio::test]
async fn a_grant_that_will_not_do_is_refused() {
    let app = App::with_admin().await;
    let ada = app.make("ada", Role::User).await.id;
    let nobody: AccountId = NOBODY.parse().unwrap();
    let admin = admin(&app).await;
    for name in ["user", "editor", "admin", "nobody"] {
        assert_faults(&put(&admin, &grants(ada), json!({ "roles": [name] })).await, &["body.roles"]);
    }
    assert_faults(&put(&admin, &member("acme", ada), json!({ "roles": ["nobody"] })).await, &["body.roles"]);
    let many: Vec<_> = (0..17).map(|n| format!("r{n}")).collect();
    assert_faults(&put(&admin, &grants(ada), json!({ "roles": many })).await, &["body.roles"]);
    assert_problem(&put(&admin, &grants(nobody), json!({ "roles": [] })).await, StatusCode::NOT_FOUND);
    assert_problem(
        &put(&admin, &member("acme", nobody), json!({ "roles": [] })).await,
        StatusCode::NOT_FOUND,
    );
    assert_problem(&admin.get(&grants(nobody)).send().await, StatusCode::NOT_FOUND);
    for tenant in ["UPPER", "%2e%2e", "-x", &"x".repeat(65)] {
        let refused = put(&admin, &member(tenant, ada), json!({ "roles": [] })).await;
        assert_problem(&refused, StatusCode::UNPROCESSABLE_ENTITY);
    }
    for n in 0..64 {
        app.give(ada, Some(&format!("t{n}")), &[]).await;
    }
    let refused = put(&admin, &member("acme", ada), json!({ "roles": [] })).await;
    assert_problem(&refused, StatusCode::CONFLICT);
    assert_eq!(refused.json()["detail"], "An account is in at most 64 tenants");
}

#[tokio::test]
async fn members_are_listed_in_pages() {
    let app = App::with_admin().await;
    for n in 0..3 {
        let account = app.make(&format!("user{n}"), Role::User).await.id;
        app.give(account, Some("acme"), &["user"]).await;
    }
    let admin = admin(&app).await;
    let page = admin.get("/admin/tenants/acme/members?limit=2").send().await.json();
    assert_eq!(page["members"].as_array().unwrap().len(), 2);
    let next = page["next"].as_str().unwrap();
    let rest = admin.get(&format!("/admin/tenants/acme/members?limit=2&after={next}")).send().await.json();
    assert_eq!((rest["members"].as_array().unwrap().len(), &rest["next"]), (1, &json!(null)));
    assert_ne!(rest["members"][0]["id"], page["members"][1]["id"]);
}

/// What a stored role brings, by every credential, as soon as another process has said so; and not a moment longer.
#[tokio::test]
async fn a_change_by_another_process_counts_at_the_next_request() {
    let app = App::with_user("ada").await;
    let api = api(&app);
    let ada = app.make("eve", Role::User).await.id;
    let (token, browser) = (app.token("eve").await, app.browser("eve").await);
    let bearer = api.bearer(&token);
    let in_browser = crate::app::Browser { client: api.clone(), ..browser };
    let check = async |expected: StatusCode| {
        app.world.clock.advance(MILLISECOND);
        assert_eq!(bearer.get("/docs").send().await.status, expected);
        assert_eq!(in_browser.get("/docs").await.status, expected);
    };
    check(StatusCode::FORBIDDEN).await;
    app.define("reader", &[], "docs:read").await;
    check(StatusCode::FORBIDDEN).await;
    app.give(ada, None, &["reader"]).await;
    check(StatusCode::OK).await;
    app.define("reader", &[], "docs:list").await;
    check(StatusCode::FORBIDDEN).await;
    app.define("deeper", &[], "docs:read").await;
    app.define("reader", &["deeper"], "").await;
    check(StatusCode::OK).await;
    app.define("deeper", &[], "").await;
    check(StatusCode::FORBIDDEN).await;
    app.define("user", &[], "docs:read").await;
    check(StatusCode::OK).await;
    app.world.accounts.remove_role(Actor::Operator, "user".parse().unwrap()).await.unwrap();
    check(StatusCode::FORBIDDEN).await;
}

#[tokio::test]
async fn what_has_not_changed_is_not_read_again() {
    let app = App::with_user("ada").await;
    let ada = app.account("ada").await.id;
    app.define("reader", &[], "docs:read").await;
    app.give(ada, None, &["reader"]).await;
    let client = api(&app).bearer(app.token("ada").await);
    assert_eq!(client.get("/docs").send().await.status, StatusCode::OK);
    let before = app.store.role_reads.load(Ordering::SeqCst);
    for _ in 0..10 {
        app.world.clock.advance(MILLISECOND);
        assert_eq!(client.get("/docs").send().await.status, StatusCode::OK);
    }
    assert_eq!(app.store.role_reads.load(Ordering::SeqCst), before);
}

#[tokio::test]
async fn a_caller_has_its_tenants_and_a_delegated_one_what_it_was_issued_there() {
    let app = App::with_user("ada").await;
    let ada = app.account("ada").await.id;
    app.define("reader", &["editor"], "docs:read").await;
    app.give(ada, Some("acme"), &["reader"]).await;
    app.give(ada, Some("labs"), &["editor"]).await;
    let api = api(&app);
    let whole = api.bearer(app.token("ada").await).get("/held").send().await.json();
    let users = USERS.join(" ");
    assert_eq!(
        whole,
        json!({ "scopes": users, "admin": false, "delegated": false, "tenants": {
            // What a stored role includes is no role of the code.
            "acme": { "roles": [], "scopes": format!("docs:read {users}") },
            "labs": { "roles": ["user", "editor"], "scopes": users },
        }})
    );
    let narrowed = api.bearer(app.narrowed("ada", "me:read").await).get("/held").send().await.json();
    assert_eq!(
        narrowed,
        json!({ "scopes": "me:read", "admin": false, "delegated": true, "tenants": {
            "acme": { "roles": [], "scopes": "me:read" },
            "labs": { "roles": ["user", "editor"], "scopes": "me:read" },
        }})
    );
    let (_, key) = app.key_of("ada", "docs:read me:read").await;
    let by_key = api.get("/held").header("x-api-key", key.to_text().expose()).send().await.json();
    assert_eq!(
        (&by_key["scopes"], &by_key["tenants"]["acme"]["scopes"]),
        (&json!("me:read"), &json!("docs:read me:read"))
    );
}

#[tokio::test]
async fn a_token_and_a_key_are_issued_what_the_account_has_by_all_its_roles() {
    let app = App::with_user("ada").await;
    let ada = app.account("ada").await.id;
    app.define("reader", &[], "docs:read").await;
    app.define("user", &[], "docs:list").await;
    let ask = [("grant_type", "password"), ("username", "ada"), ("password", crate::app::PASSWORD)];
    let with_scope = [&ask[..], &[("scope", "docs:read")]].concat();
    let refused = app.ask_token(&with_scope).await;
    assert_eq!(
        (refused.status, &refused.json()["error"]),
        (StatusCode::BAD_REQUEST, &json!("invalid_scope"))
    );
    app.give(ada, None, &["reader"]).await;
    app.world.clock.advance(MILLISECOND);
    assert_eq!(app.ask_token(&with_scope).await.json()["scope"], "docs:read");
    assert_eq!(app.ask_token(&ask).await.json()["scope"], "docs:list docs:read keys:write me:read me:write");
    let client = app.client.bearer(app.token("ada").await);
    for (scope, status) in
        [("docs:read", StatusCode::CREATED), ("docs:write", StatusCode::UNPROCESSABLE_ENTITY)]
    {
        let input = json!({ "name": "ci", "scopes": [scope] });
        assert_eq!(client.post("/me/api-keys").json(&input).send().await.status, status);
    }
}

#[tokio::test]
async fn more_scopes_than_a_token_carries_are_to_be_asked_for() {
    let app = App::with_user("ada").await;
    let ada = app.account("ada").await.id;
    let scopes: Vec<_> = (0..20).map(|n| format!("{n:0>250}")).collect();
    app.define("much", &[], &scopes.join(" ")).await;
    app.give(ada, None, &["much"]).await;
    let refused = app.sign_in("ada", crate::app::PASSWORD).await;
    assert_eq!(
        (refused.status, &refused.json()["error"]),
        (StatusCode::BAD_REQUEST, &json!("invalid_scope"))
    );
    assert!(app.lets_in(&app.narrowed("ada", "me:read").await).await);
}
