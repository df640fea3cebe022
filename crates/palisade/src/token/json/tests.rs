//! Compared with `serde_json`, which reads the same language but for what is listed here.

use proptest::prelude::*;

use super::*;

/// What both agree on, as `serde_json` has it; numbers as text.
fn converted(value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| (*text).into()),
        Value::String(text) => (&**text).into(),
        Value::Array(items) => items.iter().map(converted).collect(),
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| (name.to_owned(), converted(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

fn compare(text: &[u8]) -> Result<(), TestCaseError> {
    let theirs = serde_json::from_slice::<serde_json::Value>(text);
    match (Value::read(text), theirs) {
        (Ok(ours), Ok(theirs)) => prop_assert_eq!(converted(&ours), theirs),
        // A number beyond their range is a number still, and what to do with it is for whoever asks for it.
        (Ok(_), Err(fault)) => {
            prop_assert!(fault.to_string().starts_with("number out of range"), "{}", fault);
        }
        (Err(JsonFault::Repeated | JsonFault::Depth), _) | (Err(_), Err(_)) => {}
        (Err(fault), Ok(_)) => prop_assert!(false, "{fault:?}: {}", String::from_utf8_lossy(text)),
    }
    Ok(())
}

proptest! {
    #[test]
    fn bytes_are_read_as_others_read_them(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        compare(&bytes)?;
    }

    #[test]
    fn almost_json_is_read_as_others_read_it(text in r#"([\[\]{},:"\\ /btu0-9eE+.x-]|true|null|\\u[0-9a-fD]{4}|"a"|é){0,24}"#) {
        compare(text.as_bytes())?;
    }

    #[test]
    fn numbers_are_read_as_others_read_them(text in r"-?[0-9]{0,3}(\.[0-9]{0,3})?([eE][+-]?[0-9]{0,4})?") {
        compare(text.as_bytes())?;
    }

    #[test]
    fn strings_are_read_as_others_read_them(text in r#""([ -~é\x00-\x1f]|\\["\\/bfnrtux]|\\u[0-9a-fA-FD]{4}){0,12}"?"#) {
        compare(text.as_bytes())?;
    }

    #[test]
    fn what_others_write_is_read_back(text in ".{0,30}", number: f64, names in prop::collection::btree_set(".{0,5}", 0..20)) {
        let object: serde_json::Map<_, _> = names.into_iter().map(|name| (name, text.clone().into())).collect();
        let value = serde_json::json!([text, number, object, [[]], {}, null, true]);
        let written = value.to_string();
        prop_assert_eq!(converted(&Value::read(written.as_bytes()).unwrap()), value);
    }
}
