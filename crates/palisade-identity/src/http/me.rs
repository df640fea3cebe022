//! `GET` and `PATCH /me`: one's own account.

use palisade::{extract::Json, prelude::State};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{AccountView, CurrentAccount, refusal::refusals};
use crate::{
    accounts::{Accounts, ProfileChange},
    email::Email,
};

/// What can be changed of an account; what is left out stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AccountChange")]
pub(super) struct Change {
    /// Another e-mail address. `null` is refused: an account has one.
    #[serde(default)]
    #[schemars(with = "Email", skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<Email>,
}

refusals! {
    /// How `PATCH /me` refuses.
    Refused { SERVICE_UNAVAILABLE "Too much to do just now; try again later" }
}

pub(super) async fn read_me(account: CurrentAccount) -> Json<AccountView> {
    Json(account.account().into())
}

pub(super) async fn update_me(
    account: CurrentAccount,
    State(accounts): State<Accounts>,
    Json(change): Json<Change>,
) -> Result<Json<AccountView>, Refused> {
    let changed = accounts.update_profile(account.id(), ProfileChange { email: change.email }).await?;
    Ok(Json(changed.into()))
}
