//! `GET /me/api-keys`, and that of another account.

use palisade::{
    extract::{Json, Path},
    prelude::State,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{problem, view::ApiKeyView};
use crate::{
    account::AccountId,
    api_keys::ApiKeys,
    http::{CurrentAccount, refusal::refusals},
};

/// An account's API keys, the oldest first; those that died in the last 30 days are among them.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::http) struct ApiKeyList {
    /// The keys.
    api_keys: Vec<ApiKeyView>,
}

refusals! {
    /// How a list is refused.
    Refused { SERVICE_UNAVAILABLE "Too much to do just now; try again later" }
}

pub(in crate::http) async fn own(
    account: CurrentAccount,
    State(keys): State<ApiKeys>,
) -> Result<Json<ApiKeyList>, Refused> {
    list(&keys, account.id()).await
}

pub(in crate::http) async fn of(
    State(keys): State<ApiKeys>,
    Path(account): Path<AccountId>,
) -> Result<Json<ApiKeyList>, Refused> {
    list(&keys, account).await
}

async fn list(keys: &ApiKeys, of: AccountId) -> Result<Json<ApiKeyList>, Refused> {
    let found = keys.list(of).await.map_err(problem)?;
    Ok(Json(ApiKeyList { api_keys: found.into_iter().map(ApiKeyView::from).collect() }))
}
