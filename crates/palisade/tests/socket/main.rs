//! WebSockets and long answers, from outside: a real server on a port of its own, and a client that speaks the protocol.
//!
//! Time is tokio's, and stands still while anybody has something to do: an interval passes when all are waiting.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod app;
mod bodies;
mod client;
mod ends;
mod handshake;
mod messages;
mod origins;
mod outlives;
mod tokens;
mod ways;
