//! The access table: every route, what it requires, or why it is public.

use palisade::prelude::*;

use crate::support::{Api, App, Caller, Staff, done};

async fn greet(_: Option<Caller>) -> &'static str {
    "hello"
}

fn table() -> palisade::AccessTable {
    let admin = Api::new()
        .route("/create", post(done).requires(role(Staff::Admin) & scope("a")))
        .fallback(any(done).requires(signed_in()));
    let api = Api::new()
        .route("/greet", get(greet).public("greets"))
        .route("/items", get(done).requires(scope("a") | scope("b")).post(done).requires(scope("b")))
        .layer_named(
            "cors",
            axum::middleware::map_response(|response: axum::response::Response| async { response }),
        )
        .route("/token", post(done).public("this is where callers sign in"))
        .mount_guarded("/legacy", axum::Router::new(), signed_in())
        .nest("/admin", admin);
    api.with_state(App::default()).build().unwrap().table
}

#[test]
fn the_table_as_text() {
    let expected = [
        r"*     /admin               signed_in()",
        r"*     /admin/              signed_in()",
        r"POST  /admin/create        role(admin) & scope(a)",
        r"*     /admin/{*unmatched}  signed_in()",
        r"GET   /greet               public: greets (knows the caller)  [layers: cors]",
        r"HEAD  /greet               public: greets (knows the caller)  [layers: cors]",
        r"GET   /items               scope(a) | scope(b)  [layers: cors]",
        r"HEAD  /items               scope(a) | scope(b)  [layers: cors]",
        r"POST  /items               scope(b)  [layers: cors]",
        r"*     /legacy/{*rest}      signed_in()",
        r"POST  /token               public: this is where callers sign in",
        r"*     /{*unmatched}        public: no route: 404, or 405 with `Allow` for another method of a known path; nothing runs  [layers: cors]",
    ];
    assert_eq!(table().to_string().lines().collect::<Vec<_>>(), expected);
}

#[test]
fn the_table_as_data() {
    let rows = serde_json::to_value(table()).unwrap();
    let row = |method: &str, path: &str| {
        let mut rows = rows.as_array().unwrap().iter();
        rows.find(|row| row["method"] == method && row["path"] == path)
            .unwrap_or_else(|| panic!("{method} {path}"))
            .clone()
    };
    let expected = serde_json::json!({
        "method": "HEAD", "path": "/items", "requires": "scope(a) | scope(b)", "schemes": [["OAuth2PasswordBearer"]],
        "principal": "Caller", "layers": ["cors"],
    });
    assert_eq!(row("HEAD", "/items"), expected);
    let expected = serde_json::json!({
        "method": "GET", "path": "/greet", "public": "greets (knows the caller)", "schemes": [["OAuth2PasswordBearer"], []],
        "principal": "Caller", "layers": ["cors"],
    });
    assert_eq!(row("GET", "/greet"), expected);
    let expected = serde_json::json!({
        "method": "POST", "path": "/token", "public": "this is where callers sign in", "schemes": [[]],
    });
    assert_eq!(row("POST", "/token"), expected);
    assert_eq!(row("*", "/legacy/{*rest}")["requires"], "signed_in()");
    assert_eq!(row("*", "/admin/{*unmatched}")["requires"], "signed_in()");
}

mod elsewhere {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
    pub(super) enum Clerk {
        Admin,
        Porter,
    }
}

/// Two crates' roles may share a name; what is listed is still one thing.
#[test]
fn roles_of_one_name_are_told_apart_by_their_types() {
    use elsewhere::Clerk;
    let api = Api::new()
        .route("/staff", get(done).requires(role(Staff::Admin)))
        .route("/clerks", get(done).requires(role(Clerk::Admin) | role(Clerk::Porter)))
        .route("/porters", get(done).requires(role(Clerk::Porter)));
    let (table, _) = api.describe().unwrap();
    let requires = |path: &str| table.rows().iter().find(|row| row.path == path).unwrap().requires.clone();
    assert_eq!(requires("/staff").as_deref(), Some("role(admin, guard::support::Staff)"));
    let clerks = "role(admin, guard::table::elsewhere::Clerk) | role(porter, guard::table::elsewhere::Clerk)";
    assert_eq!(requires("/clerks").as_deref(), Some(clerks));
    assert_eq!(requires("/porters").as_deref(), Some("role(porter)"));
}
