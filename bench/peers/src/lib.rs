//! What the peers have in common: the answer they give, and how they serve it.
//!
//! `bench/run` takes the answer from a running Palisade, so that all servers send the same bytes and headers.

use std::{env, fs, sync::Arc};

use axum::{
    Json, Router,
    response::{IntoResponse, Response},
};
use http_serde::http::HeaderMap;
use jsonwebtoken::jwk::Jwk;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

/// What `bench/run` hands to every peer.
#[derive(Deserialize)]
pub struct Scenario {
    /// The answer to `GET /me`.
    pub account: Account,
    /// Its headers, without those every server writes itself.
    #[serde(with = "http_serde::header_map")]
    pub headers: HeaderMap,
    /// Who issued the tokens, and for whom.
    pub issuer: String,
    /// The key they are signed with.
    pub key: Jwk,
}

/// Palisade's account, field by field, in its order.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    id: String,
    username: String,
    kind: String,
    email: String,
    email_verified: bool,
    status: String,
    roles: Vec<String>,
    created_at: String,
    updated_at: String,
}

impl Scenario {
    /// The answer, serialised for each request as a handler does.
    pub fn answer(&self) -> Response {
        let mut response = Json(&self.account).into_response();
        response.headers_mut().extend(self.headers.clone());
        response
    }
}

/// Serves what `router` makes of the scenario. Command line: `ADDRESS:PORT SCENARIO.json`.
pub async fn serve(router: impl FnOnce(Arc<Scenario>) -> Router) {
    let arguments: Vec<String> = env::args().collect();
    let [_, listen, scenario] = &arguments[..] else {
        panic!("usage: {} ADDRESS:PORT SCENARIO.json", arguments[0])
    };
    let scenario = fs::read(scenario).expect("the scenario can be read");
    let scenario = serde_json::from_slice(&scenario).expect("the scenario is of our form");
    let listener = TcpListener::bind(listen).await.expect("the port is free");
    axum::serve(listener, router(Arc::new(scenario))).await.expect("serving does not end");
}
