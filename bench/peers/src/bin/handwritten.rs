//! What one writes by hand: an extractor that verifies the bearer token of each request with `jsonwebtoken`.
//!
//! It checks signature, issuer, audience and expiry. It does not ask whether the account still exists, is active or has
//! ended its tokens.

use std::sync::Arc;

use axum::{
    Router,
    extract::{FromRef, FromRequestParts, State},
    http::{StatusCode, header, request::Parts},
    response::Response,
    routing::get,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use peers::{Scenario, serve};
use serde::Deserialize;

#[derive(Clone)]
struct App {
    scenario: Arc<Scenario>,
    verification: Arc<Verification>,
}

struct Verification {
    key: DecodingKey,
    rules: Validation,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

impl Verification {
    fn of(scenario: &Scenario) -> Self {
        let key = DecodingKey::from_jwk(&scenario.key).expect("the key is of a known kind");
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[&scenario.issuer]);
        rules.set_audience(&[&scenario.issuer]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        Self { key, rules }
    }
}

impl FromRef<App> for Arc<Verification> {
    fn from_ref(app: &App) -> Self {
        Arc::clone(&app.verification)
    }
}

impl<S> FromRequestParts<S> for Claims
where
    Arc<Verification>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = StatusCode;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let verification = Arc::<Verification>::from_ref(state);
        let header = head.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(StatusCode::UNAUTHORIZED)?;
        let verified = decode(token, &verification.key, &verification.rules);
        verified.map(|token| token.claims).map_err(|_| StatusCode::UNAUTHORIZED)
    }
}

#[tokio::main]
async fn main() {
    serve(|scenario| {
        let verification = Arc::new(Verification::of(&scenario));
        Router::new().route("/me", get(read_me)).with_state(App { scenario, verification })
    })
    .await;
}

async fn read_me(caller: Claims, State(app): State<App>) -> Result<Response, StatusCode> {
    if caller.sub.is_empty() { Err(StatusCode::UNAUTHORIZED) } else { Ok(app.scenario.answer()) }
}
