//! `palisade config`.

use anyhow::Result;

use super::say;
use crate::config::Config;

/// The configuration was read and checked before this; what is left is to show what it comes to.
pub(super) fn check(config: &Config) -> Result<()> {
    say(config.to_toml()?.trim_end())
}
