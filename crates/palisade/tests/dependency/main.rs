//! Dependencies and what they leave behind, as seen from outside: real handlers behind a real router.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod after_body;
mod cleanup;
mod common;
mod headers_first;
mod holds;
mod isolation;
mod plain_axum;
mod requires;
mod resolving;
mod response_headers;
