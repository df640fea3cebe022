//! `GET /admin/accounts`, `GET` and `PATCH /admin/accounts/{id}`: admins look at accounts and change them.

use palisade::{
    extract::{Json, Path, Query},
    prelude::State,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AccountView, CurrentAccount, Identity, me::signed_in_just_now, refusal::refusals};
use crate::{account::AccountId, accounts::Accounts, email::Email, store::PageSize};

/// Which accounts to list.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Page {
    /// Start behind the account with this id: `next` of the page before.
    pub(super) after: Option<AccountId>,
    /// How many at the most.
    #[serde(default = "fifty")]
    #[schemars(range(min = 1, max = 200))]
    pub(super) limit: u32,
}

fn fifty() -> u32 {
    50
}

/// Accounts, in the order of their ids: those made later come later, within a second in any order.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct AccountList {
    /// The accounts of this page.
    accounts: Vec<AccountView>,
    /// Where the next page starts; `null` if there is none.
    next: Option<AccountId>,
}

/// What an admin can change of an account; what is left out stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AdminChange")]
pub(super) struct Change {
    /// Another e-mail address. `null` is refused: an account has one.
    #[serde(default)]
    #[schemars(with = "Email", skip_serializing_if = "Option::is_none")]
    email: Option<Email>,
    /// Whether the address is known to be the owner's, where no mail can prove it. Another address is not, unless this
    /// says so.
    #[serde(default)]
    #[schemars(with = "bool", skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
}

refusals! {
    /// How a list is refused.
    ListRefused { SERVICE_UNAVAILABLE "Too much to do just now; try again later" }
}

refusals! {
    /// How a change is refused.
    ChangeRefused {
        FORBIDDEN "An address is changed by an admin who signed in just now, with all that the account has",
        NOT_FOUND "There is no such account",
        CONFLICT "Another account's owner has proven the address",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

refusals! {
    /// How an account is refused.
    Refused {
        NOT_FOUND "There is no such account",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

pub(super) async fn list(
    State(accounts): State<Accounts>,
    Query(page): Query<Page>,
) -> Result<Json<AccountList>, ListRefused> {
    // One more than asked for shows whether there is a next page.
    let mut found = accounts.list(page.after, PageSize::nearest(page.limit.saturating_add(1))).await?;
    let most = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let more = found.len() > most;
    found.truncate(most);
    let next = found.last().filter(|_| more).map(|account| account.id);
    Ok(Json(AccountList { accounts: found.into_iter().map(AccountView::from).collect(), next }))
}

pub(super) async fn read(
    State(accounts): State<Accounts>,
    Path(id): Path<AccountId>,
) -> Result<Json<AccountView>, Refused> {
    Ok(Json(accounts.by_id(id).await?.into()))
}

/// Whoever can say which address is an account's can have its password set anew.
pub(super) async fn update(
    admin: CurrentAccount,
    State(Identity(identity)): State<Identity>,
    Path(id): Path<AccountId>,
    Json(change): Json<Change>,
) -> Result<Json<AccountView>, ChangeRefused> {
    let Change { email, email_verified } = change;
    if email.is_some() || email_verified.is_some() {
        signed_in_just_now(&admin, &*identity.clock).map_err(palisade::Problem::from)?;
    }
    Ok(Json(identity.proofs.set_email(admin.actor(), id, email, email_verified).await?.into()))
}
