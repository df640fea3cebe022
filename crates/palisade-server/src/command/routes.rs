//! `palisade routes` and `palisade openapi`: what the server is, without starting it.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use palisade::{
    AccessTable,
    lock::{Lock, LockFileError},
};

use super::say;
use crate::{app, cli::Routes};

pub(super) fn run(options: &Routes) -> Result<()> {
    let (table, _) = app::routes().describe()?;
    match options {
        Routes { lock: Some(path), update: true, .. } => Ok(Lock::of(&table).write(path)?),
        Routes { lock: Some(path), .. } => compare(&table, path),
        Routes { html: Some(Some(path)), .. } => {
            std::fs::write(path, page(&table)).with_context(|| path.display().to_string())
        }
        Routes { html: Some(None), .. } => say(page(&table).trim_end()),
        Routes { json: true, .. } => say(serde_json::to_string_pretty(&table)?),
        Routes { .. } => say(table.to_string().trim_end()),
    }
}

fn page(table: &AccessTable) -> String {
    table.to_html(app::TITLE_OF_ROUTES)
}

/// What changed goes to standard output, and that something did is the failure.
fn compare(table: &AccessTable, path: &Path) -> Result<()> {
    let update = format!("`palisade routes --lock {} --update` writes it", path.display());
    match Lock::of(table).differs_from(path) {
        Ok(None) => Ok(()),
        Ok(Some(differs)) => {
            say(&differs)?;
            bail!("the access lock is not up to date; if that is meant, {update}")
        }
        Err(error @ LockFileError::Missing(_)) => bail!("{error}; {update}"),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn openapi() -> Result<()> {
    let (_, document) = app::routes().describe()?;
    say(document.to_pretty())
}
