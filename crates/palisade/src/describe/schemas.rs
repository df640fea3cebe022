//! The JSON Schemas of an API document, shared by all its operations.
//!
//! A type can look different on its way in and on its way out (defaults, skipped fields), so there are two generators; a
//! name both use for different shapes gets the suffix `Input` on the way in.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::problem::ProblemDocument;

/// Where definitions stand in an OpenAPI document.
const COMPONENTS: &str = "#/components/schemas/";

/// Generates schemas and collects their definitions.
#[derive(Debug)]
pub(crate) struct Schemas {
    input: SchemaGenerator,
    output: SchemaGenerator,
}

impl Default for Schemas {
    fn default() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        Self {
            input: settings().for_deserialize().into_generator(),
            output: settings().for_serialize().into_generator(),
        }
    }
}

impl Schemas {
    /// The schema of a `T` in a request.
    pub(crate) fn input<T: JsonSchema>(&mut self) -> Value {
        // The generator's two name spaces are merged at the end; until then the way in is marked.
        let schema = self.input.subschema_for::<T>().to_value();
        marked(schema, "#/components/schemas/", "#/input/")
    }

    /// The schema of a `T` in a response.
    pub(crate) fn output<T: JsonSchema>(&mut self) -> Value {
        self.output.subschema_for::<T>().to_value()
    }

    /// The schema of a problem document.
    pub(crate) fn problem(&mut self) -> Value {
        self.output::<ProblemDocument<'static>>()
    }

    /// The properties of a `T` in a request, each with its schema and whether it is required; none if `T` is no object.
    pub(crate) fn properties<T: JsonSchema>() -> Vec<(String, Value, bool)> {
        let schema = Self::inlined::<T>();
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let Some(properties) = schema["properties"].as_object() else { return Vec::new() };
        properties
            .iter()
            .map(|(name, schema)| (name.clone(), schema.clone(), required.contains(&json!(name))))
            .collect()
    }

    /// The schema of a `T` in a request with everything in it, as the validator and the parameters need it.
    pub(crate) fn inlined<T: JsonSchema>() -> Value {
        let settings = SchemaSettings::draft2020_12()
            .with(|settings| settings.inline_subschemas = true)
            .for_deserialize();
        bounded(settings.into_generator().into_root_schema_for::<T>().to_value())
    }

    /// All definitions, and `document` with the references to the way in resolved against them.
    pub(crate) fn finish(mut self, document: Value) -> (Map<String, Value>, Value) {
        let mut definitions = self.output.take_definitions(true);
        let mut document = document;
        for (name, schema) in self.input.take_definitions(true) {
            let schema = marked(schema, "#/components/schemas/", "#/input/");
            let same = definitions
                .get(&name)
                .is_none_or(|known| marked(known.clone(), COMPONENTS, "#/input/") == schema);
            let merged = if same { name.clone() } else { format!("{name}Input") };
            document = renamed(document, &name, &merged);
            definitions =
                definitions.into_iter().map(|(key, value)| (key, renamed(value, &name, &merged))).collect();
            definitions.insert(merged, schema);
        }
        let definitions = definitions
            .into_iter()
            .map(|(name, schema)| (name, bounded(marked(schema, "#/input/", COMPONENTS))))
            .collect();
        (definitions, bounded(marked(document, "#/input/", COMPONENTS)))
    }
}

/// `schema` with the bounds that its integer formats mean. A format alone binds nobody: without bounds the document would
/// promise that 2^40 fits a `u32`.
fn bounded(schema: Value) -> Value {
    match schema {
        Value::Object(mut members) => {
            if let Some((least, most)) = members.get("format").and_then(Value::as_str).and_then(bounds) {
                members.entry("minimum").or_insert(least);
                members.entry("maximum").or_insert(most);
            }
            Value::Object(members.into_iter().map(|(name, value)| (name, bounded(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(bounded).collect()),
        other => other,
    }
}

/// The least and the greatest number of a Rust integer type, by the format schemars gives it.
fn bounds(format: &str) -> Option<(Value, Value)> {
    Some(match format {
        "uint8" => (json!(u8::MIN), json!(u8::MAX)),
        "uint16" => (json!(u16::MIN), json!(u16::MAX)),
        "uint32" => (json!(u32::MIN), json!(u32::MAX)),
        "uint64" => (json!(u64::MIN), json!(u64::MAX)),
        "uint" => (json!(usize::MIN), json!(usize::MAX)),
        "int8" => (json!(i8::MIN), json!(i8::MAX)),
        "int16" => (json!(i16::MIN), json!(i16::MAX)),
        "int32" => (json!(i32::MIN), json!(i32::MAX)),
        "int64" => (json!(i64::MIN), json!(i64::MAX)),
        "int" => (json!(isize::MIN), json!(isize::MAX)),
        _ => return None,
    })
}

/// `schema` with references that start with `from` starting with `to`.
fn marked(schema: Value, from: &str, to: &str) -> Value {
    references(schema, &|reference| Some(format!("{to}{}", reference.strip_prefix(from)?)))
}

/// `schema` with the references to the input type `from` naming `to`.
fn renamed(schema: Value, from: &str, to: &str) -> Value {
    if from == to {
        return schema;
    }
    references(schema, &|reference| {
        (reference.strip_prefix("#/input/")? == from).then(|| format!("#/input/{to}"))
    })
}

fn references(schema: Value, change: &impl Fn(&str) -> Option<String>) -> Value {
    match schema {
        Value::Object(members) => {
            let member = |(name, value)| match value {
                Value::String(reference) if name == "$ref" => {
                    let changed = change(&reference).unwrap_or(reference);
                    (name, Value::String(changed))
                }
                value => (name, references(value, change)),
            };
            Value::Object(members.into_iter().map(member).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|item| references(item, change)).collect()),
        other => other,
    }
}
