//! The whole document.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::operation;
use crate::{
    credential::Scheme,
    describe::Schemas,
    router::{Described, Kind},
};

/// What the document says of the API as a whole.
#[derive(Clone, Debug)]
pub struct Info {
    /// The API's name.
    pub title: String,
    /// The API's version, which is not that of the software.
    pub version: String,
    /// What the API is for, in CommonMark.
    pub description: Option<String>,
}

impl Info {
    /// An API called `title`, of version `version`.
    pub fn new(title: impl Into<String>, version: impl Into<String>) -> Self {
        Self { title: title.into(), version: version.into(), description: None }
    }

    /// Adds a description, in CommonMark.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }
}

impl Default for Info {
    fn default() -> Self {
        Self::new("API", "0.1.0")
    }
}

/// An OpenAPI 3.1 document.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Document(Value);

impl Document {
    pub(crate) fn of(info: &Info, operations: &[Described<'_>], mut schemas: Schemas) -> Self {
        let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        let mut schemes: BTreeMap<String, Value> = BTreeMap::new();
        let mut names = Vec::new();
        // A foreign router and a fallback have no paths of their own that could be written down, and the document is not part
        // of what it describes.
        let documented = |described: &&Described<'_>| {
            described.operation.kind == Kind::Endpoint && described.operation.documented
        };
        for described in operations.iter().filter(documented) {
            let Some(method) = &described.operation.method else { continue };
            let written = operation::write(described, &mut schemas, &mut names);
            let path = openapi_path(&described.operation.path);
            paths.entry(path).or_default().insert(method.as_str().to_ascii_lowercase(), written);
            for scheme in described.schemes() {
                schemes.insert(scheme.name().to_owned(), Scheme::object(&scheme).clone());
            }
        }
        let (definitions, paths) = schemas.finish(json!(paths));
        let mut head = json!({ "title": info.title, "version": info.version });
        if let Some(description) = &info.description {
            head["description"] = json!(description);
        }
        let mut components = Map::new();
        if !definitions.is_empty() {
            components.insert("schemas".into(), Value::Object(definitions));
        }
        if !schemes.is_empty() {
            components.insert("securitySchemes".into(), json!(schemes));
        }
        Self(json!({ "openapi": "3.1.0", "info": head, "paths": paths, "components": components }))
    }

    /// The document as data.
    pub fn as_json(&self) -> &Value {
        &self.0
    }

    /// The document as indented text.
    pub fn to_pretty(&self) -> String {
        format!("{:#}", self.0)
    }
}

/// A path as OpenAPI writes it: `/files/{rest}` for `/files/{*rest}`.
fn openapi_path(path: &str) -> String {
    path.replace("{*", "{")
}
