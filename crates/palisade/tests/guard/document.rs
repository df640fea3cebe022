//! The API document: what an operation reads, answers and requires, and nothing that cannot happen.

use palisade::{Description, credential::Scheme, prelude::*};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::{Api, App, Caller, Staff, done};

#[derive(Serialize, Deserialize, JsonSchema)]
struct Item {
    #[schemars(length(min = 1, max = 100))]
    name: String,
    #[serde(default)]
    amount: u32,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its form matters")]
struct Page {
    /// Where to begin.
    from: Option<u16>,
    limit: u8,
}

/// A second credential beside the principal's: a key in a header.
struct Key;

impl<S> Describe<S> for Key {
    fn describe(description: &mut Description<'_>) {
        let object = json!({ "type": "apiKey", "in": "header", "name": "x-key" });
        description.credential(Scheme::new("Key", object, None));
    }
}

impl<S: Sync> axum::extract::FromRequestParts<S> for Key {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Problem> {
        head.headers.get("x-key").map(|_| Self).ok_or_else(|| Denied::not_authenticated().into())
    }
}

async fn list(_: Query<Page>) -> Json<Vec<Item>> {
    Json(Vec::new())
}

async fn add(Json(item): Json<Item>) -> Created<Item> {
    Created(item)
}

async fn greet(_: Option<Caller>) -> &'static str {
    "hello"
}

async fn with_key(_: Key, Path(_): Path<u64>) -> NoContent {
    NoContent
}

async fn opaque() -> Result<Json<Item>, Problem> {
    Err(Problem::new(StatusCode::CONFLICT, "taken"))
}

async fn strange(_: Undescribed<http::Method>) -> Undescribed<&'static str> {
    Undescribed("anything")
}

fn api() -> Api {
    Api::new()
        .document(Info::new("A small API", "1").description("For the test."))
        .route("/health", get(done).public("liveness probe"))
        .route(
            "/items",
            get(list)
                .requires(scope("a"))
                .post(add)
                .requires(scope("b") & role(Staff::Editor))
                .summary("Add"),
        )
        .route("/greet", get(greet).public("greets"))
        .route("/keys/{id}", delete(with_key).requires(scope("a") | scope("b")))
        .route("/opaque", get(opaque).requires(signed_in()))
        .route("/strange/{*rest}", get(strange).public("t"))
        .route("/also/health", get(done).public("the same handler"))
        .route("/closure", get(|| async { "x" }).public("t"))
        .route("/every", any(done).public("every method is none of the document's"))
}

fn document() -> Value {
    api().with_state(App::default()).build().unwrap().openapi.as_json().clone()
}

fn statuses(operation: &Value) -> Vec<&str> {
    operation["responses"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_response_is_documented_where_it_can_happen_and_nowhere_else() {
    let paths = &document()["paths"];
    assert_eq!(statuses(&paths["/health"]["get"]), ["200"]);
    assert_eq!(statuses(&paths["/items"]["get"]), ["200", "401", "403", "422", "503"]);
    assert_eq!(statuses(&paths["/items"]["post"]), ["201", "401", "403", "413", "415", "422", "503"]);
    assert_eq!(statuses(&paths["/greet"]["get"]), ["200", "401", "503"]);
    assert_eq!(statuses(&paths["/keys/{id}"]["delete"]), ["204", "401", "403", "422", "503"]);
    assert_eq!(statuses(&paths["/opaque"]["get"]), ["200", "401", "403", "503", "default"]);
    assert_eq!(statuses(&paths["/strange/{rest}"]["get"]), ["default"]);
    assert!(paths["/every"].is_null());
}

#[test]
fn security_says_both_either_and_may() {
    let paths = &document()["paths"];
    let flow = "OAuth2PasswordBearer";
    assert_eq!(paths["/health"]["get"]["security"], json!([]));
    assert_eq!(paths["/items"]["get"]["security"], json!([{ flow: ["a"] }]));
    assert_eq!(paths["/items"]["post"]["security"], json!([{ flow: ["b"] }]), "a role is weakened to true");
    assert_eq!(paths["/greet"]["get"]["security"], json!([{ flow: [] }, {}]));
    let both = json!([{ "Key": [], flow: ["a"] }, { "Key": [], flow: ["b"] }]);
    assert_eq!(paths["/keys/{id}"]["delete"]["security"], both, "two credentials are needed together");
}

#[test]
fn the_whole_requirement_stands_in_the_document() {
    let document = document();
    let operation = &document["paths"]["/items"]["post"];
    let of = std::any::type_name::<Staff>();
    let expected = json!({ "all": [{ "scope": "b" }, { "role": "editor", "of": of }] });
    assert_eq!(operation["x-palisade-requirement"], expected);
    assert_eq!(operation["description"], "Requires the scope `b` and the role `editor`.");
    assert_eq!(document["paths"]["/health"]["get"]["x-palisade-public"], "liveness probe");
}

/// As FastAPI writes them, so that its clients find them.
#[test]
fn schemes_are_objects_clients_know() {
    let schemes = &document()["components"]["securitySchemes"];
    let scopes = json!({ "a": "A", "b": "B", "c": "C" });
    let flow =
        json!({ "type": "oauth2", "flows": { "password": { "scopes": scopes, "tokenUrl": "token" } } });
    assert_eq!(schemes["OAuth2PasswordBearer"], flow);
    let bearer = <Bearer as palisade::credential::Credential>::scheme();
    assert_eq!((bearer.name(), bearer.object()), ("Bearer", &json!({ "type": "http", "scheme": "bearer" })));
}

#[test]
fn parameters_and_bodies_are_described_with_their_bounds() {
    let document = document();
    let parameters = document["paths"]["/items"]["get"]["parameters"].as_array().unwrap().clone();
    let named = |name: &str| parameters.iter().find(|parameter| parameter["name"] == name).unwrap().clone();
    assert_eq!((&named("from")["required"], &named("limit")["required"]), (&json!(false), &json!(true)));
    assert_eq!(named("from")["description"], "Where to begin.");
    assert_eq!(
        (&named("limit")["schema"]["minimum"], &named("limit")["schema"]["maximum"]),
        (&json!(0), &json!(255))
    );
    let id = &document["paths"]["/keys/{id}"]["delete"]["parameters"][0];
    assert_eq!(
        (&id["in"], &id["required"], &id["schema"]["maximum"]),
        (&json!("path"), &json!(true), &json!(u64::MAX))
    );
    // On its way in `amount` may be left out, on its way out it is there: two schemas.
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["ItemInput"]["required"], json!(["name"]));
    assert_eq!(schemas["Item"]["required"], json!(["name", "amount"]));
    assert_eq!(schemas["Item"]["properties"]["amount"]["maximum"], json!(u32::MAX));
    let body = &document["paths"]["/items"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["$ref"], "#/components/schemas/ItemInput");
}

#[test]
fn operation_ids_are_unique() {
    let document = document();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let mut ids: Vec<_> =
        operations.map(|operation| operation["operationId"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count, "{ids:?}");
    assert_eq!(document["paths"]["/health"]["get"]["operationId"], "done");
    assert_eq!(document["paths"]["/also/health"]["get"]["operationId"], "get_also_health");
    assert_eq!(document["paths"]["/closure"]["get"]["operationId"], "get_closure");
}

#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| match value {
                Value::String(reference) if name == "$ref" => found.push(reference.clone()),
                value => references(value, found),
            }),
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("a reference into the document");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

/// The whole of one operation, so that a change shows in review.
#[test]
fn an_operation_whole() {
    let document = document();
    insta::assert_json_snapshot!(document["paths"]["/items"]["post"]);
}

#[test]
fn undocumented_routes_stand_in_the_table_alone() {
    let pages = Api::new().route("/page", get(done).requires(signed_in())).undocumented();
    let api = pages.route("/items", get(done).requires(signed_in()));
    let (table, document) = api.describe().unwrap();
    let paths: Vec<_> = document.as_json()["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/items"]);
    assert!(
        table.rows().iter().any(|row| row.path == "/page" && row.requires.as_deref() == Some("signed_in()"))
    );
}
