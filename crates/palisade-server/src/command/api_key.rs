//! `palisade api-key`.

use std::io::{self, Read as _, Write as _};

use anyhow::{Context as _, Result};
use palisade::{
    api_key::{Caveats, HeldKey},
    clock::Timestamp,
    random::SystemRandom,
    secret::SecretString,
};

use super::say;
use crate::cli::ApiKey as Command;

/// Longer than any key.
const MOST: u64 = 16 * 1024;

pub(super) fn run(command: Command) -> Result<()> {
    let Command::Derive { scopes, expires, route } = command;
    let mut caveats = Caveats::none();
    if let Some(scopes) = scopes {
        caveats = caveats.scopes(scopes);
    }
    if let Some(moment) = expires {
        caveats = caveats.expires(Timestamp::from_unix(moment.as_second()));
    }
    if let Some(route) = route {
        caveats = caveats.route(route);
    }
    let mut text = String::new();
    io::stdin().take(MOST).read_to_string(&mut text).context("standard input")?;
    let text = SecretString::new(text);
    let key = HeldKey::parse(text.expose().trim()).context("standard input")?;
    let derived = key.derive(caveats, &SystemRandom)?;
    say(derived.to_text().expose())?;
    writeln!(io::stderr(), "It can be revoked by its link {}", derived.link()).context("standard error")
}
