//! Objects of tenants, and what is held in them.

use http::Method;

use crate::support::{App, Doc, api, serve};

fn shelf() -> App {
    App::holding([
        Doc::of("plan", "ada").in_org("acme"),
        Doc::of("menu", "ada").in_org("acme").open(),
        Doc::of("deal", "gil").in_org("globex").open(),
        Doc::of("stray", "ada"),
    ])
}

async fn statuses(token: &str, path: &str) -> (u16, u16) {
    let client = serve(api(), &shelf()).bearer(token);
    let (read, edit) = (client.get(path).send().await, client.request(Method::PUT, path).send().await);
    (read.status.as_u16(), edit.status.as_u16())
}

#[tokio::test]
async fn a_role_held_in_the_tenant_counts_for_its_objects() {
    let path = "/orgs/acme/papers/menu";
    assert_eq!(statuses("tim~account~acme-viewer", path).await, (200, 404));
    assert_eq!(statuses("tim~account~acme-editor~docs", path).await, (200, 200), "an editor is a viewer");
    assert_eq!(statuses("ada~account~acme-editor", "/orgs/acme/papers/plan").await, (200, 200));
    assert_eq!(statuses("ada~account~acme-viewer", "/orgs/acme/papers/plan").await, (200, 404));
    assert_eq!(statuses("tim~account~acme-editor~docs", "/orgs/acme/papers/plan").await, (404, 200));
}

#[tokio::test]
async fn a_delegated_credential_has_no_role_in_a_tenant() {
    assert_eq!(statuses("tim~delegated~acme-editor~docs", "/orgs/acme/papers/menu").await, (404, 404));
    assert_eq!(statuses("ada~delegated~acme-editor", "/orgs/acme/papers/plan").await, (200, 404));
}

#[tokio::test]
async fn who_is_no_member_gets_nothing_not_even_their_own() {
    assert_eq!(statuses("ada", "/orgs/acme/papers/plan").await, (404, 404));
}

#[tokio::test]
async fn attack_an_object_of_another_tenant_behind_ones_own_tenants_name() {
    // An editor of Acme, who holds nothing in Globex.
    let token = "tim~account~acme-editor~docs";
    assert_eq!(statuses(token, "/orgs/acme/papers/deal").await, (404, 404));
    assert_eq!(statuses(token, "/orgs/globex/papers/deal").await, (404, 404));
    assert_eq!(statuses("gil~account~acme-editor.globex-viewer", "/orgs/acme/papers/deal").await, (404, 404));
}

#[tokio::test]
async fn an_object_of_no_tenant_is_in_none() {
    assert_eq!(statuses("ada~account~acme-editor", "/orgs/acme/papers/stray").await, (404, 404));
}

#[tokio::test]
async fn attack_a_tenants_name_written_otherwise() {
    let token = "ada~account~acme-editor";
    for org in ["Acme", "acme%20", "acme%00", "acme%2F", "acme%2e", "%61cme%61"] {
        assert_eq!(statuses(token, &format!("/orgs/{org}/papers/plan")).await, (404, 404), "{org}");
    }
    assert_eq!(
        statuses(token, "/orgs/%61cme/papers/plan").await,
        (200, 200),
        "percent-encoding is no other name"
    );
}
