//! `GET` and `PATCH /me`: one's own account.

use axum::extract::State;
use palisade::{
    Denial, Denied,
    clock::Clock,
    extract::{Json, Serialized},
    prelude::Principal as _,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{AccountView, CurrentAccount, Identity, RECENT, refusal::refusals};
use crate::email::Email;

/// What can be changed of an account; what is left out stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AccountChange")]
pub(super) struct Change {
    /// Another e-mail address, as by `POST /me/email`: for whoever signed in just now, and once it has been proven.
    /// `null` is refused: an account has one.
    #[serde(default)]
    #[schemars(with = "Email", skip_serializing_if = "Option::is_none")]
    email: Option<Email>,
}

refusals! {
    /// How `PATCH /me` refuses.
    Refused {
        FORBIDDEN "An address is changed by whoever signed in just now, with all that the account has",
        CONFLICT "The account's tokens and sessions have ended meanwhile",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

pub(super) async fn read_me(account: CurrentAccount) -> Serialized<AccountView> {
    account.view().copied()
}

/// Answers the account as it is now: until a new address has been proven, that is with the old one.
pub(super) async fn update_me(
    account: CurrentAccount,
    State(Identity(identity)): State<Identity>,
    Json(change): Json<Change>,
) -> Result<Json<AccountView>, Refused> {
    if let Some(email) = change.email {
        signed_in_just_now(&account, &*identity.clock).map_err(palisade::Problem::from)?;
        identity.proofs.change_email(account.account(), email).await?;
    }
    Ok(Json(identity.accounts.by_id(account.id()).await?.into()))
}

/// What `POST /me/email` requires, where it is needed only when there is an address: that is a way into an account.
pub(super) fn signed_in_just_now(account: &CurrentAccount, clock: &dyn Clock) -> Result<(), Denied> {
    let authority = account.authority();
    if authority.is_delegated() {
        return Err(Denied::forbidden());
    }
    match authority.last_authenticated() {
        Some(at) if clock.now().since(at) <= RECENT => Ok(()),
        _ => Err(Denial::NotRecent(RECENT).into()),
    }
}
