//! Who takes messages away.

use std::{fmt, pin::Pin};

use super::Message;

/// What sending comes to, later.
pub type Sending<'s> = Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 's>>;

/// Hands messages to whoever delivers them: a mail server, or a test.
pub trait MailSender: fmt::Debug + Send + Sync + 'static {
    /// Hands `message` over. It may take as long as the sender's own deadline allows.
    ///
    /// # Errors
    ///
    /// [`MailError`]; its text is for the log, and names neither an address nor anything of the message.
    fn send(&self, message: Message) -> Sending<'_>;
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MailError {
    /// It never will be: the recipient does not exist, or the server does not know us. Trying again is of no use.
    #[error("the message was refused: {0}")]
    Refused(String),
    /// It was not now: the server does not answer, or is busy.
    #[error("the mail server is unavailable: {0}")]
    Unavailable(String),
}
