//! `palisade routes` and `palisade openapi`: what the server is, without starting it.

use anyhow::Result;

use super::say;
use crate::app;

pub(super) fn table(json: bool) -> Result<()> {
    let (table, _) = app::routes().describe()?;
    if json { say(serde_json::to_string_pretty(&table)?) } else { say(table.to_string().trim_end()) }
}

pub(super) fn openapi() -> Result<()> {
    let (_, document) = app::routes().describe()?;
    say(document.to_pretty())
}
