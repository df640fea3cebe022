//! A fault of an input as the caller is told. The input's own values are left out: one of them may be a password, and
//! answers are logged by more programs than requests are.

use std::borrow::Cow;

use jsonschema::{ValidationError, error::ValidationErrorKind, paths::LocationSegment};
use serde_json::Value;

use crate::problem::{FieldError, Problem, Segment, without_values};

/// The longest name of a member that is given back, in bytes. Names are the caller's too.
const LONGEST_NAME: usize = 64;

/// What a schema's refusal is told as.
pub(super) fn told(error: &ValidationError<'_>, place: &str) -> Vec<FieldError> {
    let mut loc = vec![Segment::from(place)];
    loc.extend(error.instance_path().into_iter().map(|segment| match segment {
        LocationSegment::Property(name) => Segment::Name(short(&name).into_owned()),
        LocationSegment::Index(index) => Segment::Index(index),
    }));
    let at = |name: &str| loc.iter().cloned().chain([Segment::Name(short(name).into_owned())]);
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![FieldError::new(at(name), "missing", "This field is required")]
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let unknown = |name: &String| FieldError::new(at(name), "unknown", "There is no such field");
            unexpected.iter().take(super::MOST_FAULTS).map(unknown).collect()
        }
        ValidationErrorKind::FalseSchema => vec![FieldError::new(loc, "unknown", "Nothing may stand here")],
        // The expression stands in the API document; to a person it says nothing.
        ValidationErrorKind::Pattern { .. } => {
            vec![FieldError::new(loc, "pattern", "This does not have the documented form")]
        }
        ValidationErrorKind::Format { format } => {
            vec![FieldError::new(loc, "format", format!("This is not of the form `{format}`"))]
        }
        kind => {
            let msg = sentence(&error.masked_with("The value").to_string());
            vec![FieldError::new(loc, kind.keyword().to_owned(), msg)]
        }
    }
}

/// What a type's own refusal of `value` is told as: its words, as far as they do not repeat the value.
pub(super) fn of_type(
    error: &serde_path_to_error::Error<serde_json::Error>,
    value: &Value,
    place: &str,
) -> FieldError {
    let mut loc = vec![Segment::from(place)];
    let mut refused = value;
    for segment in error.path() {
        match segment {
            serde_path_to_error::Segment::Map { key } => {
                loc.push(Segment::Name(short(key).into_owned()));
                refused = &refused[key];
            }
            serde_path_to_error::Segment::Seq { index } => {
                loc.push(Segment::Index(*index));
                refused = &refused[index];
            }
            _ => {}
        }
    }
    let words = without_values(&error.inner().to_string()).into_owned();
    let msg = if repeats(&words, refused) { "This value is not valid".to_owned() } else { sentence(&words) };
    FieldError::new(loc, "value", msg)
}

/// Whether `words` say some part of `value`.
fn repeats(words: &str, value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => false,
        Value::Number(number) => words.contains(&number.to_string()),
        Value::String(text) => !text.is_empty() && words.contains(text.as_str()),
        Value::Array(items) => items.iter().any(|item| repeats(words, item)),
        Value::Object(members) => members.values().any(|member| repeats(words, member)),
    }
}

pub(super) fn repeated(place: &str, name: &str) -> FieldError {
    FieldError::new([place, &short(name)], "repeated", "This field is given twice")
}

pub(in crate::extract) fn not_utf8<'a>(loc: impl IntoIterator<Item = &'a str>) -> Problem {
    Problem::invalid_input(vec![FieldError::new(loc, "encoding", "This is not UTF-8 text")])
}

/// `name`, cut where it is longer than anybody names a field.
pub(super) fn short(name: &str) -> Cow<'_, str> {
    if name.len() <= LONGEST_NAME {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("{}...", &name[..name.floor_char_boundary(LONGEST_NAME)]))
}

/// `text` with a capital first letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}
