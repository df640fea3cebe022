//! Decisions from outside: which refusals have one, what is in it, how many are kept, who is told why, and what becomes of it
//! when it is decided again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

mod bodies;
mod bounds;
mod recorded;
mod replayed;
mod support;
