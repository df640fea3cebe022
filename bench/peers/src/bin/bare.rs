//! A handler of axum that asks nobody who they are: what a request costs without security.

use std::sync::Arc;

use axum::{Router, extract::State, response::Response, routing::get};
use peers::{Scenario, serve};

#[tokio::main]
async fn main() {
    serve(|scenario| Router::new().route("/me", get(read_me)).with_state(scenario)).await;
}

async fn read_me(State(scenario): State<Arc<Scenario>>) -> Response {
    scenario.answer()
}
