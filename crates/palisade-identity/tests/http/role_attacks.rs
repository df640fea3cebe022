//! Attacks by way of stored roles, tenants, and what was issued before they changed.

use http::{Method, StatusCode};
use palisade::{clock::Timestamp, testing::Client};
use palisade_identity::{audit::Actor, http::RECENT, role::Role};
use serde_json::json;

use crate::{
    app::{App, MILLISECOND, assert_faults, assert_problem},
    stored_roles::{NOBODY, admin, api, delete, put},
    world::NOW,
};

/// The statuses of the routes an admin has, for whoever `client` is.
async fn administers(client: &Client) -> Vec<StatusCode> {
    let mut statuses = Vec::new();
    for path in ["/admin/accounts", "/admin/roles"] {
        statuses.push(client.get(path).send().await.status);
    }
    let input = json!({ "roles": ["admin"] });
    statuses.push(put(client, &format!("/admin/accounts/{}/roles", NOBODY), input).await.status);
    statuses
}

#[tokio::test]
async fn attack_stored_role_that_includes_admin() {
    let app = App::with_admin().await;
    let admin = admin(&app).await;
    let refused = put(&admin, "/admin/roles/boss", json!({ "includes": ["admin"] })).await;
    assert_faults(&refused, &["body.includes"]);
    for reserved in ["accounts:read", "accounts:write", "audit:read"] {
        for name in ["boss", "user", "editor", "admin"] {
            let body = json!({ "scopes": ["docs:read", reserved] });
            assert_faults(&put(&admin, &format!("/admin/roles/{name}"), body).await, &["body.scopes"]);
        }
    }
    assert_eq!(admin.get("/admin/roles").send().await.json()["roles"].as_array().unwrap().len(), 3);
}

/// A role that includes one brings its scopes, and is no role of the code: `role(editor)` does not hold.
#[tokio::test]
async fn attack_stored_role_that_includes_editor_is_no_editor() {
    let app = App::with_user("ada").await;
    let ada = app.account("ada").await.id;
    app.define("writer", &["editor"], "").await;
    app.give(ada, None, &["writer"]).await;
    app.world.clock.advance(MILLISECOND);
    let account = app.identity.parts().accounts.active(&ada).await.unwrap().unwrap();
    let authority = account.holdings().whole(ada.to_string());
    assert!(authority.held_roles().holds(Role::User) && !authority.held_roles().holds(Role::Editor));
}

#[tokio::test]
async fn attack_cycle_of_roles() {
    let app = App::with_admin().await;
    let admin = admin(&app).await;
    for (name, includes) in [("a", json!([])), ("b", json!(["a"])), ("c", json!(["b"]))] {
        put(&admin, &format!("/admin/roles/{name}"), json!({ "includes": includes })).await;
    }
    let refused = put(&admin, "/admin/roles/a", json!({ "includes": ["c"] })).await;
    assert_problem(&refused, StatusCode::CONFLICT);
    let told = "Roles would include each other in a circle: `a` includes `c` includes `b` includes `a`";
    assert_eq!(refused.json()["detail"], told);
    let refused = put(&admin, "/admin/roles/a", json!({ "includes": ["a"] })).await;
    assert_problem(&refused, StatusCode::CONFLICT);
    let roles = admin.get("/admin/roles").send().await.json();
    assert_eq!(roles["roles"][3]["includes"], json!([]), "nothing was changed");
}

#[tokio::test]
async fn attack_key_keeps_a_scope_that_was_taken_away() {
    let app = App::with_user("ada").await;
    let ada = app.account("ada").await.id;
    app.define("reader", &[], "docs:read").await;
    app.give(ada, None, &["reader"]).await;
    let (_, key) = app.key_of("ada", "docs:read me:read").await;
    let narrowed = app.narrowed("ada", "docs:read").await;
    let api = api(&app);
    let check = async |expected: StatusCode| {
        app.world.clock.advance(MILLISECOND);
        let by_key = api.get("/docs").header("x-api-key", key.to_text().expose()).send().await;
        assert_eq!(by_key.status, expected);
        assert_eq!(api.bearer(&narrowed).get("/docs").send().await.status, expected);
    };
    check(StatusCode::OK).await;
    app.give(ada, None, &[]).await;
    check(StatusCode::FORBIDDEN).await;
    app.give(ada, None, &["reader"]).await;
    app.define("reader", &[], "").await;
    check(StatusCode::FORBIDDEN).await;
    // Held in a tenant is not held everywhere.
    app.define("reader", &[], "docs:read").await;
    app.give(ada, None, &[]).await;
    app.give(ada, Some("acme"), &["reader"]).await;
    check(StatusCode::FORBIDDEN).await;
}

#[tokio::test]
async fn attack_key_that_grows_with_its_account() {
    let app = App::with_user("ada").await;
    let (_, key) = app.key_of("ada", "me:read").await;
    let narrowed = app.narrowed("ada", "me:read").await;
    app.define("user", &[], "docs:read").await;
    app.world.clock.advance(MILLISECOND);
    let api = api(&app);
    assert_eq!(api.bearer(app.token("ada").await).get("/docs").send().await.status, StatusCode::OK);
    assert_eq!(api.bearer(&narrowed).get("/docs").send().await.status, StatusCode::FORBIDDEN);
    let by_key = api.get("/docs").header("x-api-key", key.to_text().expose()).send().await;
    assert_eq!(by_key.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn attack_member_of_one_tenant_in_another() {
    let app = App::with_user("ada").await;
    let ada = app.account("ada").await.id;
    app.define("reader", &[], "docs:read").await;
    app.give(ada, Some("acme"), &["reader"]).await;
    app.give(ada, Some("labs"), &[]).await;
    app.world.clock.advance(MILLISECOND);
    let api = api(&app).bearer(app.token("ada").await);
    let held = api.get("/held").send().await.json();
    assert_eq!(held["tenants"]["acme"]["scopes"], "docs:read");
    assert_eq!(held["tenants"]["labs"]["scopes"], "");
    assert_eq!(held["tenants"].as_object().unwrap().len(), 2);
    assert_eq!(api.get("/docs").send().await.status, StatusCode::FORBIDDEN, "nor is it held everywhere");
}

/// A token goes to others, who read its scopes without its tenants.
#[tokio::test]
async fn attack_token_with_a_scope_of_a_tenant_alone() {
    let app = App::with_user("ada").await;
    let ada = app.account("ada").await.id;
    app.define("reader", &[], "docs:read").await;
    app.give(ada, Some("acme"), &["reader"]).await;
    app.world.clock.advance(MILLISECOND);
    let fields = [("grant_type", "password"), ("username", "ada"), ("password", crate::app::PASSWORD)];
    let refused = app.ask_token(&[&fields[..], &[("scope", "docs:read")]].concat()).await;
    assert_eq!(refused.json()["error"], "invalid_scope");
    assert_eq!(app.ask_token(&fields).await.json()["scope"], "keys:write me:read me:write");
}

#[tokio::test]
async fn attack_tenant_admin_is_no_server_admin() {
    let app = App::with_admin().await;
    app.make("ada", Role::User).await;
    let ada = app.account("ada").await.id;
    app.give(ada, Some("acme"), &["admin"]).await;
    app.world.clock.advance(MILLISECOND);
    let client = app.client.bearer(app.token("ada").await);
    assert_eq!(administers(&client).await, [StatusCode::FORBIDDEN; 3]);
    let held = api(&app).bearer(app.token("ada").await).get("/held").send().await.json();
    assert_eq!(
        (&held["admin"], &held["tenants"]["acme"]["roles"]),
        (&json!(false), &json!(["user", "editor", "admin"]))
    );
    // Nor does a tenant's admin get a key that would be an admin's the day its account becomes one.
    let key = json!({ "name": "later", "scopes": ["accounts:read"] });
    assert_faults(&client.post("/me/api-keys").json(&key).send().await, &["body.scopes"]);
    // Nor does a tenant's admin count where the last one is to stay.
    let root = app.account("root").await.id;
    let admin = admin(&app).await;
    let demoted = put(&admin, &format!("/admin/accounts/{root}/roles"), json!({ "roles": ["user"] })).await;
    assert_problem(&demoted, StatusCode::CONFLICT);
}

#[tokio::test]
async fn attack_service_that_is_a_tenants_admin() {
    let app = App::with_admin().await;
    let service = app.service().await;
    let admin = admin(&app).await;
    let path = format!("/admin/tenants/acme/members/{service}");
    assert_faults(&put(&admin, &path, json!({ "roles": ["admin"] })).await, &["body.roles"]);
    assert_eq!(put(&admin, &path, json!({ "roles": ["editor"] })).await.status, StatusCode::OK);
}

/// Stored roles that nobody may hand on: not by a token that is narrowed, nor a key, nor a sign-in that is not fresh.
#[tokio::test]
async fn attack_roles_changed_with_less_than_a_fresh_sign_in() {
    let app = App::with_admin().await;
    let account = app.account("root").await;
    let root = account.id;
    let before = app.world.accounts.role_book().await.unwrap();
    let narrowed = app.client.bearer(app.narrowed("root", "accounts:read accounts:write").await);
    let long_ago = NOW - i64::try_from(RECENT.as_secs()).unwrap() - 1;
    let stale = app.forged(&account, |claims| {
        claims.authenticated_at = Some(Timestamp::from_unix(long_ago));
    });
    let stale = app.client.bearer(stale.await);
    let (_, key) = app.key_of("root", "accounts:read accounts:write").await;
    let refused = async |client: &Client| {
        let header = ("x-api-key", key.to_text());
        for (path, body) in [
            ("/admin/roles/mine".to_owned(), json!({ "scopes": ["docs:read"] })),
            (format!("/admin/accounts/{root}/grants"), json!({ "roles": [] })),
            (format!("/admin/tenants/acme/members/{root}"), json!({ "roles": ["admin"] })),
        ] {
            assert_eq!(put(client, &path, body.clone()).await.status, StatusCode::FORBIDDEN, "{path}");
            let by_key = app.client.request(Method::PUT, &path).header(header.0, header.1.expose());
            assert_eq!(by_key.json(&body).send().await.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(delete(client, "/admin/roles/mine").await.status, StatusCode::FORBIDDEN);
    };
    refused(&narrowed).await;
    refused(&stale).await;
    assert_eq!(*app.world.accounts.role_book().await.unwrap(), *before);
}

/// Whoever has the cookie of before gets no part in what the account may do from now on.
#[tokio::test]
async fn attack_session_secret_stolen_before_a_grant() {
    let app = App::with_user("ada").await;
    let ada = app.account("ada").await.id;
    app.define("reader", &[], "docs:read").await;
    let mut browser = app.browser("ada").await;
    for change in 0..5 {
        match change {
            0 => app.give(ada, None, &["reader"]).await,
            1 => app.give(ada, Some("acme"), &["editor"]).await,
            2 => app.define("reader", &[], "docs:read docs:write").await,
            3 => app.give(ada, Some("acme"), &[]).await,
            _ => app.define("unused", &["reader"], "docs:more").await,
        }
        app.world.clock.advance(MILLISECOND);
        let before = browser.cookie.clone();
        let answer = browser.get("/me").await;
        assert_eq!(answer.status, StatusCode::OK);
        browser.keep_cookies(&answer);
        assert_eq!(browser.cookie != before, change < 4, "{change}");
        let again = browser.get("/me").await;
        assert_eq!((again.status, again.header("set-cookie")), (StatusCode::OK, None), "once");
    }
}

/// A disabled account's roles count for nothing, and are there again when it is.
#[tokio::test]
async fn attack_disabled_account_with_roles() {
    let app = App::with_admin().await;
    let ada = app.make("ada", Role::User).await.id;
    app.define("reader", &[], "docs:read").await;
    app.give(ada, None, &["reader"]).await;
    let token = app.token("ada").await;
    app.world.accounts.disable(Actor::Operator, ada).await.unwrap();
    app.world.clock.advance(MILLISECOND);
    assert_eq!(api(&app).bearer(token).get("/docs").send().await.status, StatusCode::UNAUTHORIZED);
    let admin = admin(&app).await;
    let seen = admin.get(&format!("/admin/accounts/{ada}/grants")).send().await.json();
    assert_eq!(seen["roles"], json!(["reader"]));
}
