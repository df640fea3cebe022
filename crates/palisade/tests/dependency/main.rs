//! Dependencies and what they leave behind, as seen from outside: real handlers behind a real router.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod cleanup;
mod common;
mod headers_first;
mod isolation;
mod plain_axum;
mod resolving;
mod response_headers;
