//! `palisade account grant`, `ungrant` and `grants`.

use anyhow::Result;
use palisade_identity::{
    account::Account,
    accounts::{Accounts, AccountsError},
    audit::Actor,
    role::Role,
    roles::{GrantChange, Grants, HeldChange, Holdings, RoleName, TenantName},
};
use serde_json::json;

use super::{
    role::{explain, joined, listed},
    say,
    table::Table,
};

pub(super) async fn grant(
    accounts: &Accounts,
    account: &Account,
    roles: Vec<RoleName>,
    tenant: Option<TenantName>,
) -> Result<()> {
    change(accounts, account, tenant, HeldChange::With(roles.into_iter().collect())).await
}

pub(super) async fn ungrant(
    accounts: &Accounts,
    account: &Account,
    roles: Vec<RoleName>,
    tenant: Option<TenantName>,
) -> Result<()> {
    let held = match roles {
        roles if roles.is_empty() => HeldChange::Nothing,
        roles => HeldChange::Without(roles.into_iter().collect()),
    };
    change(accounts, account, tenant, held).await
}

async fn change(
    accounts: &Accounts,
    account: &Account,
    tenant: Option<TenantName>,
    held: HeldChange,
) -> Result<()> {
    let change = GrantChange { tenant: tenant.clone(), held };
    let grants =
        accounts.change_grants(Actor::Operator, account.id, change).await.map_err(|error| match error {
            AccountsError::NotForServices => {
                anyhow::anyhow!("a service is never an admin, in a tenant neither")
            }
            other => explain(other),
        })?;
    let name = &account.username;
    match (tenant.as_ref(), grants.held_in(tenant.as_ref())) {
        (Some(tenant), None) => say(format_args!("{name} is no member of {tenant}")),
        (Some(tenant), Some(roles)) => say(format_args!("{name} is in {tenant}: {}", or_none(roles))),
        (None, roles) => {
            let roles = roles.map(or_none).unwrap_or_default();
            say(format_args!("{name} holds everywhere: {roles}"))
        }
    }
}

fn or_none<'a>(roles: impl IntoIterator<Item = &'a RoleName>) -> String {
    match joined(roles) {
        names if names.is_empty() => "no role".to_owned(),
        names => names,
    }
}

pub(super) async fn show(accounts: &Accounts, account: &Account, json: bool) -> Result<()> {
    let grants = accounts.grants(account.id).await.map_err(explain)?;
    let holdings = Holdings::of(account.roles, &grants, &*accounts.role_book().await?);
    if json {
        return say(serde_json::to_string_pretty(&as_json(account, &grants, &holdings))?);
    }
    let built_in: Vec<RoleName> = account.roles.iter().map(RoleName::from).collect();
    let everywhere = built_in.iter().chain(&grants.everywhere);
    let heading = ["WHERE", "ROLES", "SCOPES"].map(str::to_owned);
    let first = ["everywhere".to_owned(), joined(everywhere), holdings.scopes().to_string()];
    let tenants = grants.tenants.iter().map(|(tenant, roles)| {
        let held = holdings.tenants().get(tenant.as_str());
        let scopes = held.map(|held| held.held_scopes().to_string()).unwrap_or_default();
        [tenant.to_string(), joined(roles), scopes]
    });
    say(Table([heading, first].into_iter().chain(tenants).collect()))
}

fn as_json(account: &Account, grants: &Grants, holdings: &Holdings) -> serde_json::Value {
    let tenants = grants.tenants.iter().map(|(tenant, roles)| {
        let held = holdings.tenants().get(tenant.as_str());
        let scopes = held.map(|held| listed(held.held_scopes())).unwrap_or_default();
        json!({ "tenant": tenant, "roles": roles, "scopes": scopes })
    });
    json!({
        "built_in": account.roles.iter().map(Role::name).collect::<Vec<_>>(),
        "roles": grants.everywhere,
        "scopes": listed(holdings.scopes()),
        "tenants": tenants.collect::<Vec<_>>(),
    })
}
