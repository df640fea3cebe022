//! `GET /admin/roles`, `PUT` and `DELETE /admin/roles/{name}`: admins look at roles and change what they bundle.

use std::collections::BTreeSet;

use palisade::{
    Problem,
    extract::{Json, Path},
    prelude::{NoContent, State},
    scope::{Scope, ScopeSet},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    CurrentAccount,
    refusal::{fault, refusals},
};
use crate::{
    accounts::Accounts,
    roles::{EffectiveRole, RoleDefinition, RoleName},
};

/// What a role is to bundle, in the place of what it bundled before.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RoleDefinition")]
pub(super) struct Request {
    /// The roles it includes, built-in or stored: whoever holds it has their scopes too. What a built-in role includes
    /// cannot be changed.
    #[serde(default)]
    #[schemars(length(max = 32))]
    includes: BTreeSet<RoleName>,
    /// Its own scopes; of a built-in role, those it has beside the ones it ships with.
    #[serde(default)]
    #[schemars(length(max = 64), inner(length(min = 1, max = 256), regex(pattern = "^[!#-\\[\\]-~]+$")))]
    scopes: Vec<String>,
}

/// A role as it stands now.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EffectiveRole")]
pub(super) struct RoleView {
    /// Its name.
    name: RoleName,
    /// Whether it ships with the server.
    built_in: bool,
    /// The roles it includes itself.
    includes: BTreeSet<RoleName>,
    /// The scopes it was given; of a built-in role, those beside the ones it ships with.
    scopes: Vec<String>,
    /// All roles it includes, also by way of others.
    all_includes: BTreeSet<RoleName>,
    /// All scopes whoever holds it has.
    all_scopes: Vec<String>,
}

/// All roles: the built-in ones first, then the stored ones by name.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RoleList {
    /// The roles.
    roles: Vec<RoleView>,
}

refusals! {
    /// How a list is refused.
    ListRefused { SERVICE_UNAVAILABLE "Too much to do just now; try again later" }
}

refusals! {
    /// How storing a role is refused.
    DefineRefused {
        CONFLICT "Roles would include each other in a circle, or there are as many as there may be",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

refusals! {
    /// How removing a role is refused.
    RemoveRefused {
        NOT_FOUND "There is no such stored role",
        CONFLICT "Another role includes it, or an account holds it",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

pub(super) async fn list(State(accounts): State<Accounts>) -> Result<Json<RoleList>, ListRefused> {
    let roles = accounts.effective_roles().await.map_err(Problem::unavailable)?;
    Ok(Json(RoleList { roles: roles.into_iter().map(RoleView::from).collect() }))
}

pub(super) async fn define(
    admin: CurrentAccount,
    State(accounts): State<Accounts>,
    Path(name): Path<RoleName>,
    Json(request): Json<Request>,
) -> Result<Json<RoleView>, DefineRefused> {
    let Request { includes, scopes } = request;
    let scopes: Result<ScopeSet, _> = scopes.iter().map(|scope| Scope::new(scope)).collect();
    let scopes =
        scopes.map_err(|why| Problem::invalid_input(vec![fault("scopes", "scopes", &why.to_string())]))?;
    let role = RoleDefinition { name, includes, scopes };
    Ok(Json(accounts.define_role(admin.actor(), role).await?.into()))
}

pub(super) async fn remove(
    admin: CurrentAccount,
    State(accounts): State<Accounts>,
    Path(name): Path<RoleName>,
) -> Result<NoContent, RemoveRefused> {
    accounts.remove_role(admin.actor(), name).await?;
    Ok(NoContent)
}

impl From<EffectiveRole> for RoleView {
    fn from(role: EffectiveRole) -> Self {
        Self {
            name: role.name,
            built_in: role.built_in,
            includes: role.includes,
            scopes: listed(&role.own_scopes),
            all_includes: role.closure,
            all_scopes: listed(&role.scopes),
        }
    }
}

/// Scopes as a list, sorted.
pub(super) fn listed(scopes: &ScopeSet) -> Vec<String> {
    scopes.iter().map(ToString::to_string).collect()
}
