//! The routes from outside: what is sent, what comes back, and that nothing was changed by a refusal.

#![expect(clippy::unwrap_used, reason = "tests panic to fail")]

#[path = "../world/mod.rs"]
mod world;

mod access;
mod admin;
mod api_keys;
mod app;
mod attacks;
mod basic;
mod cached_secrets;
mod cached_tokens;
mod decisions;
mod email;
mod failing;
mod first_admin;
mod forgotten;
mod keys;
mod limits;
mod mailed;
mod matrix;
mod me;
mod narrowed;
mod password;
mod process;
mod public;
mod role_attacks;
mod sessions;
mod sign_up;
mod signed;
mod sockets;
mod stored_roles;
mod token;
mod tokens;
