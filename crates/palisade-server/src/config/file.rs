//! The configuration file.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, anyhow};
use toml::Table;

use super::{Config, private, suggest::with_suggestion};

/// Reads the file and sees that it is one of ours: its faults are told with line and column, never with the text that
/// stands there, which may be a secret.
pub(super) fn read(path: &Path) -> Result<Table> {
    let text = fs::read_to_string(path).with_context(|| {
        format!(
            "the configuration file {} cannot be read: check the path given with --config",
            path.display()
        )
    })?;
    let config: Config = toml::from_str(&text).map_err(|error| fault(path, &text, &error))?;
    let secrets = [("keys.master_key", &config.keys.master_key), ("mail.password", &config.mail.password)];
    for (key, _) in secrets.into_iter().filter(|(_, secret)| secret.is_some()) {
        private(path).with_context(|| format!("the configuration file holds a secret ({key})"))?;
    }
    text.parse().map_err(|error| fault(path, &text, &error))
}

fn fault(path: &Path, text: &str, error: &toml::de::Error) -> anyhow::Error {
    let message = with_suggestion(error.message());
    match error.span() {
        Some(span) => {
            let (line, column) = line_and_column(text, span.start);
            anyhow!("{}:{line}:{column}: {message}", path.display())
        }
        None => anyhow!("{}: {message}", path.display()),
    }
}

/// Both from one; a column is a character.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
