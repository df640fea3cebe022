//! Mistakes that show when a router is built: each a sentence that names the route, all of them together.

use palisade::{Describe, Description, credential::Scheme, prelude::*, requirement::Facts};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::support::{Api, App, Caller, Staff, done, faults, refuses_to_start};

async fn who(_: Caller) -> &'static str {
    "you"
}

async fn perhaps(caller: Option<Caller>) -> &'static str {
    if caller.is_some() { "you" } else { "somebody" }
}

#[test]
fn all_mistakes_are_told_together() {
    let api = Api::new()
        .route("/a", get(done).public(" "))
        .route("/b", get(done).requires(!signed_in()))
        .route("/c", get(who).public("a mistake"))
        .route("d", get(done).public("no slash"))
        .nest("admin", Api::new())
        .route("/e", get(done).public("twice"))
        .merge(Api::new().route("/e", get(done).public("twice")));
    let error = api.with_state(App::default()).into_axum().unwrap_err();
    assert_eq!(error.faults().len(), 6, "{error}");
    let told = error.to_string();
    for fault in error.faults() {
        assert!(told.contains(fault.as_str()));
    }
    for route in ["GET /a", "GET /b", "GET /c", "GET d", "`admin`", "GET /e"] {
        assert!(told.contains(route), "{route} in {told}");
    }
}

#[test]
fn a_public_handler_cannot_need_a_principal() {
    refuses_to_start(
        Api::new().route("/x", get(who).public("oops")),
        "GET /x: it is public, but its handler",
    );
    assert_eq!(faults(Api::new().route("/x", get(perhaps).public("greets"))), [""; 0]);
}

#[test]
fn impossible_negations_are_named() {
    let negations = [
        (!scope("a"), "`!scope(a)` cannot be checked"),
        (!signed_in(), "`!signed_in()` cannot be checked"),
        (!undelegated(), "`!undelegated()` cannot be checked"),
        (!recent(crate::support::MINUTE), "`!recent(60s)` cannot be checked"),
        (!(scope("a") & role(Staff::User)), "`!scope(a)` cannot be checked"),
    ];
    for (requirement, words) in negations {
        refuses_to_start(Api::new().route("/x", get(done).requires(requirement)), words);
    }
    let possible = !role(Staff::User) & !check("office", |_| true) & !!scope("a");
    assert_eq!(faults(Api::new().route("/x", get(done).requires(possible))), [""; 0]);
}

/// 2^40 alternatives are never made.
#[test]
fn a_requirement_too_large_to_read_is_refused_quickly() {
    let pair = |at: usize| scope(&format!("a{at}")) | scope(&format!("b{at}"));
    let product = |pairs: usize| (1..pairs).map(pair).fold(pair(0), |all, next| all & next);
    assert_eq!(faults(Api::new().route("/x", get(done).requires(product(6)))), [""; 0]);
    for pairs in [7, 40, 2000] {
        let api = Api::new().route("/x", get(done).requires(product(pairs)));
        refuses_to_start(api, "GET /x: the requirement has more than 64 alternatives");
    }
    let mut nested = scope("a");
    for at in 0..40 {
        nested = (nested | pair(at)) & pair(at + 100);
    }
    refuses_to_start(Api::new().route("/x", get(done).requires(nested)), "more than 64 alternatives");
}

#[test]
fn a_router_without_a_principal_cannot_require_anything() {
    let router: Router = Router::new().route("/x", get(|| async {}).requires(scope("a")));
    let error = router.into_axum().unwrap_err();
    assert!(
        error.to_string().contains("GET /x: it requires something, but the router has no principal"),
        "{error}"
    );
}

#[test]
fn a_route_is_given_once() {
    let twice = "GET /x";
    let one = || get(done).public("one");
    refuses_to_start(Api::new().route("/x", one().get(done).public("two")), twice);
    refuses_to_start(Api::new().route("/x", one()).route("/x", one()), twice);
    refuses_to_start(Api::new().route("/x", one()).merge(Api::new().route("/x", one())), twice);
    refuses_to_start(Api::new().route("/n/x", one()).nest("/n", Api::new().route("/x", one())), "GET /n/x");
    refuses_to_start(Api::new().fallback(one().get(done).public("two")), "given twice");
    let two = Api::new().route("/x", one()).route("/x", post(done).public("two"));
    assert_eq!(faults(two), [""; 0]);
}

#[test]
fn paths_that_cannot_be_told_apart_are_named() {
    let one = || get(done).public("one");
    let api = Api::new().route("/x/{id}", one()).route("/x/{name}", post(done).public("two"));
    refuses_to_start(api, "POST /x/{name}: ");
    let mounted = |api: Api| api.mount_public("/x", axum::Router::new(), "foreign");
    refuses_to_start(mounted(Api::new()).route("/x/{*rest}", one()), "/x");
    refuses_to_start(mounted(mounted(Api::new())), "* /x: this route is given twice");
    refuses_to_start(Api::new().route("/:id", one()), "a parameter is written `{name}`");
    refuses_to_start(Api::new().route("/*rest", one()), "a parameter is written `{name}`");
    refuses_to_start(Api::new().route("/{id}/{id}", one()), "two parameters of the path are named `id`");
    refuses_to_start(Api::new().route("/{id", one()), "GET /{id");
    refuses_to_start(Api::new().mount_public("/m/{*rest}", axum::Router::new(), "foreign"), "`/m/{*rest}`");
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its form matters")]
struct ById {
    id: u32,
}

#[test]
fn a_path_parameter_the_route_lacks_is_named() {
    async fn by_id(_: Path<ById>) {}
    async fn single(_: Path<u32>) {}
    async fn pair(_: Path<(u32, u32)>) {}
    refuses_to_start(Api::new().route("/x/{key}", get(by_id).public("p")), "the path parameter `id`");
    refuses_to_start(Api::new().route("/x", get(single).public("p")), "does not fit the 0 parameters");
    refuses_to_start(Api::new().route("/x/{a}", get(pair).public("p")), "does not fit the 1 parameters");
    assert_eq!(faults(Api::new().route("/x/{a}/{b}", get(pair).public("p"))), [""; 0]);
    // The parameter may stand in the prefix.
    assert_eq!(faults(Api::new().nest("/x/{id}", Api::new().route("/y", get(by_id).public("p")))), [""; 0]);
}

struct Key;

impl<S> Describe<S> for Key {
    fn describe(description: &mut Description<'_>) {
        description.credential(Scheme::new(
            "OAuth2PasswordBearer",
            json!({ "type": "http", "scheme": "basic" }),
            None,
        ));
    }
}

impl<S: Sync> axum::extract::FromRequestParts<S> for Key {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self)
    }
}

#[test]
fn two_schemes_of_one_name_clash() {
    async fn with_key(_: Key) {}
    let api = Api::new().route("/x", get(with_key).requires(signed_in()));
    refuses_to_start(api, "GET /x: another security scheme is also named `OAuth2PasswordBearer`");
}

#[test]
fn two_checks_of_one_name_clash() {
    fn always(_: Facts<'_>) -> bool {
        true
    }
    fn never(_: Facts<'_>) -> bool {
        false
    }
    let guarded = |requirement| get(done).requires(requirement);
    let api =
        Api::new().route("/a", guarded(check("office", always))).route("/b", guarded(check("office", never)));
    refuses_to_start(api, "GET /b: another check is also named `office`");
    let same = Api::new()
        .route("/a", guarded(check("office", always)))
        .route("/b", guarded(check("office", always)));
    assert_eq!(faults(same), [""; 0]);
}

#[derive(Deserialize, JsonSchema)]
struct Looking {
    #[schemars(regex(pattern = "^(?=a)"))]
    _name: String,
}

/// A pattern that could backtrack is not compiled.
#[test]
fn a_schema_that_cannot_be_checked_is_named() {
    async fn look(_: Json<Looking>) {}
    refuses_to_start(Api::new().route("/x", post(look).public("p")), "Looking` cannot be used");
}

#[test]
fn a_document_is_served_once_by_the_outermost_router() {
    let described = || Api::new().document(Info::new("x", "1"));
    refuses_to_start(described().nest("/v1", described()), "the router nested at `/v1` serves a document");
    refuses_to_start(described().merge(described()), "two merged routers both serve a document");
    assert_eq!(faults(Api::new().merge(described())), [""; 0]);
    refuses_to_start(
        described().route("/docs", get(done).public("mine")),
        "GET /docs: this route is given twice",
    );
}
