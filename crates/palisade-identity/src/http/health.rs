//! `GET /healthz` and `/readyz`.

use palisade::{Problem, extract::Json, prelude::State};
use schemars::JsonSchema;
use serde::Serialize;

use super::refusal::refusals;
use crate::accounts::Accounts;

/// That all is well.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Health {
    /// `ok`.
    status: &'static str,
}

refusals! {
    /// How `GET /readyz` refuses.
    NotReady { SERVICE_UNAVAILABLE "The store does not answer" }
}

/// The process answers.
pub(super) async fn live() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// The store answers too.
pub(super) async fn ready(State(accounts): State<Accounts>) -> Result<Json<Health>, NotReady> {
    match accounts.store().version() {
        Ok(_) => Ok(Json(Health { status: "ok" })),
        Err(error) => Err(Problem::unavailable(error).into()),
    }
}
