//! `PUT /admin/accounts/{id}/roles`.

use palisade::{
    extract::{Json, Path},
    prelude::State,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{AccountView, CurrentAccount, refusal::refusals};
use crate::{account::AccountId, accounts::Accounts, role::Roles};

/// The roles an account is to have, in place of those it has.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleChange {
    /// At least one.
    roles: Roles,
}

refusals! {
    /// How setting roles is refused.
    Refused {
        NOT_FOUND "There is no such account",
        CONFLICT "It is the last active admin",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

pub(super) async fn set_roles(
    admin: CurrentAccount,
    State(accounts): State<Accounts>,
    Path(id): Path<AccountId>,
    Json(change): Json<RoleChange>,
) -> Result<Json<AccountView>, Refused> {
    Ok(Json(accounts.set_roles(admin.actor(), id, change.roles).await?.into()))
}
