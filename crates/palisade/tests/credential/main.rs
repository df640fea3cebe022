//! Credentials from outside: how each is read, how they combine, what the API document says of them, and which site's
//! requests they count for.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

mod basic;
mod cached;
mod combining;
mod cookies;
mod digest;
mod fastapi;
mod keys;
mod origin;
mod projection;

mod schemes;
mod session;
mod support;
