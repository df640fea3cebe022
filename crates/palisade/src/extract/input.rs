//! Checks an input against the schema its type publishes, and only then makes the value: what is documented is what is
//! enforced, and all faults are told at once.

mod fault;
mod schema;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub(super) use self::schema::{Schema, Shape};
use super::strict;
use crate::{
    describe::Description,
    problem::{FieldError, Problem},
};

/// The most faults that are told of one input.
const MOST_FAULTS: usize = 32;

/// The largest input, in values, whose every fault is looked for. Of a larger one the first fault is told: each value can
/// have a fault, and a list of a million of them helps nobody but whoever wants the memory spent.
const LARGEST_SEARCHED: usize = 4096;

/// Says at start-up when the schema of `T` cannot be checked with.
pub(super) fn checkable<T: JsonSchema + 'static>(description: &mut Description<'_>) {
    if let Err(problem) = Schema::of::<T>() {
        let cause = problem.cause().unwrap_or_default();
        description.fault(format!("the schema of `{}` cannot be used: {cause}", std::any::type_name::<T>()));
    }
}

/// Makes a `T` of `value`, which came from `place` (`body`, `query` or `path`).
pub(super) fn checked<T>(value: &Value, place: &str) -> Result<T, Problem>
where
    T: DeserializeOwned + JsonSchema + 'static,
{
    let schema = Schema::of::<T>()?;
    if !schema.validator.is_valid(value) {
        let faults = if is_small(value) {
            schema.validator.iter_errors(value).flat_map(|error| fault::told(&error, place)).collect()
        } else {
            schema.validator.validate(value).err().map(|error| fault::told(&error, place)).unwrap_or_default()
        };
        return Err(Problem::invalid_input(first(faults)));
    }
    // What a schema cannot say, the type itself refuses. It reads a borrowed value, which the fault is compared with.
    serde_path_to_error::deserialize(value)
        .map_err(|error| Problem::invalid_input(vec![fault::of_type(&error, value, place)]))
}

/// The faults a person needs: a value that lacks both its named form and the pattern behind it lacks one thing.
fn first(mut faults: Vec<FieldError>) -> Vec<FieldError> {
    let named: Vec<_> =
        faults.iter().filter(|fault| fault.kind == "format").map(|fault| fault.loc.clone()).collect();
    faults.retain(|fault| fault.kind != "pattern" || !named.contains(&fault.loc));
    faults.truncate(MOST_FAULTS);
    faults
}

fn is_small(value: &Value) -> bool {
    fn counted(value: &Value, left: usize) -> usize {
        let Some(left) = left.checked_sub(1) else { return 0 };
        match value {
            Value::Array(items) => items.iter().fold(left, |left, item| counted(item, left)),
            Value::Object(members) => members.values().fold(left, |left, member| counted(member, left)),
            _ => left,
        }
    }
    counted(value, LARGEST_SEARCHED) > 0
}

/// Makes a `T` of text pairs, as a query or a form has them: each text becomes what the schema of its field asks for, if
/// it can.
pub(super) fn from_pairs<T>(pairs: Vec<(String, String)>, place: &str) -> Result<T, Problem>
where
    T: DeserializeOwned + JsonSchema + 'static,
{
    let schema = Schema::of::<T>()?;
    let mut members = Map::new();
    let mut repeated: Vec<FieldError> = Vec::new();
    for (name, text) in pairs {
        let property = schema.property(&name);
        match (members.get_mut(&name), property.filter(|property| accepts(property, "array"))) {
            (Some(Value::Array(items)), Some(property)) => items.push(typed(&text, &property["items"])),
            (None, Some(property)) => {
                members.insert(name, Value::Array(vec![typed(&text, &property["items"])]));
            }
            // Which of two was meant nobody can know; taking either is how filters are passed by.
            (Some(_), _) => {
                let told = fault::repeated(place, &name);
                if repeated.len() < MOST_FAULTS && !repeated.contains(&told) {
                    repeated.push(told);
                }
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
    checked(&Value::Object(members), place)
}

/// Refuses names that are given twice, lists too.
pub(super) fn once(pairs: &[(String, String)], place: &str) -> Result<(), Problem> {
    let mut names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Problem::invalid_input(vec![fault::repeated(place, pair[0])])),
        None => Ok(()),
    }
}

/// `text` as the type the schema asks for, or as text, which the schema then refuses.
pub(super) fn typed(text: &str, schema: &Value) -> Value {
    if accepts(schema, "integer") || accepts(schema, "number") {
        // JSON's own grammar: no `+1`, no ` 1`, no `0x1`.
        if let Some(number) = number(text) {
            return Value::Number(number);
        }
    }
    match text {
        "true" if accepts(schema, "boolean") => Value::Bool(true),
        "false" if accepts(schema, "boolean") => Value::Bool(false),
        text => Value::String(text.to_owned()),
    }
}

fn number(text: &str) -> Option<serde_json::Number> {
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    // The reader would skip white space around a number.
    let read: serde_json::Number =
        text.bytes().all(plain).then(|| serde_json::from_str(text).ok()).flatten()?;
    match read.as_f64() {
        Some(float) if read.is_f64() => strict::number(float),
        _ => Some(read),
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
            (Some(name), None) => return Err(not_utf8([place, &fault::short(&name)])),
            (None, _) => return Err(not_utf8([place])),
        }
    }
    Ok(pairs)
}

pub(super) use self::fault::not_utf8;

fn decoded(text: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let bytes: Vec<u8> = percent_encoding::percent_decode(&spaced).collect();
    String::from_utf8(bytes).ok()
}
