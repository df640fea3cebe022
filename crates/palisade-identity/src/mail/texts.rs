//! What the messages say. Links are made of the issuer's address, never of a request's `Host`.

use palisade::secret::SecretString;

use super::Message;
use crate::{email::Email, proofs::ProofToken, username::Username};

/// Writes messages in the name of one server.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    issuer: String,
}

impl Texts {
    /// For the server people know as `issuer`, without a slash at the end.
    pub(crate) fn new(issuer: &str) -> Self {
        Self { issuer: issuer.trim_end_matches('/').to_owned() }
    }

    /// Where an address is proven.
    pub(crate) fn verify_link(&self, token: &ProofToken) -> SecretString {
        self.link("verify-email", token)
    }

    /// Where another password is set.
    pub(crate) fn reset_link(&self, token: &ProofToken) -> SecretString {
        self.link("reset-password", token)
    }

    fn link(&self, page: &str, token: &ProofToken) -> SecretString {
        SecretString::new(format!("{}/{page}?token={}", self.issuer, token.text().expose()))
    }

    /// To whoever is said to own the address of an account.
    pub(crate) fn verify(&self, to: Email, username: &Username, token: &ProofToken) -> Message {
        let text = format!(
            "Somebody, probably you, gave this address for {} at\n{}\n\n\
             If it was you, open this page and confirm that the address is yours:\n\n{}\n\n\
             The link is good for 24 hours, and once. If it was not you, do nothing.\n",
            shown(username),
            self.issuer,
            self.verify_link(token).expose(),
        );
        Message::new(to, "Confirm your e-mail address", text)
    }

    /// To the address an account asked to have in place of its own.
    pub(crate) fn change(&self, to: Email, username: &Username, token: &ProofToken) -> Message {
        let text = format!(
            "Somebody, probably you, asked for this to be the address of {} at\n{}\n\n\
             If it was you, open this page and confirm it:\n\n{}\n\n\
             The link is good for 24 hours, and once; until then nothing changes. If it was not you, do nothing.\n",
            shown(username),
            self.issuer,
            self.verify_link(token).expose(),
        );
        Message::new(to, "Confirm your new e-mail address", text)
    }

    /// To the owner of a proven address, which somebody gave for another account.
    pub(crate) fn address_known(&self, to: Email, owner: &Username) -> Message {
        let text = format!(
            "Somebody, probably you, gave this address for another account at\n{0}\n\n\
             It is the address of {1} already, and an address belongs to one account. If you have forgotten your\n\
             password, set another one here:\n\n{0}/forgot-password\n\nIf it was not you, do nothing.\n",
            self.issuer,
            shown(owner),
        );
        Message::new(to, "You have an account already", text)
    }

    /// To the proven address of an account, for which somebody asked.
    pub(crate) fn reset(&self, to: Email, username: &Username, token: &ProofToken) -> Message {
        let text = format!(
            "Somebody, probably you, has forgotten the password of {} at\n{}\n\n\
             If it was you, set another one here:\n\n{}\n\n\
             The link is good for 30 minutes, and once. If it was not you, do nothing: the password stays as it is.\n",
            shown(username),
            self.issuer,
            self.reset_link(token).expose(),
        );
        Message::new(to, "Set another password", text)
    }

    /// To the address an account had until now.
    pub(crate) fn address_changed(&self, to: Email, username: &Username) -> Message {
        let text = format!(
            "This is not the address of {} at\n{}\nany more: another one was given in its place.\n\n\
             If it was not you, tell whoever runs the server at once.\n",
            shown(username),
            self.issuer,
        );
        Message::new(to, "Your e-mail address was changed", text)
    }

    /// To the proven address of an account whose password was set by a link.
    pub(crate) fn password_reset(&self, to: Email, username: &Username) -> Message {
        let text = format!(
            "The password of {} at\n{}\nwas set anew by a link, and everything that was signed in has been signed out.\n\n\
             If it was not you, tell whoever runs the server at once.\n",
            shown(username),
            self.issuer,
        );
        Message::new(to, "Your password was set anew", text)
    }
}

/// A name as a message may show it. Whoever signs up chooses it, and may give somebody else's address: a name that a mail
/// program would make a link of, or that pretends to be text of ours, is left out.
fn shown(username: &Username) -> String {
    let name = username.as_str();
    let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    if name.chars().all(plain) { format!("the account \"{name}\"") } else { "an account".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_link_in_a_username() {
        for name in ["https://evil.example/x", "evil.example", "eve@evil.example", "\"at\"", "a'b"] {
            assert_eq!(shown(&name.parse().unwrap()), "an account", "{name}");
        }
        assert_eq!(shown(&"ada_l-1".parse().unwrap()), "the account \"ada_l-1\"");
        assert_eq!(shown(&"żółć".parse().unwrap()), "the account \"żółć\"");
    }

    #[test]
    fn a_slash_at_the_issuers_end_is_not_doubled() {
        let texts = Texts::new("https://id.example.org/");
        let message = texts.address_known("a@b.example".parse().unwrap(), &"ada".parse().unwrap());
        assert!(message.text().expose().contains("https://id.example.org/forgot-password\n"));
    }
}
