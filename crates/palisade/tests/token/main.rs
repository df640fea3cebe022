//! Tokens: what is accepted, and every way of getting something else accepted that has a name.

#![expect(clippy::unwrap_used, reason = "the tests' own helpers are no `#[test]` functions")]

mod support;

mod access_token;
mod client_assertion;
mod compact;
mod dates;
mod differential;
mod dpop;
mod engine;
mod header;
mod id_token;
mod inspecting;
mod issuing;
mod keys;
mod logout_token;
mod mutations;
mod names;
mod request_object;
mod rules;
mod signatures;
mod verified_before;
