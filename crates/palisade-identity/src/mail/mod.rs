//! Mail: what is written, the box it waits in, and who takes it away.
//!
//! [`Proofs`](crate::proofs::Proofs) puts a letter into the [`Outbox`], which nobody who asked waits for; the outbox
//! writes it (that may need the store), and hands the [`Message`] to a [`MailSender`] until it is taken.

mod message;
mod outbox;
mod sender;
mod texts;

pub(crate) use self::texts::Texts;
pub use self::{
    message::Message,
    outbox::{Full, Outbox},
    sender::{MailError, MailSender, Sending},
};
