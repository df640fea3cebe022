//! The pages: as people use them with a browser, and as attackers meet them over HTTP.

#![expect(clippy::unwrap_used, reason = "tests panic to fail")]

#[path = "../server/client.rs"]
#[allow(dead_code, reason = "each of the tests uses a part of it")]
mod client;
#[path = "../driver/mod.rs"]
mod driver;
#[path = "../process/mod.rs"]
mod process;

mod access;
mod attacks;
mod by_keyboard;
mod elsewhere;
mod forms;
mod looks;
mod two_browsers;
mod visitor;
