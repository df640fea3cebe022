//! `GET /admin/tenants/{tenant}/members`, `PUT` and `DELETE /admin/tenants/{tenant}/members/{id}`: who belongs to a tenant,
//! and in which roles. A tenant is there as long as somebody belongs to it.

use std::collections::BTreeSet;

use palisade::{
    Problem,
    extract::{Json, Path, Query},
    prelude::{NoContent, State},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    CurrentAccount,
    accounts::Page,
    refusal::{fault, refusals},
};
use crate::{
    account::AccountId,
    accounts::{Accounts, AccountsError},
    roles::{GrantChange, HeldChange, RoleName, TenantName},
    store::{Member, PageSize},
    username::Username,
};

/// An account in a tenant.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct InTenant {
    /// The tenant.
    tenant: TenantName,
    /// The account.
    id: AccountId,
}

/// The roles an account is to hold in a tenant, in place of those it holds there.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MembershipChange")]
pub(super) struct Change {
    /// Stored or built-in; without any it belongs to the tenant, and that is all.
    #[schemars(length(max = 16))]
    roles: BTreeSet<RoleName>,
}

/// A member of a tenant.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Member")]
pub(super) struct MemberView {
    /// The account.
    id: AccountId,
    /// Its name.
    username: Username,
    /// The roles it holds there.
    roles: BTreeSet<RoleName>,
}

/// Members of a tenant, in the order of their ids.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct MemberList {
    /// The members of this page.
    members: Vec<MemberView>,
    /// Where the next page starts; `null` if there is none.
    next: Option<AccountId>,
}

refusals! {
    /// How a list is refused.
    ListRefused { SERVICE_UNAVAILABLE "Too much to do just now; try again later" }
}

refusals! {
    /// How a membership is refused.
    SetRefused {
        NOT_FOUND "There is no such account",
        CONFLICT "The account is in as many tenants as it may be",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

refusals! {
    /// How ending a membership is refused.
    EndRefused {
        NOT_FOUND "There is no such account, or it is no member",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

pub(super) async fn list(
    State(accounts): State<Accounts>,
    Path(tenant): Path<TenantName>,
    Query(page): Query<Page>,
) -> Result<Json<MemberList>, ListRefused> {
    // One more than asked for shows whether there is a next page.
    let mut found =
        accounts.members(tenant, page.after, PageSize::nearest(page.limit.saturating_add(1))).await?;
    let most = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let more = found.len() > most;
    found.truncate(most);
    let next = found.last().filter(|_| more).map(|member| member.id);
    Ok(Json(MemberList { members: found.into_iter().map(MemberView::from).collect(), next }))
}

pub(super) async fn set(
    admin: CurrentAccount,
    State(accounts): State<Accounts>,
    Path(InTenant { tenant, id }): Path<InTenant>,
    Json(Change { roles }): Json<Change>,
) -> Result<Json<MemberView>, SetRefused> {
    let username = accounts.by_id(id).await?.username;
    let change = GrantChange { tenant: Some(tenant.clone()), held: HeldChange::Exactly(roles) };
    let changed = accounts.change_grants(admin.actor(), id, change).await;
    let mut grants = changed.map_err(|error| match error {
        AccountsError::NotForServices => {
            let words = "a service is never an admin, in a tenant neither";
            Problem::invalid_input(vec![fault("roles", "service", words)])
        }
        other => other.into(),
    })?;
    let roles = grants.tenants.remove(&tenant).unwrap_or_default();
    Ok(Json(MemberView { id, username, roles }))
}

pub(super) async fn end(
    admin: CurrentAccount,
    State(accounts): State<Accounts>,
    Path(InTenant { tenant, id }): Path<InTenant>,
) -> Result<NoContent, EndRefused> {
    let change = GrantChange { tenant: Some(tenant), held: HeldChange::Nothing };
    accounts.change_grants(admin.actor(), id, change).await?;
    Ok(NoContent)
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self { id: member.id, username: member.username, roles: member.roles.into_iter().collect() }
    }
}
