//! Configuration from the environment: `PALISADE__SECTION__KEY`, in upper case.

use std::{ffi::OsString, fmt};

use anyhow::{Context as _, Result, bail};
use palisade::secret::SecretString;
use toml::{Table, Value};

use super::{Config, suggest::with_suggestion};

const PREFIX: &str = "PALISADE__";

/// The variables that are meant for us.
pub(crate) struct Environment(Vec<(OsString, OsString)>);

impl Environment {
    /// What this process was started with.
    pub(crate) fn of_process() -> Self {
        Self::new(std::env::vars_os())
    }

    pub(crate) fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let ours = |(name, _): &(OsString, OsString)| name.to_string_lossy().starts_with(PREFIX);
        Self(variables.into_iter().filter(ours).collect())
    }

    /// Lays what is set over `table`.
    pub(super) fn lay_over(&self, table: &mut Table) -> Result<()> {
        for (name, value) in &self.0 {
            let name = name.to_string_lossy();
            let (section, key) = place(&name)?;
            let value = value.to_str().with_context(|| format!("{name} is not UTF-8"))?;
            let value = typed(&section, &key, &SecretString::new(value))
                .with_context(|| name.clone().into_owned())?;
            let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
            section.as_table_mut().context("a section is a table")?.insert(key, value);
        }
        Ok(())
    }
}

/// The section and the key a variable names.
fn place(name: &str) -> Result<(String, String)> {
    let rest = name.strip_prefix(PREFIX).unwrap_or_default().to_ascii_lowercase();
    match rest.split_once("__") {
        Some((section, key)) if !section.is_empty() && !key.is_empty() && !key.contains("__") => {
            Ok((section.to_owned(), key.to_owned()))
        }
        _ => bail!(
            "{name}: a variable for Palisade is called PALISADE__SECTION__KEY, such as PALISADE__SERVER__LISTEN"
        ),
    }
}

/// The value as text if its key takes text, else as TOML reads it: `8`, `true`, `["10.0.0.0/8"]`. A message never tells
/// the value.
fn typed(section: &str, key: &str, text: &SecretString) -> Result<Value> {
    let as_text = Value::String(text.expose().to_owned());
    let first = match fits(section, key, &as_text) {
        Ok(()) => return Ok(as_text),
        Err(error) => error,
    };
    let parsed = format!("value = {}", text.expose()).parse::<Table>().ok();
    match parsed.and_then(|mut table| table.remove("value")) {
        Some(value) if fits(section, key, &value).is_ok() => Ok(value),
        _ if first.message().starts_with("unknown ") => bail!(with_suggestion(first.message())),
        _ => bail!("the value does not fit {section}.{key}: see palisade.example.toml for what it takes"),
    }
}

fn fits(section: &str, key: &str, value: &Value) -> Result<(), toml::de::Error> {
    let table = Table::from_iter([(key.to_owned(), value.clone())]);
    let table = Table::from_iter([(section.to_owned(), Value::Table(table))]);
    table.try_into::<Config>().map(drop)
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;

    fn load(variables: &[(&str, &str)]) -> Result<Config> {
        let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        Config::load(None, &Environment::new(variables), Overrides::default())
    }

    fn error(variables: &[(&str, &str)]) -> String {
        format!("{:#}", load(variables).unwrap_err())
    }

    #[test]
    fn every_type_of_value_can_be_set() {
        let config = load(&[
            ("PALISADE__SERVER__LISTEN", "127.0.0.1:9000"),
            ("PALISADE__SERVER__BEHIND_PROXY", r#"["10.0.0.0/8"]"#),
            ("PALISADE__TOKENS__LIFETIME_SECONDS", "60"),
            ("PALISADE__ACCOUNTS__SIGNUP", "off"),
            ("PALISADE__LOG__FILTER", "7"),
            ("HOME", "/root"),
        ])
        .unwrap();
        assert_eq!(config.server.listen.port(), 9000);
        assert_eq!(config.server.behind_proxy.len(), 1);
        assert_eq!(config.tokens.lifetime_seconds, 60);
        assert_eq!(config.log.filter, "7");
    }

    #[test]
    fn an_unknown_variable_is_an_error_with_a_suggestion() {
        assert_eq!(
            error(&[("PALISADE__SERVER__LISTN", "x")]),
            "PALISADE__SERVER__LISTN: unknown key `listn`: did you mean `listen`?"
        );
        assert_eq!(
            error(&[("PALISADE__SERVR__LISTEN", "x")]),
            "PALISADE__SERVR__LISTEN: unknown key `servr`: did you mean `server`?"
        );
        assert!(error(&[("PALISADE__LISTEN", "x")]).contains("PALISADE__SECTION__KEY"));
    }

    #[test]
    fn attack_secret_in_an_error_message() {
        for name in
            ["PALISADE__SERVER__LISTEN", "PALISADE__KEYS__MASTER_KEYS", "PALISADE__TOKENS__LIFETIME_SECONDS"]
        {
            assert!(!error(&[(name, "canary-secret")]).contains("canary"), "{name}");
        }
        let config = load(&[("PALISADE__KEYS__MASTER_KEY", "canary-secret")]).unwrap();
        assert!(!format!("{config:?}{}", config.to_toml().unwrap()).contains("canary"));
    }
}
