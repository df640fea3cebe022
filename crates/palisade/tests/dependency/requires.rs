//! Dependencies with requirements of their own: they add up along the tree, in the check, the document and the table.

use palisade::{
    prelude::*,
    testing::{Client, Overrides},
};
use serde_json::json;

use crate::common::Log;

/// The caller. Its token is the list of its scopes, with `+` between them and `.` for `:`.
#[derive(Clone, Debug)]
struct Clerk(Authority);

impl Principal for Clerk {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[derive(Debug)]
struct Flow;

impl PasswordFlow for Flow {
    const TOKEN_URL: &'static str = "token";
    const SCOPES: &'static [(&'static str, &'static str)] = &[("ledger:read", ""), ("ledger:write", "")];
}

#[dependency]
async fn clerk(token: OAuth2PasswordBearer<Flow>) -> Result<Clerk, Denied> {
    let scopes = token
        .expose()
        .replace('+', " ")
        .replace('.', ":")
        .parse()
        .map_err(|_| Denied::invalid_credentials())?;
    Ok(Clerk(Authority::account("ada").scopes(scopes)))
}

#[derive(Clone)]
struct Ledger(Log);

#[dependency(requires = scope("ledger:read"))]
async fn ledger(State(log): State<Log>) -> Ledger {
    log.say("opened");
    Ledger(log)
}

/// What is asked of it and of what it is made of adds up.
#[derive(Clone)]
struct Booking(Log);

#[dependency(requires = scope("ledger:write"), state = Log)]
async fn booking(ledger: Ledger) -> Booking {
    Booking(ledger.0)
}

async fn read(Ledger(log): Ledger) -> &'static str {
    log.say("read");
    "read"
}

async fn book(Booking(log): Booking, _: Ledger) -> &'static str {
    log.say("booked");
    "booked"
}

fn api() -> Router<Log, Clerk> {
    Router::new()
        .route("/ledger", get(read).requires(signed_in()))
        .route("/bookings", post(book).requires(signed_in()))
}

fn served() -> (Client, Log) {
    let log = Log::default();
    (Client::new(api().with_state(log.clone()).into_axum().unwrap()), log)
}

#[tokio::test]
async fn what_a_dependency_requires_is_checked_before_it_is_made() {
    let (client, log) = served();
    let refused = client.bearer("other").get("/ledger").send().await;
    assert_eq!(refused.status, 403);
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"ledger:read\"";
    assert_eq!(refused.header("www-authenticate"), Some(challenge));
    assert_eq!(log.all(), [""; 0], "neither the dependency nor the handler ran");
    assert_eq!(client.bearer("ledger.read").get("/ledger").send().await.status, 200);
    assert_eq!(log.all(), ["opened", "read"]);
    assert_eq!(client.get("/ledger").send().await.status, 401);
}

#[tokio::test]
async fn requirements_add_up_along_the_tree() {
    let (client, log) = served();
    for (scopes, expected) in [("ledger.read", 403), ("ledger.write", 403), ("ledger.read+ledger.write", 200)]
    {
        assert_eq!(client.bearer(scopes).post("/bookings").send().await.status, expected, "{scopes}");
    }
    let refused = client.bearer("x").post("/bookings").send().await;
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"ledger:read ledger:write\"";
    assert_eq!(refused.header("www-authenticate"), Some(challenge));
    assert_eq!(log.all(), ["opened", "booked"]);
}

#[test]
fn the_table_and_the_document_say_the_same() {
    let (table, document) = api().describe().unwrap();
    let row = table.rows().iter().find(|row| row.path == "/bookings").unwrap();
    assert_eq!(row.requires.as_deref(), Some("signed_in() & scope(ledger:read) & scope(ledger:write)"));
    let operation = &document.as_json()["paths"]["/bookings"]["post"];
    assert_eq!(operation["security"], json!([{ "OAuth2PasswordBearer": ["ledger:read", "ledger:write"] }]));
    let required = json!({ "all": ["signed_in", { "scope": "ledger:read" }, { "scope": "ledger:write" }] });
    assert_eq!(operation["x-palisade-requirement"], required);
}

#[tokio::test]
async fn a_replaced_dependency_keeps_its_requirement() {
    let log = Log::default();
    let overrides = Overrides::new().value(Ledger(log.clone()));
    let client = Client::new(api().overrides(overrides).with_state(log.clone()).into_axum().unwrap());
    assert_eq!(client.bearer("other").get("/ledger").send().await.status, 403);
    assert_eq!(client.bearer("ledger.read").get("/ledger").send().await.status, 200);
    assert_eq!(log.all(), ["read"]);
}

fn fault(router: Router<Log, Clerk>) -> String {
    router.with_state(Log::default()).into_axum().unwrap_err().to_string()
}

#[test]
fn what_is_required_has_to_be_certain() {
    let public = fault(Router::new().route("/x", get(read).public("a mistake")));
    assert!(
        public.contains("it is public, but its handler takes `Ledger`, which requires `scope(ledger:read)`"),
        "{public}"
    );

    let optional = fault(Router::new().route("/x", get(|_: Option<Ledger>| async {}).requires(signed_in())));
    assert!(
        optional.contains("`Ledger` requires `scope(ledger:read)`, and is asked for as an `Option`"),
        "{optional}"
    );
}

/// A principal that needs a ledger to be found out.
#[derive(Clone)]
struct Treasurer(Clerk);

impl Principal for Treasurer {
    fn authority(&self) -> &Authority {
        &self.0.0
    }
}

#[dependency(state = Log)]
async fn treasurer(clerk: Clerk, _: Ledger) -> Treasurer {
    Treasurer(clerk)
}

#[test]
fn a_principal_is_not_made_of_what_is_only_for_some() {
    let router = Router::<Log, Treasurer>::new().route("/x", get(|| async {}).requires(signed_in()));
    let fault = router.with_state(Log::default()).into_axum().unwrap_err().to_string();
    assert!(
        fault.contains("`Ledger` requires `scope(ledger:read)`, and the principal is made of it"),
        "{fault}"
    );
}

/// Asked for by hand, in a way no route could know of.
#[tokio::test]
async fn attack_a_dependency_made_where_nobody_checked() {
    async fn sneaky(State(log): State<Log>) -> Result<&'static str, Problem> {
        let (mut head, ()) = http::Request::new(()).into_parts();
        palisade::resolve::<Ledger, Log>(&mut head, &log).await?;
        Ok("opened")
    }
    let router = Router::<Log, Clerk>::new().route("/x", get(sneaky).requires(signed_in()));
    let log = Log::default();
    let client = Client::new(router.with_state(log.clone()).into_axum().unwrap());
    assert_eq!(client.bearer("ledger.read").get("/x").send().await.status, 500);
    assert_eq!(log.all(), [""; 0]);
    let plain = axum::Router::new().route("/", axum::routing::get(read)).layer(palisade::layer());
    let plain = Client::new(plain.with_state(log.clone()));
    assert_eq!(plain.bearer("ledger.read").get("/").send().await.status, 500);
    assert_eq!(log.all(), [""; 0]);
}
