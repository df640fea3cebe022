//! Requirements as text: what is read is printed, read back and compared within bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade::requirement::Statement;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.splitn(2, '\n');
    let mut next = || lines.next()?.parse::<Statement>().ok();
    let Some(statement) = next() else { return };
    // With the types of roles, which the short form leaves out.
    let printed = format!("{statement:#}");
    assert!(!printed.chars().any(char::is_control), "{printed:?}");
    let read: Statement = printed.parse().expect("what is printed is read");
    assert_eq!(read, statement, "{printed}");
    assert_eq!(format!("{read:#}"), printed);
    assert!(statement.to_string().parse::<Statement>().is_ok());
    if let Some(normalized) = statement.normalized() {
        assert_eq!(normalized, statement, "{printed}");
        assert!(normalized.implies(&statement) && statement.implies(&normalized), "{printed}");
    }
    let json = serde_json::to_string(&statement).expect("it can be written");
    assert!(serde_json::from_str::<Statement>(&json).is_ok(), "{json}");
    if let Some(other) = next() {
        // Whatever the answer is, it comes: libFuzzer ends what takes long.
        let _ = (statement.implies(&other), other.implies(&statement));
    }
});
