//! Checks an input against the schema its type publishes, and only then makes the value: what is documented is what is
//! enforced, and all faults are told at once.

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use jsonschema::{Validator, error::ValidationErrorKind, paths::LocationSegment};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    describe::Schemas,
    problem::{FieldError, Problem, Segment},
};

/// The most faults that are told of one input.
const MOST_FAULTS: usize = 32;

/// Makes a `T` of `value`, which came from `place` (`body`, `query` or `path`).
pub(super) fn checked<T>(value: Value, place: &str) -> Result<T, Problem>
where
    T: DeserializeOwned + JsonSchema + 'static,
{
    let schema = Schema::of::<T>()?;
    let faults: Vec<_> =
        schema.validator.iter_errors(&value).take(MOST_FAULTS).map(|error| fault(&error, place)).collect();
    if !faults.is_empty() {
        return Err(Problem::invalid_input(faults));
    }
    // What a schema cannot say, the type itself refuses.
    serde_path_to_error::deserialize(value).map_err(|error| {
        let loc = std::iter::once(place.into()).chain(error.path().iter().filter_map(segment));
        Problem::invalid_input(vec![FieldError::new(loc, "value", sentence(&error.inner().to_string()))])
    })
}

/// Makes a `T` of text pairs, as a query or a form has them: each text becomes what the schema of its field asks for, if
/// it can.
pub(super) fn from_pairs<T>(pairs: Vec<(String, String)>, place: &str) -> Result<T, Problem>
where
    T: DeserializeOwned + JsonSchema + 'static,
{
    let schema = Schema::of::<T>()?;
    let mut members = Map::new();
    let mut repeated = Vec::new();
    for (name, text) in pairs {
        let property = schema.properties.get(&name);
        match (members.get_mut(&name), property.filter(|property| accepts(property, "array"))) {
            (Some(Value::Array(items)), Some(property)) => items.push(typed(&text, &property["items"])),
            (None, Some(property)) => {
                members.insert(name, Value::Array(vec![typed(&text, &property["items"])]));
            }
            // Which of two was meant nobody can know; taking either is how filters are passed by.
            (Some(_), _) => {
                repeated.push(FieldError::new([place, &name], "repeated", "This field is given twice"));
            }
            (None, None) => {
                let value =
                    property.map_or_else(|| Value::String(text.clone()), |property| typed(&text, property));
                members.insert(name, value);
            }
        }
    }
    if !repeated.is_empty() {
        return Err(Problem::invalid_input(repeated));
    }
    checked(Value::Object(members), place)
}

/// `text` as the type the schema asks for, or as text, which the schema then refuses.
pub(super) fn typed(text: &str, schema: &Value) -> Value {
    if accepts(schema, "integer") || accepts(schema, "number") {
        // JSON's own grammar: no `+1`, no ` 1`, no `0x1`.
        if let Ok(number) = serde_json::from_str::<serde_json::Number>(text) {
            return Value::Number(number);
        }
    }
    match text {
        "true" if accepts(schema, "boolean") => Value::Bool(true),
        "false" if accepts(schema, "boolean") => Value::Bool(false),
        text => Value::String(text.to_owned()),
    }
}

fn accepts(schema: &Value, wanted: &str) -> bool {
    match &schema["type"] {
        Value::String(one) => one == wanted,
        Value::Array(several) => several.iter().any(|one| one == wanted),
        _ => ["anyOf", "oneOf"]
            .iter()
            .filter_map(|either| schema[either].as_array())
            .flatten()
            .any(|schema| accepts(schema, wanted)),
    }
}

/// A type's schema, ready to check with.
struct Schema {
    validator: Validator,
    properties: Map<String, Value>,
}

impl Schema {
    /// The schema of `T`. Compiled once per type: it follows from the type alone, so it is kept for the whole process.
    fn of<T: JsonSchema + 'static>() -> Result<Arc<Self>, Problem> {
        static KEPT: OnceLock<RwLock<HashMap<TypeId, Arc<Schema>>>> = OnceLock::new();
        let kept = KEPT.get_or_init(RwLock::default);
        let id = TypeId::of::<T>();
        if let Some(schema) = kept.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(schema.clone());
        }
        let schema = Arc::new(Self::compile(&Schemas::inlined::<T>())?);
        kept.write().unwrap_or_else(PoisonError::into_inner).insert(id, schema.clone());
        Ok(schema)
    }

    fn compile(schema: &Value) -> Result<Self, Problem> {
        let validator = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true)
            .build(schema)
            .map_err(|error| Problem::internal(format_args!("a type's schema cannot be used: {error}")))?;
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        Ok(Self { validator, properties })
    }
}

/// A fault of the input as the caller is told. The input's own values are left out: one of them may be a password.
fn fault(error: &jsonschema::ValidationError<'_>, place: &str) -> FieldError {
    let mut loc = vec![Segment::from(place)];
    loc.extend(error.instance_path().into_iter().map(|segment| match segment {
        LocationSegment::Property(name) => Segment::Name(name.into_owned()),
        LocationSegment::Index(index) => Segment::Index(index),
    }));
    let (kind, msg) = match error.kind() {
        ValidationErrorKind::Required { property } => {
            loc.push(Segment::from(property.as_str().unwrap_or_default()));
            ("missing".to_owned(), "This field is required".to_owned())
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            ("unknown".to_owned(), format!("No such field: {}", unexpected.join(", ")))
        }
        ValidationErrorKind::FalseSchema => ("unknown".to_owned(), "Nothing may stand here".to_owned()),
        kind => (kind.keyword().to_owned(), sentence(&error.masked_with("The value").to_string())),
    };
    FieldError { loc, msg, kind: kind.into() }
}

fn segment(segment: &serde_path_to_error::Segment) -> Option<Segment> {
    match segment {
        serde_path_to_error::Segment::Map { key } => Some(Segment::Name(key.clone())),
        serde_path_to_error::Segment::Seq { index } => Some(Segment::Index(*index)),
        _ => None,
    }
}

/// `text` with a capital first letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

/// Splits `application/x-www-form-urlencoded` text into pairs, strictly: what is not UTF-8 after decoding is refused, not
/// replaced.
pub(super) fn pairs(text: &[u8], place: &str) -> Result<Vec<(String, String)>, Problem> {
    let mut pairs = Vec::new();
    for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(equals) => (&pair[..equals], &pair[equals + 1..]),
            None => (pair, &b""[..]),
        };
        match (decoded(name), decoded(value)) {
            (Some(name), Some(value)) => pairs.push((name, value)),
            (Some(name), None) => return Err(not_utf8([place, &name])),
            (None, _) => return Err(not_utf8([place])),
        }
    }
    Ok(pairs)
}

pub(super) fn not_utf8<'a>(loc: impl IntoIterator<Item = &'a str>) -> Problem {
    Problem::invalid_input(vec![FieldError::new(loc, "encoding", "This is not UTF-8 text")])
}

fn decoded(text: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let bytes: Vec<u8> = percent_encoding::percent_decode(&spaced).collect();
    String::from_utf8(bytes).ok()
}
