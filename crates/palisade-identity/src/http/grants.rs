//! `GET` and `PUT /admin/accounts/{id}/grants`: what an account was given, and what that comes to.

use std::collections::BTreeSet;

use palisade::{
    Problem,
    extract::{Json, Path},
    prelude::State,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CurrentAccount, refusal::refusals, stored_roles::listed};
use crate::{
    account::AccountId,
    accounts::Accounts,
    role::Roles,
    roles::{GrantChange, HeldChange, Holdings, RoleName, TenantName},
};

/// The stored roles an account is to hold everywhere, in place of those it holds. Its built-in roles stay what they are.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "GrantChange")]
pub(super) struct Change {
    /// Their names; none is fine.
    #[schemars(length(max = 16))]
    roles: BTreeSet<RoleName>,
}

/// The roles an account holds, and the scopes they come to.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Grants")]
pub(super) struct GrantsView {
    /// The account's own, built-in roles.
    built_in: Roles,
    /// The stored roles it holds everywhere.
    roles: BTreeSet<RoleName>,
    /// All scopes it has everywhere.
    scopes: Vec<String>,
    /// What it holds in each tenant it belongs to, by the tenant's name.
    tenants: Vec<MembershipView>,
}

/// What an account holds in one tenant, beside what it holds everywhere.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Membership")]
pub(super) struct MembershipView {
    /// The tenant.
    tenant: TenantName,
    /// The roles it holds there.
    roles: BTreeSet<RoleName>,
    /// All scopes they bring.
    scopes: Vec<String>,
}

refusals! {
    /// How grants are refused.
    Refused {
        NOT_FOUND "There is no such account",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

pub(super) async fn read(
    State(accounts): State<Accounts>,
    Path(id): Path<AccountId>,
) -> Result<Json<GrantsView>, Refused> {
    view(&accounts, id).await
}

pub(super) async fn set(
    admin: CurrentAccount,
    State(accounts): State<Accounts>,
    Path(id): Path<AccountId>,
    Json(Change { roles }): Json<Change>,
) -> Result<Json<GrantsView>, Refused> {
    let change = GrantChange { tenant: None, held: HeldChange::Exactly(roles) };
    accounts.change_grants(admin.actor(), id, change).await?;
    view(&accounts, id).await
}

async fn view(accounts: &Accounts, id: AccountId) -> Result<Json<GrantsView>, Refused> {
    let account = accounts.by_id(id).await?;
    let grants = accounts.grants(id).await?;
    let book = accounts.role_book().await.map_err(Problem::unavailable)?;
    let holdings = Holdings::of(account.roles, &grants, &book);
    let scopes = |tenant: &TenantName| {
        holdings.tenants().get(tenant.as_str()).map(|held| listed(held.held_scopes())).unwrap_or_default()
    };
    let tenants = grants.tenants.into_iter().map(|(tenant, roles)| {
        let scopes = scopes(&tenant);
        MembershipView { tenant, roles, scopes }
    });
    Ok(Json(GrantsView {
        built_in: account.roles,
        roles: grants.everywhere,
        scopes: listed(holdings.scopes()),
        tenants: tenants.collect(),
    }))
}
