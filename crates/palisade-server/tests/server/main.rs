//! The program itself, as a person or an attacker meets it: started on a free port with a folder of its own.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests panic to fail")]

mod access_lock;
mod api_keys;
mod canary;
mod client;
mod commands;
mod connections;
mod decisions;
mod input;
mod lifetime;
mod mail;
mod program;
mod roles;
mod startup;
