//! What no type can say: values that do not go together, or go too far.

use std::{str::FromStr as _, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use palisade_identity::{password::Parameters, sessions::SessionSettings};

use super::Config;

/// The longest lifetime of an access token: a day.
const LONGEST_TOKEN: u64 = 24 * 60 * 60;

impl Config {
    pub(super) fn check(&self) -> Result<()> {
        self.check_listen()?;
        self.check_issuer()?;
        self.check_bounds()?;
        self.parameters()?;
        self.mail.check()?;
        tracing_subscriber::filter::Targets::from_str(&self.log.filter)
            .context("log.filter: write it as `info`, or as `info,palisade=debug`")?;
        Ok(())
    }

    fn check_listen(&self) -> Result<()> {
        let server = &self.server;
        if !server.listen.ip().is_loopback() && server.behind_proxy.is_empty() {
            bail!(
                "{} can be reached from other machines, and this server does not speak TLS yet: passwords and tokens \
                 would cross the network in clear. Listen on 127.0.0.1, or put a proxy with TLS in front and name the \
                 network it connects from with --behind-proxy CIDR (such as --behind-proxy 10.0.0.0/8)",
                server.listen
            );
        }
        ensure!(
            !server.development || (server.listen.ip().is_loopback() && server.behind_proxy.is_empty()),
            "development mode tells whoever is refused why: it is for this machine alone. Take away server.development \
             (--development), or listen on 127.0.0.1 without server.behind_proxy (--behind-proxy)"
        );
        Ok(())
    }

    fn check_issuer(&self) -> Result<()> {
        let Some(issuer) = &self.server.issuer else {
            ensure!(
                self.server.listen.ip().is_loopback(),
                "server.issuer is needed when the server listens on {}: set it to the address people use, such as \
                 issuer = \"https://id.example.org\"",
                self.server.listen
            );
            return Ok(());
        };
        let uri = http::Uri::from_str(issuer).ok().filter(|uri| {
            matches!(uri.scheme_str(), Some("https" | "http"))
                && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
                && uri.query().is_none()
        });
        ensure!(
            uri.is_some() && !issuer.ends_with('/'),
            "server.issuer is an address such as https://id.example.org, without a slash at its end, a query or a user"
        );
        Ok(())
    }

    fn check_bounds(&self) -> Result<()> {
        let (server, limits) = (&self.server, &self.limits);
        let at_least_one = [
            ("server.connections", server.connections as u64),
            ("server.header_seconds", server.header_seconds),
            ("server.request_seconds", server.request_seconds),
            ("limits.sign_in_burst", limits.sign_in_burst.into()),
            ("limits.sign_in_per_minute", limits.sign_in_per_minute.into()),
            ("limits.sign_up_burst", limits.sign_up_burst.into()),
            ("limits.sign_up_per_minute", limits.sign_up_per_minute.into()),
            ("limits.addresses", limits.addresses as u64),
            ("passwords.queue_length", self.passwords.queue_length as u64),
        ];
        for (key, value) in at_least_one {
            ensure!(value > 0, "{key} is at least 1");
        }
        // The parser needs some room, and whatever is allowed is held in memory by every connection.
        ensure!((8192..=1_048_576).contains(&server.header_bytes), "server.header_bytes is 8192 to 1048576");
        ensure!(server.body_bytes <= 64 * 1024 * 1024, "server.body_bytes is at most 67108864 (64 MiB)");
        ensure!(
            (1..=LONGEST_TOKEN).contains(&self.tokens.lifetime_seconds),
            "tokens.lifetime_seconds is 1 to {LONGEST_TOKEN} (a day)"
        );
        // About a kilobyte each.
        ensure!(
            self.tokens.cached <= 1_048_576,
            "tokens.cached is at most 1048576; 0 verifies each token anew"
        );
        self.check_sessions()?;
        ensure!(self.passwords.minimum_score <= 4, "passwords.minimum_score is 0 to 4");
        ensure!(
            self.keys.master_key.is_none() || self.keys.master_key_file.is_none(),
            "keys.master_key and keys.master_key_file are both set: keep one"
        );
        Ok(())
    }

    fn check_sessions(&self) -> Result<()> {
        let sessions = &self.sessions;
        // It is noted to a minute when a session was last used. The longest is a year, as browsers keep no cookie longer.
        ensure!(
            (5..=365 * 24 * 60).contains(&sessions.idle_minutes),
            "sessions.idle_minutes is 5 to 525600 (a year)"
        );
        ensure!((1..=365).contains(&sessions.absolute_days), "sessions.absolute_days is 1 to 365");
        ensure!((1..=1000).contains(&sessions.per_account), "sessions.per_account is 1 to 1000");
        ensure!((1..=1_048_576).contains(&sessions.cached), "sessions.cached is 1 to 1048576");
        Ok(())
    }

    /// What a password hash costs.
    pub(crate) fn parameters(&self) -> Result<Parameters> {
        let passwords = &self.passwords;
        Parameters::new(passwords.memory_kib, passwords.iterations, passwords.lanes)
            .context("passwords.memory_kib, passwords.iterations and passwords.lanes")
    }

    /// How long browser sessions last, and how many there are.
    pub(crate) fn sessions(&self) -> SessionSettings {
        let sessions = &self.sessions;
        SessionSettings {
            idle: Duration::from_mins(sessions.idle_minutes),
            absolute: Duration::from_hours(24 * sessions.absolute_days),
            per_account: sessions.per_account,
            kept: sessions.cached,
        }
    }

    /// How long an access token is valid.
    pub(crate) fn token_lifetime(&self) -> Duration {
        Duration::from_secs(self.tokens.lifetime_seconds)
    }
}
