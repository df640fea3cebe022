//! Browser sessions as the service has them: when they count, in this process and in one beside it.

#![expect(clippy::unwrap_used, reason = "tests panic to fail")]

#[path = "../world/mod.rs"]
mod world;

mod browser;
mod ending;
mod lifetime;
mod model;
mod secrets;
