//! Passwords: the hash that is kept, and what hashing and checking can answer.

use std::{fmt, str::FromStr, time::Duration};

/// A password's hash as a PHC string; only this type reaches a store, and `Debug` prints its name alone.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

/// A stored hash that is none, or none that this server accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an Argon2id hash in PHC string format")]
pub struct MalformedHash;

impl FromStr for PasswordHash {
    type Err = MalformedHash;

    fn from_str(phc: &str) -> Result<Self, MalformedHash> {
        if phc.starts_with("$argon2id$v=19$") { Ok(Self(phc.to_owned())) } else { Err(MalformedHash) }
    }
}

impl PasswordHash {
    /// The PHC string.
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash")
    }
}

/// Which of the two lines a hash waits in; neither can starve the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// Callers who prove a password they have.
    SignIn,
    /// Callers who set a new one.
    SignUp,
}

/// What checking a password found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// It is not the password, or there is no such account.
    No,
    /// It is.
    Yes,
    /// It is, and this hash by today's parameters is to replace the stored one.
    YesRehash(PasswordHash),
}

/// Why a password was not hashed or checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// The line is full.
    #[error("too many passwords are waiting to be checked")]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// Hashing is shut down or its memory could not be had.
    #[error("passwords cannot be checked now")]
    Unavailable,
}
