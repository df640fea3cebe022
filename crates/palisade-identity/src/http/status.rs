//! `POST /admin/accounts/{id}/disable` and `/enable`.

use palisade::{
    extract::{Json, Path},
    prelude::State,
};

use super::{AccountView, CurrentAccount, refusal::refusals};
use crate::{account::AccountId, accounts::Accounts};

refusals! {
    /// How disabling and enabling are refused.
    Refused {
        NOT_FOUND "There is no such account",
        CONFLICT "It is the last active admin",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

pub(super) async fn disable(
    admin: CurrentAccount,
    State(accounts): State<Accounts>,
    Path(id): Path<AccountId>,
) -> Result<Json<AccountView>, Refused> {
    Ok(Json(accounts.disable(admin.actor(), id).await?.into()))
}

pub(super) async fn enable(
    admin: CurrentAccount,
    State(accounts): State<Accounts>,
    Path(id): Path<AccountId>,
) -> Result<Json<AccountView>, Refused> {
    Ok(Json(accounts.enable(admin.actor(), id).await?.into()))
}
