//! The access lock: what is written, what is read back, which changes are found and which way they go.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

mod attacks;
mod changes;
mod file;
mod held;
mod names;
mod roundtrip;
mod support;
mod text;
