//! The mail server that messages are handed to.

use std::{fs, net::IpAddr, path::PathBuf};

use anyhow::{Context as _, Result, ensure};
use palisade::secret::SecretString;
use palisade_identity::email::Email;
use serde::{Deserialize, Serialize};

use super::{hidden, private, secret};

/// Where mail goes out; without a host none does.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Mail {
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) tls: MailTls,
    pub(crate) username: Option<String>,
    #[serde(deserialize_with = "secret", serialize_with = "hidden", skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<SecretString>,
    pub(crate) password_file: Option<PathBuf>,
    pub(crate) from: Option<Email>,
    pub(crate) timeout_seconds: u64,
}

/// How the connection is protected.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MailTls {
    /// From its beginning.
    Required,
    /// After a first exchange in clear; without it nothing is sent.
    Starttls,
    /// Not at all: only on this machine.
    None,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            host: None,
            port: None,
            tls: MailTls::Required,
            username: None,
            password: None,
            password_file: None,
            from: None,
            timeout_seconds: 20,
        }
    }
}

impl Mail {
    pub(super) fn check(&self) -> Result<()> {
        let Some(host) = &self.host else {
            let nothing = self.username.is_none()
                && self.password.is_none()
                && self.password_file.is_none()
                && self.from.is_none();
            ensure!(nothing, "mail.host is missing: name the mail server, or take the rest of [mail] away");
            return Ok(());
        };
        ensure!(
            self.from.is_some(),
            "mail.from is missing: set the address that mail comes from, such as from = \"no-reply@example.org\""
        );
        ensure!(
            self.tls != MailTls::None || is_this_machine(host),
            "mail.tls = \"none\" is for a mail server on this machine: {host} is another one, and links and the password \
             would cross the network in clear. Set it to \"required\" or \"starttls\""
        );
        ensure!(
            self.password.is_none() || self.password_file.is_none(),
            "mail.password and mail.password_file are both set: keep one"
        );
        let password = self.password.is_some() || self.password_file.is_some();
        ensure!(
            self.username.is_some() == password,
            "mail.username and mail.password go together: set both, or neither"
        );
        ensure!((1..=300).contains(&self.timeout_seconds), "mail.timeout_seconds is 1 to 300");
        Ok(())
    }

    /// The password, from wherever it is.
    pub(crate) fn password(&self) -> Result<Option<SecretString>> {
        let Some(path) = &self.password_file else { return Ok(self.password.clone()) };
        private(path).context("mail.password_file")?;
        let text = fs::read_to_string(path).context("mail.password_file")?;
        Ok(Some(SecretString::new(text.trim_end_matches(['\r', '\n']))))
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(change: impl FnOnce(&mut Mail)) -> String {
        let from = Some("no-reply@example.org".parse().unwrap());
        let mut mail = Mail { host: Some("smtp.example.org".into()), from, ..Mail::default() };
        mail.check().unwrap();
        change(&mut mail);
        mail.check().unwrap_err().to_string()
    }

    #[test]
    fn what_does_not_go_together_is_told_with_what_to_do() {
        assert!(error(|mail| mail.host = None).starts_with("mail.host is missing: name the mail server"));
        assert!(error(|mail| mail.from = None).contains("from = \"no-reply@example.org\""));
        assert!(error(|mail| mail.username = Some("x".into())).contains("set both, or neither"));
        assert!(error(|mail| mail.password = Some("x".to_owned().into())).contains("set both, or neither"));
        assert!(error(|mail| mail.timeout_seconds = 0).contains("1 to 300"));
    }

    #[test]
    fn attack_links_and_the_password_in_clear_across_the_network() {
        assert!(error(|mail| mail.tls = MailTls::None).contains("\"required\" or \"starttls\""));
        let from = Some("no-reply@example.org".parse().unwrap());
        for host in ["localhost", "127.0.0.1", "::1"] {
            let mail =
                Mail { host: Some(host.into()), tls: MailTls::None, from: from.clone(), ..Mail::default() };
            mail.check().unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn attack_a_password_file_that_others_can_read() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        fs::write(&path, "canary\n").unwrap();
        let mail = Mail { password_file: Some(path.clone()), ..Mail::default() };
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(!format!("{:#}", mail.password().unwrap_err()).contains("canary"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(mail.password().unwrap().unwrap().expose(), "canary");
    }
}
