//! The server's configuration: what can be set, what it is unless set, and where it comes from.
//!
//! Three layers, the later over the earlier: a TOML file, `PALISADE__SECTION__KEY` in the environment, the command line.
//! What nobody knows is an error in each of them. A secret is never shown again, neither here nor in a message.

mod check;
mod environment;
mod file;
mod mail;
mod secret_file;
mod suggest;

use std::{net::SocketAddr, path::PathBuf};

use anyhow::{Context as _, Result};
use ipnet::IpNet;
use palisade::secret::SecretString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) use self::{
    environment::Environment,
    mail::{Mail, MailTls},
    secret_file::private,
    suggest::nearest,
};

/// Everything that can be set.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) server: Server,
    pub(crate) accounts: Accounts,
    pub(crate) tokens: Tokens,
    pub(crate) sessions: Sessions,
    pub(crate) keys: Keys,
    pub(crate) passwords: Passwords,
    pub(crate) limits: Limits,
    pub(crate) mail: Mail,
    pub(crate) log: Log,
}

/// Where the server listens, and what it takes from the network.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Server {
    pub(crate) listen: SocketAddr,
    pub(crate) data: PathBuf,
    pub(crate) issuer: Option<String>,
    pub(crate) hosts: Vec<String>,
    pub(crate) behind_proxy: Vec<IpNet>,
    pub(crate) forwarded_header: ForwardedHeader,
    pub(crate) connections: usize,
    pub(crate) header_bytes: usize,
    pub(crate) body_bytes: usize,
    pub(crate) header_seconds: u64,
    pub(crate) request_seconds: u64,
    pub(crate) shutdown_seconds: u64,
    pub(crate) development: bool,
}

/// The header trusted proxies write.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ForwardedHeader {
    XForwardedFor,
    Forwarded,
}

/// Accounts.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Accounts {
    pub(crate) signup: SignUp,
}

/// Whether anybody may make an account.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SignUp {
    Open,
    Off,
}

/// Access tokens.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Tokens {
    pub(crate) lifetime_seconds: u64,
    pub(crate) cached: usize,
}

/// Browser sessions.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sessions {
    pub(crate) idle_minutes: u64,
    pub(crate) absolute_days: u64,
    pub(crate) per_account: u32,
    pub(crate) cached: usize,
}

/// The master key, which seals the signing keys in the database.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Keys {
    #[serde(deserialize_with = "secret", serialize_with = "hidden", skip_serializing_if = "Option::is_none")]
    pub(crate) master_key: Option<SecretString>,
    pub(crate) master_key_file: Option<PathBuf>,
}

/// What a password must be and what a hash costs.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Passwords {
    pub(crate) memory_kib: u32,
    pub(crate) iterations: u32,
    pub(crate) lanes: u32,
    pub(crate) former: Vec<palisade_identity::password::Parameters>,
    pub(crate) memory_budget_mib: u64,
    pub(crate) threads: Option<usize>,
    pub(crate) queue_length: usize,
    pub(crate) longest_wait_seconds: u64,
    pub(crate) minimum_characters: usize,
    pub(crate) minimum_score: u8,
    pub(crate) breached_list: Option<PathBuf>,
}

/// How often one address may try.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    pub(crate) sign_in_burst: u32,
    pub(crate) sign_in_per_minute: u32,
    pub(crate) sign_up_burst: u32,
    pub(crate) sign_up_per_minute: u32,
    pub(crate) addresses: usize,
}

/// The log, which goes to standard error.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) format: LogFormat,
    pub(crate) filter: String,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Auto,
    Text,
    Json,
}

/// What the command line says over file and environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) data: Option<PathBuf>,
    pub(crate) issuer: Option<String>,
    pub(crate) behind_proxy: Vec<IpNet>,
    pub(crate) development: bool,
}

impl Config {
    /// Puts the layers over each other and checks the whole.
    pub(crate) fn load(
        file: Option<&std::path::Path>,
        environment: &Environment,
        overrides: Overrides,
    ) -> Result<Self> {
        let mut table = match file {
            Some(path) => file::read(path)?,
            None => toml::Table::new(),
        };
        environment.lay_over(&mut table)?;
        let mut config: Self = table.try_into().context("file and environment do not fit together")?;
        config.server.listen = overrides.listen.unwrap_or(config.server.listen);
        config.server.data = overrides.data.unwrap_or(config.server.data);
        config.server.issuer = overrides.issuer.or(config.server.issuer);
        if !overrides.behind_proxy.is_empty() {
            config.server.behind_proxy = overrides.behind_proxy;
        }
        config.server.development |= overrides.development;
        config.check()?;
        Ok(config)
    }

    /// The address people use, of a server that listens on `address`.
    pub(crate) fn issuer(&self, address: SocketAddr) -> String {
        self.server.issuer.clone().unwrap_or_else(|| format!("http://{address}"))
    }

    /// The whole, as a file would say it; a secret reads `(secret)`.
    pub(crate) fn to_toml(&self) -> Result<String> {
        toml::to_string(self).context("the configuration cannot be written as TOML")
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8000)),
            data: "./palisade-data".into(),
            issuer: None,
            hosts: Vec::new(),
            behind_proxy: Vec::new(),
            forwarded_header: ForwardedHeader::XForwardedFor,
            connections: 1024,
            header_bytes: 16 * 1024,
            body_bytes: 1024 * 1024,
            header_seconds: 10,
            request_seconds: 30,
            shutdown_seconds: 10,
            development: false,
        }
    }
}

impl Default for Accounts {
    fn default() -> Self {
        Self { signup: SignUp::Open }
    }
}

impl Default for Tokens {
    fn default() -> Self {
        Self { lifetime_seconds: 900, cached: 16_384 }
    }
}

impl Default for Sessions {
    fn default() -> Self {
        let settings = palisade_identity::sessions::SessionSettings::default();
        Self {
            idle_minutes: settings.idle.as_secs() / 60,
            absolute_days: settings.absolute.as_secs() / (24 * 60 * 60),
            per_account: settings.per_account,
            cached: settings.kept,
        }
    }
}

impl Default for Passwords {
    fn default() -> Self {
        let (hashing, policy) =
            (palisade_identity::password::Config::default(), palisade_identity::password::Policy::default());
        Self {
            memory_kib: hashing.parameters.memory_kib(),
            iterations: hashing.parameters.iterations(),
            lanes: hashing.parameters.lanes(),
            former: hashing.former,
            memory_budget_mib: hashing.memory_budget_kib / 1024,
            threads: hashing.most_threads,
            queue_length: hashing.queue_length,
            longest_wait_seconds: hashing.longest_wait.as_secs(),
            minimum_characters: policy.minimum_characters,
            minimum_score: policy.minimum_score,
            breached_list: None,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let allowance = palisade_identity::limits::Allowance::default();
        Self {
            sign_in_burst: allowance.burst,
            sign_in_per_minute: 60,
            sign_up_burst: allowance.burst,
            sign_up_per_minute: 60,
            addresses: allowance.addresses,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Auto, filter: "info".into() }
    }
}

/// Reads a secret; what is wrong with it is told without saying what it is.
fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    match String::deserialize(deserializer) {
        Ok(text) => Ok(Some(SecretString::new(text))),
        Err(_) => Err(serde::de::Error::custom("a secret is text in quotes")),
    }
}

fn hidden<S: Serializer>(_: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("(secret)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_says_what_the_defaults_are() {
        let example: Config = toml::from_str(include_str!("../../../../palisade.example.toml")).unwrap();
        let defaults = Config::default();
        assert_eq!(example.to_toml().unwrap(), defaults.to_toml().unwrap());
        defaults.check().unwrap();
    }

    #[test]
    fn the_example_names_every_key() {
        let example = include_str!("../../../../palisade.example.toml").replace("\n# ", "\n");
        let keys = [
            "issuer",
            "master_key",
            "master_key_file",
            "threads",
            "breached_list",
            "host",
            "port",
            "username",
            "password",
            "password_file",
            "from",
        ];
        for key in keys {
            assert!(
                example.contains(&format!("\n{key} = ")),
                "{key} has no default, so it is there as a comment"
            );
        }
    }
}
