//! `palisade keys`.

use anyhow::{Result, anyhow};
use palisade_identity::{
    audit::Actor,
    keys::{self, KeysError},
    store::KeyRecord,
};
use serde_json::json;

use super::{say, table::Table};
use crate::{app::Services, cli::Keys as Command, config::Config, data_folder::DataFolder};

pub(super) async fn run(command: Command, config: &Config) -> Result<()> {
    let folder = DataFolder::existing(&config.server.data)?;
    let services = Services::open(config, &folder)?;
    match command {
        Command::List { json } => list(&services.store.keys().await?, json),
        Command::Rotate => {
            // No token is issued here, so in whose name does not matter.
            let (keys, _) = services.keys(config, &folder, "http://localhost").await?;
            let kid = keys.rotate(Actor::Operator).await?;
            say(format_args!(
                "{kid} signs from now on; the key before it is accepted until its tokens have expired"
            ))
        }
        Command::Retire { kid } => {
            // Also when the master key is lost: what is retired need not be opened.
            match keys::discard(&*services.store, &*services.clock, Actor::Operator, &kid).await {
                Ok(()) => say(format_args!("{kid} is retired: what it signed is refused from now on")),
                Err(KeysError::NotFound) => {
                    Err(anyhow!("there is no key `{kid}`: `palisade keys list` shows all there are"))
                }
                Err(error) => Err(error.into()),
            }
        }
    }
}

fn list(keys: &[KeyRecord], json: bool) -> Result<()> {
    if json {
        let all: Vec<_> = keys
            .iter()
            .map(|key| {
                json!({
                    "kid": key.kid,
                    "algorithm": key.algorithm,
                    "created_at": key.created_at,
                    "accepted_until": key.accepted_until,
                })
            })
            .collect();
        return say(serde_json::to_string_pretty(&all)?);
    }
    let heading = ["KEY", "ALGORITHM", "MADE", "STATE"].map(str::to_owned);
    let rows = keys.iter().map(|key| {
        let state = match key.accepted_until {
            None => "signs".to_owned(),
            Some(until) => format!("accepted until {}", utc(until)),
        };
        [key.kid.clone(), key.algorithm.clone(), utc(key.created_at), state]
    });
    say(Table(std::iter::once(heading).chain(rows).collect()))
}

fn utc(moment: palisade::clock::Timestamp) -> String {
    jiff::Timestamp::from_second(moment.as_unix())
        .map_or_else(|_| moment.as_unix().to_string(), |moment| moment.to_string())
}
