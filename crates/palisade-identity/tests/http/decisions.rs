//! `/admin/decisions`: why somebody was refused, told to those who may ask.

use http::StatusCode;
use palisade_identity::{
    audit::{Action, Actor, Trail},
    role::Role,
};
use serde_json::json;

use crate::app::{App, assert_problem};

async fn refused(app: &App, path: &str) -> String {
    let answer = app.client.bearer(app.token("ada").await).get(path).send().await;
    assert_problem(&answer, StatusCode::FORBIDDEN);
    answer.json()["decision"].as_str().unwrap().to_owned()
}

async fn with_ada() -> App {
    let app = App::with_admin().await;
    app.make("ada", Role::User).await;
    app
}

#[tokio::test]
async fn an_admin_is_told_why_somebody_was_refused() {
    let app = with_ada().await;
    let id = refused(&app, "/admin/accounts/018bcfe5-6800-7000-8000-00000000000a?secret=x").await;
    let admin = app.client.bearer(app.token("root").await);
    let answer = admin.get(&format!("/admin/decisions/{id}")).send().await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let decision = answer.json();
    assert_eq!((&decision["id"], &decision["path"]), (&json!(id), &json!("/admin/accounts/{id}")));
    assert_eq!((&decision["ruling"], &decision["stage"]), (&json!({ "refused": 403 }), &json!("route")));
    let role = &decision["explanation"]["all"][0];
    assert_eq!((&role["leaf"]["role"], &role["verdict"]), (&json!("admin"), &json!("false")));
    assert_eq!(role["because"], "the role is not held");
    let ada = app.world.accounts.by_username(&"ada".parse().unwrap()).await.unwrap();
    assert_eq!(decision["subject"]["account"], ada.id.to_string());
    assert!(!answer.text().contains("secret"), "no query");
}

#[tokio::test]
async fn the_newest_decisions_come_first_and_as_many_as_are_asked_for() {
    let app = with_ada().await;
    let first = refused(&app, "/admin/accounts").await;
    let second = refused(&app, "/admin/decisions").await;
    app.client.get("/me").send().await;
    let admin = app.client.bearer(app.token("root").await);
    let all = admin.get("/admin/decisions").send().await.json();
    let ids: Vec<_> = all["decisions"].as_array().unwrap().iter().map(|decision| &decision["id"]).collect();
    assert_eq!(ids, [&json!(second), &json!(first)]);
    assert_eq!(all["anonymous_refusals"], 1);
    let one = admin.get("/admin/decisions?limit=1").send().await.json();
    assert_eq!((one["decisions"].as_array().unwrap().len(), &one["decisions"][0]["id"]), (1, &json!(second)));
    for limit in ["0", "1025", "x"] {
        let answer = admin.get(&format!("/admin/decisions?limit={limit}")).send().await;
        assert_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn a_decision_that_is_not_there_is_404_and_an_id_that_is_none_422() {
    let app = App::with_admin().await;
    let admin = app.client.bearer(app.token("root").await);
    let unknown = admin.get(&format!("/admin/decisions/{}", "0".repeat(26))).send().await;
    assert_problem(&unknown, StatusCode::NOT_FOUND);
    assert_eq!(unknown.json().get("decision"), None, "a missing decision is no decision");
    for id in ["x", "8zzzzzzzzzzzzzzzzzzzzzzzzz", "0000000000000000000000000I"] {
        let answer = admin.get(&format!("/admin/decisions/{id}")).send().await;
        assert_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn who_reads_is_written_down() {
    let app = with_ada().await;
    let id = refused(&app, "/admin/accounts").await;
    let admin = app.client.bearer(app.token("root").await);
    admin.get("/admin/decisions").send().await;
    admin.get(&format!("/admin/decisions/{id}")).send().await;
    let root = app.world.accounts.by_username(&"root".parse().unwrap()).await.unwrap();
    let trail = app.world.trail(Trail::Changes).await;
    let read: Vec<_> = trail.iter().filter(|entry| entry.action == Action::DecisionRead).collect();
    let targets: Vec<_> = read.iter().map(|entry| entry.target.as_str()).collect();
    assert_eq!(targets, [id.as_str(), "newest"]);
    assert!(read.iter().all(|entry| entry.actor == Actor::Account(root.id)));
}

/// What cannot be written down is not shown.
#[tokio::test]
async fn attack_reading_decisions_while_the_trail_fails() {
    let app = with_ada().await;
    let id = refused(&app, "/admin/accounts").await;
    let admin = app.client.bearer(app.token("root").await);
    app.store.fail_audit(true);
    for path in ["/admin/decisions".to_owned(), format!("/admin/decisions/{id}")] {
        let answer = admin.get(&path).send().await;
        assert_problem(&answer, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!answer.text().contains(&id));
    }
}

#[tokio::test]
async fn attack_reading_decisions_with_less_than_an_admins_sign_in() {
    let app = with_ada().await;
    let id = refused(&app, "/admin/accounts").await;
    let narrow = app.narrowed("root", "audit:read").await;
    for token in [app.token("ada").await, narrow] {
        let answer = app.client.bearer(token).get(&format!("/admin/decisions/{id}")).send().await;
        assert_problem(&answer, StatusCode::FORBIDDEN);
    }
}
