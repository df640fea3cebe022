//! Tokens: what is accepted, and every way of getting something else accepted that has a name.

#![expect(clippy::unwrap_used, reason = "the tests' own helpers are no `#[test]` functions")]

mod issuing;
