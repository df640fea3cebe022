//! `GET /admin/decisions` and `GET /admin/decisions/{id}`: why callers were refused. Reading is written to the audit trail
//! before anything is shown.

use palisade::{
    Problem,
    decision::{Decision, DecisionId},
    extract::{Json, Path, Query},
    prelude::{State, StatusCode},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{CurrentAccount, Identity, refusal::refusals};
use crate::{
    accounts::AccountsError,
    audit::{Action, AuditEntry},
};

/// How many decisions to list.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Newest {
    /// How many at the most.
    #[serde(default = "fifty")]
    #[schemars(range(min = 1, max = 1024))]
    limit: u32,
}

fn fifty() -> u32 {
    50
}

/// Why callers were refused, as far as it is kept: the newest decisions, of this process, since its start.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DecisionList {
    /// The decisions, the newest first.
    decisions: Vec<Decision>,
    /// How many requests were refused since the start because nobody was known to be calling (401). They are counted and not
    /// kept.
    anonymous_refusals: u64,
}

refusals! {
    /// How a list is refused.
    ListRefused { SERVICE_UNAVAILABLE "It could not be written down who reads this; try again later" }
}

refusals! {
    /// How a decision is refused.
    Refused {
        NOT_FOUND "There is no such decision, or it is no longer kept",
        SERVICE_UNAVAILABLE "It could not be written down who reads this; try again later",
    }
}

pub(super) async fn list(
    reader: CurrentAccount,
    State(identity): State<Identity>,
    Query(newest): Query<Newest>,
) -> Result<Json<DecisionList>, ListRefused> {
    let decisions = identity.0.decisions.list(usize::try_from(newest.limit).unwrap_or(usize::MAX));
    audited(&identity, &reader, "newest", json!({ "decisions": decisions.len() })).await?;
    Ok(Json(DecisionList { decisions, anonymous_refusals: identity.0.decisions.anonymous_refusals() }))
}

pub(super) async fn read(
    reader: CurrentAccount,
    State(identity): State<Identity>,
    Path(id): Path<DecisionId>,
) -> Result<Json<Decision>, Refused> {
    let unknown = || {
        let detail = "There is no such decision, or it is no longer kept: the newest are, of this process, since its start";
        Problem::new(StatusCode::NOT_FOUND, detail)
    };
    let decision = identity.0.decisions.find(id).ok_or_else(unknown)?;
    audited(&identity, &reader, &id.to_string(), json!({ "of": decision.subject.to_string() })).await?;
    Ok(Json(decision))
}

/// Writes down who reads what. Where that fails, nothing is read.
async fn audited(
    identity: &Identity,
    reader: &CurrentAccount,
    target: &str,
    detail: serde_json::Value,
) -> Result<(), AccountsError> {
    let entry = AuditEntry::new(identity.0.clock.now(), reader.actor(), Action::DecisionRead, target);
    Ok(identity.0.accounts.store().record(entry.with_detail(detail)).await?)
}
