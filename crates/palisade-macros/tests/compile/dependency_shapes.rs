//! What is no dependency, each with what to write instead.

use palisade::prelude::*;

#[derive(Clone)]
struct Made;

#[dependency]
fn not_async() -> Made {
    Made
}

#[dependency]
async fn generic<T>() -> Made {
    Made
}

#[dependency]
async fn borrowed(_: &str) -> Made {
    Made
}

#[dependency]
async fn anonymous(_: impl Clone) -> Made {
    Made
}

#[dependency]
async fn nothing() {}

#[dependency]
async fn unnamed() -> impl Clone {
    Made
}

#[dependency]
async fn borrows() -> &'static str {
    "made"
}

#[dependency(stat = App)]
async fn misspelt() -> Made {
    Made
}

#[dependency]
struct NoFunction;

fn main() {}
