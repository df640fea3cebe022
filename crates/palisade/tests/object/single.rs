//! One object: who gets it.

use palisade::prelude::*;

use crate::support::{Api, App, Caller, Count, Doc, Edit, Page, Read, anybody, api, serve};

fn shelf() -> App {
    App::holding([Doc::of("plan", "ada").read_by("tim"), Doc::of("fragile", "ada")])
}

#[tokio::test]
async fn whoever_the_policy_admits_gets_the_object() {
    let app = shelf();
    let client = serve(api(), &app);
    for name in ["ada", "tim"] {
        let answer = client.bearer(name).get("/pages/plan").send().await;
        assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, "plan"), "{name}");
    }
    let put = |name| client.bearer(name).request(http::Method::PUT, "/pages/plan").send();
    assert_eq!(put("ada").await.status, 200);
    assert_eq!(put("tim").await.status, 404);
    assert_eq!(app.ran.times(), 3, "a refused handler does not run");
}

#[tokio::test]
async fn nobody_is_asked_to_sign_in_before_anything_is_looked_for() {
    let app = shelf();
    let client = serve(api(), &app);
    let answer = client.get("/pages/plan").send().await;
    assert_eq!((answer.status.as_u16(), answer.header("www-authenticate")), (401, Some("Bearer")));
    assert_eq!((app.looked.times(), app.ran.times()), (0, 0));
}

#[tokio::test]
async fn a_delegated_credential_stands_in_for_its_account_where_the_policy_asks_for_no_more() {
    let app = shelf();
    let client = serve(api(), &app).bearer("ada~delegated");
    assert_eq!(client.get("/pages/plan").send().await.status, 200);
    assert_eq!(client.request(http::Method::PUT, "/pages/plan").send().await.status, 404);
}

#[tokio::test]
async fn what_could_not_be_found_out_is_neither_yes_nor_no() {
    let app = shelf();
    let client = serve(api(), &app);
    assert_eq!(client.bearer("eve").get("/pages/fragile").send().await.status, 503);
    assert_eq!(
        client.bearer("ada").get("/pages/fragile").send().await.status,
        200,
        "the owner, whatever else"
    );
    assert_eq!(client.bearer("ada").get("/pages/down").send().await.status, 503);
    assert_eq!(app.ran.times(), 1);
}

#[tokio::test]
async fn a_loader_that_gives_another_object_grants_nothing() {
    let app = shelf();
    let answer = serve(api(), &app).bearer("ada").get("/pages/wrong").send().await;
    assert_eq!(answer.status, 500);
    assert!(!answer.text().contains("another"), "the caller learns nothing of it");
    assert_eq!(app.ran.times(), 0);
}

#[tokio::test]
async fn two_actions_on_one_object_load_it_once() {
    async fn both(read: Granted<Read, Page>, edit: Granted<Edit, Page>) -> String {
        assert!(std::ptr::eq(read.resource(), edit.resource()));
        edit.into_resource().0.owner.clone()
    }
    let app = shelf();
    let api = api().route("/both/{page}", get(both).requires(anybody()));
    let client = serve(api, &app);
    assert_eq!(client.bearer("ada").get("/both/plan").send().await.text(), "ada");
    assert_eq!(app.looked.times(), 1);
    assert_eq!(client.bearer("tim").get("/both/plan").send().await.status, 404, "both have to hold");
}

#[tokio::test]
async fn a_dependency_can_be_made_of_a_grant() {
    #[derive(Clone)]
    struct Owner(String);

    #[dependency(state = App)]
    async fn owner(page: Granted<Read, Page>) -> Owner {
        Owner(page.resource().0.owner.clone())
    }

    async fn owner_of(Owner(name): Owner) -> String {
        name
    }
    let app = shelf();
    let built = api().route("/owners/{page}", get(owner_of).requires(anybody()));
    let client = serve(built, &app);
    assert_eq!(client.bearer("tim").get("/owners/plan").send().await.text(), "ada");
    assert_eq!(client.bearer("eve").get("/owners/plan").send().await.status, 404);
}

#[tokio::test]
async fn in_a_plain_axum_router_the_proof_is_the_same() {
    let app = shelf();
    let router = axum::Router::new()
        .route("/pages/{page}", axum::routing::get(crate::support::read::<Page>))
        .route("/{misnamed}", axum::routing::get(crate::support::read::<Page>))
        .layer(palisade::layer())
        .with_state(app.clone());
    let client = palisade::testing::Client::new(router);
    assert_eq!(client.bearer("tim").get("/pages/plan").send().await.status, 200);
    assert_eq!(client.bearer("eve").get("/pages/plan").send().await.status, 404);
    assert_eq!(client.get("/pages/plan").send().await.status, 401);
    assert_eq!(client.bearer("ada").get("/plan").send().await.status, 500, "no start-up check told of it");
}

#[tokio::test]
async fn a_policy_is_worked_out_once_for_all_requests() {
    static WORKED_OUT: std::sync::LazyLock<Count> = std::sync::LazyLock::new(Count::default);
    struct Counted;

    impl Policy<Counted, Page> for Caller {
        fn requirement() -> Requirement {
            WORKED_OUT.count();
            signed_in()
        }
    }
    async fn page(_: Granted<Counted, Page>) {}
    let client = serve(Api::new().route("/pages/{page}", get(page).requires(anybody())), &shelf());
    let at_start = WORKED_OUT.times();
    for _ in 0..5 {
        assert_eq!(client.bearer("eve").get("/pages/plan").send().await.status, 200);
    }
    assert_eq!(WORKED_OUT.times(), at_start + 1);
}
