//! A message that is ready to be sent.

use std::fmt;

use palisade::secret::SecretString;

use crate::email::Email;

/// A plain-text message. Its subject is fixed text and its recipient a checked address, so nothing that anybody typed
/// gets into a header. `Debug` prints neither recipient nor text: a link in it is a secret.
#[derive(Clone)]
pub struct Message {
    to: Email,
    subject: &'static str,
    text: SecretString,
}

impl Message {
    /// A message to `to`; lines of `text` end with `\n`.
    pub(super) fn new(to: Email, subject: &'static str, text: String) -> Self {
        Self { to, subject, text: text.into() }
    }

    /// Who gets it.
    pub fn to(&self) -> &Email {
        &self.to
    }

    /// What it is about: fixed ASCII text of one line.
    pub fn subject(&self) -> &'static str {
        self.subject
    }

    /// What it says; lines end with `\n`.
    pub fn text(&self) -> &SecretString {
        &self.text
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("subject", &self.subject).finish_non_exhaustive()
    }
}
