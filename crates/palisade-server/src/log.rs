//! The log: text for a person, JSON for a machine, to standard error.

use std::{
    io::{self, IsTerminal as _},
    str::FromStr as _,
};

use anyhow::{Context as _, Result};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::config::{Log, LogFormat};

/// Where our own targets begin: `palisade`, `palisade_identity`, `palisade_store_sqlite`.
const OURS: &str = "palisade";

/// Starts logging as `log` says.
pub(crate) fn start(log: &Log) -> Result<()> {
    let registry = tracing_subscriber::registry().with(targets(&log.filter)?);
    let layer = fmt::layer().with_writer(io::stderr);
    let json = match log.format {
        LogFormat::Auto => !io::stderr().is_terminal(),
        LogFormat::Json => true,
        LogFormat::Text => false,
    };
    if json {
        registry.with(layer.json().flatten_event(true)).try_init()
    } else {
        registry.with(layer.with_ansi(io::stderr().is_terminal())).try_init()
    }
    .context("logging was started twice")
}

/// Reads a filter. What is not ours stays at `info`, whatever the filter says: below that, HTTP libraries write down the
/// bytes they read, passwords and tokens among them.
fn targets(filter: &str) -> Result<Targets> {
    let wanted = Targets::from_str(filter).context("log.filter")?;
    let default = wanted.default_level().unwrap_or(LevelFilter::OFF);
    let capped = |level: LevelFilter| level.min(LevelFilter::INFO);
    let all = Targets::new().with_default(capped(default)).with_target(OURS, default);
    Ok(all.with_targets(
        wanted
            .iter()
            .map(|(target, level)| (target, if target.starts_with(OURS) { level } else { capped(level) })),
    ))
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn attack_secrets_in_the_trace_of_an_http_library() {
        for filter in ["trace", "hyper=trace", "info,hyper::proto=trace"] {
            let targets = targets(filter).unwrap();
            assert!(!targets.would_enable("hyper::proto::h1::io", &Level::DEBUG), "{filter}");
        }
    }

    #[test]
    fn our_own_targets_say_as_much_as_is_asked() {
        let all = targets("trace").unwrap();
        assert!(all.would_enable("palisade_identity::accounts", &Level::TRACE));
        let one = targets("warn,palisade=debug").unwrap();
        assert!(one.would_enable("palisade::serve", &Level::DEBUG));
        assert!(!one.would_enable("hyper", &Level::INFO));
    }
}
