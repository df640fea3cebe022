//! `palisade token`.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::Path,
};

use anyhow::{Context as _, Result};
use palisade::{
    clock::SystemClock,
    token::{MAX_LENGTH, Profiles, inspect, offline},
};

use crate::cli::Token as Command;

pub(super) fn run(command: Command) -> Result<()> {
    match command {
        Command::Verify { profiles } => verify(profiles.as_deref()),
        Command::Inspect { token } => show(&token),
    }
}

fn verify(profiles: Option<&Path>) -> Result<()> {
    let profiles = match profiles {
        None => Profiles::builtin(),
        Some(path) => {
            let text = fs::read_to_string(path)
                .with_context(|| format!("the profiles {} cannot be read: check the path", path.display()))?;
            Profiles::from_json(&text).with_context(|| path.display().to_string())?
        }
    };
    offline::run(io::stdin().lock(), io::stdout().lock(), &profiles, &*SystemClock::shared())?;
    Ok(())
}

fn show(token: &str) -> Result<()> {
    let mut piped = String::new();
    let token = if token == "-" {
        // One more than is ever looked at, so that a token that is too long is seen to be.
        io::stdin().take(MAX_LENGTH as u64 + 2).read_to_string(&mut piped).context("standard input")?;
        piped.trim()
    } else {
        token
    };
    let page = inspect(token, &Profiles::builtin(), SystemClock::shared().now());
    io::stdout().write_all(page.as_bytes()).context("standard output")
}
