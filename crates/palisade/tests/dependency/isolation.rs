//! What one router, one state or one app resolves is never taken for another's.

use axum::{
    extract::Request,
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use palisade::{
    prelude::*,
    testing::{Client, Overrides},
};

use crate::common::{Caller, Log};

#[derive(Clone)]
struct App {
    tenant: &'static str,
    log: Log,
}

#[derive(Clone, Debug, PartialEq)]
struct Tenant(&'static str);

#[dependency(state = App)]
async fn tenant(State(app): State<App>) -> Tenant {
    app.log.say(app.tenant);
    Tenant(app.tenant)
}

async fn show(tenant: Tenant) -> &'static str {
    tenant.0
}

async fn notes(State(app): State<App>, tenant: Tenant, request: Request, next: Next) -> Response {
    app.log.say(format!("layer of {} saw {}", app.tenant, tenant.0));
    let response = next.run(request).await;
    app.log.say(format!("layer of {} is left", app.tenant));
    response
}

fn app(tenant: &'static str, log: &Log) -> App {
    App { tenant, log: log.clone() }
}

#[tokio::test]
async fn a_nested_router_with_a_state_of_the_same_type_resolves_its_own() {
    let log = Log::default();
    let (inner, outer) = (app("inner", &log), app("outer", &log));
    let nested = Router::<App, Caller>::new()
        .route("/", get(show).public("a test"))
        .with_state::<App>(inner.clone())
        .layer_named("inner notes", from_fn_with_state(inner, notes));
    let router = Router::<App, Caller>::new()
        .route("/", get(show).public("a test"))
        .nest("/inner", nested)
        .layer_named("outer notes", from_fn_with_state(outer.clone(), notes))
        .with_state(outer);
    let client = Client::new(router.into_axum().unwrap());

    assert_eq!(client.get("/inner").send().await.text(), "inner");
    assert_eq!(
        log.all(),
        [
            "outer",
            "layer of outer saw outer",
            "inner",
            "layer of inner saw inner",
            "layer of inner is left",
            "layer of outer is left"
        ],
        "each state resolves once, for its layer and its handler together"
    );
    assert_eq!(client.get("/").send().await.text(), "outer");
    assert_eq!(log.count("outer"), 2);
}

#[tokio::test]
async fn a_nested_router_that_shares_the_state_shares_the_value() {
    let log = Log::default();
    let outer = app("outer", &log);
    let nested = Router::<App, Caller>::new().route("/", get(show).public("a test"));
    let router = Router::<App, Caller>::new()
        .nest("/inner", nested)
        .layer_named("notes", from_fn_with_state(outer.clone(), notes))
        .with_state(outer);
    Client::new(router.into_axum().unwrap()).get("/inner").send().await;
    assert_eq!(log.count("outer"), 1);
}

#[tokio::test]
async fn a_middleware_that_resolves_after_the_handler_still_gets_its_own() {
    async fn late(State(app): State<App>, request: Request, next: Next) -> Response {
        let (mut head, body) = request.into_parts();
        let response = next.run(Request::from_parts(head.clone(), body)).await;
        let tenant = palisade::resolve::<Tenant, App>(&mut head, &app).await.unwrap();
        app.log.say(format!("late {}", tenant.0));
        response
    }
    let log = Log::default();
    let (inner, outer) = (app("inner", &log), app("outer", &log));
    let nested = Router::<App, Caller>::new().route("/", get(show).public("a test")).with_state::<App>(inner);
    let router = Router::<App, Caller>::new()
        .nest("/inner", nested)
        .layer_named("late", from_fn_with_state(outer.clone(), late))
        .with_state(outer);
    Client::new(router.into_axum().unwrap()).get("/inner").send().await;
    assert_eq!(log.all(), ["inner", "outer", "late outer"]);
}

#[tokio::test]
async fn an_override_is_for_one_app_only() {
    let log = Log::default();
    let router = || {
        Router::<App, Caller>::new()
            .route("/", get(show).public("a test"))
            .with_state::<()>(app("real", &log))
    };
    let real = Client::new(router().into_axum().unwrap());
    let overrides = Overrides::new().value(Tenant("replaced"));
    let replaced = Client::new(router().overrides(overrides).into_axum().unwrap());
    assert_eq!(replaced.get("/").send().await.text(), "replaced");
    assert_eq!(real.get("/").send().await.text(), "real");
    assert_eq!(log.count("real"), 1, "what is replaced does not run");
}

#[tokio::test]
async fn an_app_inside_an_app_keeps_its_own_overrides() {
    let log = Log::default();
    let inner = Router::<App, Caller>::new()
        .route("/", get(show).public("a test"))
        .with_state::<()>(app("inner", &log))
        .overrides(Overrides::new().value(Tenant("replaced")));
    let outer = Router::<App, Caller>::new()
        .route("/", get(show).public("a test"))
        .mount_public("/inner", inner.into_axum().unwrap(), "a test")
        .with_state::<()>(app("outer", &log));
    let client = Client::new(outer.into_axum().unwrap());
    assert_eq!(client.get("/inner").send().await.text(), "replaced");
    assert_eq!(client.get("/").send().await.text(), "outer");
}

#[tokio::test]
async fn a_replaced_dependency_keeps_its_requirement_and_its_documentation() {
    async fn name(caller: Caller) -> String {
        caller.name
    }
    let router = || Router::<(), Caller>::new().route("/", get(name).requires(scope("items:read")));
    let overrides = Overrides::new().with(|head: &mut Parts| match head.headers.get("x-name") {
        Some(_) => Ok(Caller::named("replaced")),
        None => Err(Denied::not_authenticated().into()),
    });
    let (real, replaced) = (router().build().unwrap(), router().overrides(overrides).build().unwrap());
    assert_eq!(format!("{:?}", real.openapi), format!("{:?}", replaced.openapi));
    let client = Client::new(replaced.router);
    assert_eq!(client.get("/").send().await.status, StatusCode::UNAUTHORIZED);
    let forbidden = client.get("/").header("x-name", "any").send().await;
    assert_eq!(forbidden.status, StatusCode::FORBIDDEN, "the replacement has no scope either");
}
