//! Recorded decisions, as they are kept and handed on: what is read can be shown on a terminal, and is written as it was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade::decision::{Decision, replay_policy};

fuzz_target!(|data: &[u8]| {
    let Ok(decision) = serde_json::from_slice::<Decision>(data) else { return };
    let shown = decision.to_string();
    assert!(!shown.chars().any(|character| character.is_control() && character != '\n'), "{shown:?}");
    let written = serde_json::to_vec(&decision).expect("it can be written");
    let read: Decision = serde_json::from_slice(&written).expect("what is written is read");
    assert_eq!(read, decision);
    assert_eq!(read.to_string(), shown);
    if let Some(explanation) = &decision.explanation {
        let again = replay_policy([&decision], &explanation.statement());
        let shown = again[0].explanation.as_ref().map(ToString::to_string).unwrap_or_default();
        assert!(!shown.chars().any(|character| character.is_control() && character != '\n'), "{shown:?}");
    }
});
