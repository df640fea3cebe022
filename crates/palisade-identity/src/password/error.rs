//! Why a password was not hashed or not verified.

use std::{fmt::Display, time::Duration};

use super::Refused;

/// Hashing or verifying did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// Too many are waiting; the caller did nothing wrong and may try again.
    #[error("too many passwords are being hashed; try again in {retry_after:?}")]
    Busy {
        /// When there will probably be room.
        retry_after: Duration,
    },
    /// The text cannot be a password. Only [`hash`](super::PasswordHasher::hash) says so: to verify such a text
    /// is simply to find that it is not the password.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// There was no randomness, no memory, or the hash thread failed; the log says which. The next password is
    /// not affected.
    #[error("passwords cannot be hashed now")]
    Unavailable,
}

/// What the caller is told of a `cause` that only the log names.
pub(super) fn unavailable(cause: impl Display) -> HashError {
    tracing::error!(%cause, "a password was not hashed");
    HashError::Unavailable
}
