//! `palisade role`.

use anyhow::{Result, anyhow};
use palisade::scope::{Scope, ScopeSet};
use palisade_identity::{
    accounts::{Accounts, AccountsError},
    audit::Actor,
    roles::{EffectiveRole, RoleDefinition, RoleName, RoleRefused},
};
use serde_json::json;

use super::{say, table::Table};
use crate::{app::Services, cli::Role as Command, config::Config, data_folder::DataFolder};

pub(super) async fn run(command: Command, config: &Config) -> Result<()> {
    let folder = match &command {
        // A role may come before the first start.
        Command::Set { .. } => DataFolder::create(&config.server.data)?,
        Command::List { .. } | Command::Remove { .. } => DataFolder::existing(&config.server.data)?,
    };
    let accounts = Services::open(config, &folder)?.accounts;
    match command {
        Command::List { json } => list(&accounts.effective_roles().await?, json),
        Command::Set { name, scopes, includes } => set(&accounts, name, scopes, includes).await,
        Command::Remove { name } => {
            accounts.remove_role(Actor::Operator, name.clone()).await.map_err(explain)?;
            match name.built_in() {
                Some(_) => say(format_args!("{name} has what it ships with")),
                None => say(format_args!("{name} is removed")),
            }
        }
    }
}

async fn set(accounts: &Accounts, name: RoleName, scopes: Vec<Scope>, includes: Vec<RoleName>) -> Result<()> {
    let (includes, scopes) = (includes.into_iter().collect(), scopes.into_iter().collect());
    let before = accounts.role_book().await?.scopes_of(&name);
    let role = RoleDefinition { name, includes, scopes };
    let role = accounts.define_role(Actor::Operator, role).await.map_err(explain)?;
    let now = in_words(&role.scopes);
    if before.is_subset(&role.scopes) {
        return say(format_args!("{} brings {now}", role.name));
    }
    // Whoever meant to add something is to see that it took something away.
    say(format_args!("{} brings {now} (before: {})", role.name, in_words(&before)))
}

fn list(roles: &[EffectiveRole], json: bool) -> Result<()> {
    if json {
        let all: Vec<_> = roles.iter().map(as_json).collect();
        return say(serde_json::to_string_pretty(&all)?);
    }
    let heading = ["ROLE", "KIND", "INCLUDES", "SCOPES"].map(str::to_owned);
    let rows = roles.iter().map(|role| {
        [
            role.name.to_string(),
            if role.built_in { "built-in" } else { "stored" }.to_owned(),
            joined(&role.includes),
            role.scopes.to_string(),
        ]
    });
    say(Table(std::iter::once(heading).chain(rows).collect()))
}

fn as_json(role: &EffectiveRole) -> serde_json::Value {
    json!({
        "name": role.name,
        "built_in": role.built_in,
        "includes": role.includes,
        "scopes": listed(&role.own_scopes),
        "all_includes": role.closure,
        "all_scopes": listed(&role.scopes),
    })
}

/// Names, separated by commas.
pub(super) fn joined<'a>(names: impl IntoIterator<Item = &'a RoleName>) -> String {
    names.into_iter().map(RoleName::as_str).collect::<Vec<_>>().join(", ")
}

/// Scopes, sorted.
pub(super) fn listed(scopes: &ScopeSet) -> Vec<&str> {
    scopes.iter().map(Scope::as_str).collect()
}

fn in_words(scopes: &ScopeSet) -> String {
    if scopes.is_empty() { "no scope".to_owned() } else { scopes.to_string() }
}

/// What went wrong with roles, and what to do about it.
pub(super) fn explain(error: AccountsError) -> anyhow::Error {
    let AccountsError::Role(refused) = error else { return error.into() };
    let next = match &refused {
        RoleRefused::UnknownRole(_) | RoleRefused::UnknownInclude(_) | RoleRefused::NotStored(_) => {
            "`palisade role list` shows all there are"
        }
        RoleRefused::Included { .. } => "store those again without it first, with `palisade role set`",
        RoleRefused::Held { .. } => {
            "take it away first with `palisade account ungrant NAME ROLE [--tenant TENANT]`"
        }
        RoleRefused::BuiltInEverywhere(_) => "use `palisade account role NAME ROLE..`, or name a --tenant",
        RoleRefused::NotAMember(_) => "`palisade account grants NAME` shows what it holds",
        _ => return anyhow!("{refused}"),
    };
    anyhow!("{refused}: {next}")
}
