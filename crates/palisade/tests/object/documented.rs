//! What the document and the table say of objects.

use palisade::{openapi::Info, prelude::*};
use serde_json::json;

use crate::support::{Paper, Read, anybody, api};

async fn list(_: Grants<Read, Paper>) {}

#[test]
fn the_document_tells_the_parameter_the_answers_and_the_policy() {
    let api =
        api().document(Info::new("Papers", "1")).route("/orgs/{org}/papers", get(list).requires(anybody()));
    let (_, document) = api.describe().unwrap();
    let edit = &document.as_json()["paths"]["/letters/{letter}"]["put"];
    let parameters =
        json!([{ "name": "letter", "in": "path", "required": true, "schema": { "type": "string" } }]);
    assert_eq!(edit["parameters"], parameters);
    let objects = json!([{
        "action": "Edit",
        "resource": "Letter",
        "requirement": { "all": ["undelegated", { "relation": "owner" }] },
    }]);
    assert_eq!(edit["x-palisade-objects"], objects);
    let words = "Requires a signed-in account or that `a credential` holds. `Edit` of the `Letter` requires a credential with all \
                 of its account's authority and that the caller is `owner` of it.";
    assert_eq!(edit["description"], words);
    let responses = edit["responses"].as_object().unwrap();
    assert_eq!(responses.keys().collect::<Vec<_>>(), ["200", "401", "403", "404", "503"]);
    let missing = &responses["404"]["description"];
    assert_eq!(missing, "There is no such `Letter`, or the caller may not know of it");

    let list = &document.as_json()["paths"]["/orgs/{org}/papers"]["get"];
    assert_eq!(
        list["parameters"][0]["name"], "org",
        "what only the policy reads is a parameter all the same"
    );
    assert_eq!(list["x-palisade-objects"][0]["each"], true);
    assert!(list["description"].as_str().unwrap().contains("`Read` of each `Paper` requires"));
}

#[test]
fn the_table_shows_each_policy() {
    let (table, _) = api().route("/orgs/{org}/papers", get(list).requires(anybody())).describe().unwrap();
    let text = table.to_string();
    assert!(text.contains("[Edit Page: undelegated() & relation(owner)]"), "{text}");
    let list = "[Read each Paper: tenant(org) & (relation(owner) | relation(reader) | role(viewer in org) & relation(open))]";
    assert!(text.contains(list), "{text}");
}
