//! Signed requests: what is accepted, and every way of sending something else that has a name.
#![cfg(feature = "api-keys")]
#![expect(clippy::unwrap_used, reason = "the tests' own helpers are no `#[test]` functions")]

mod accepted;
mod attacks;
mod bodies;
mod documented;
mod strict;
mod support;
mod ways;
