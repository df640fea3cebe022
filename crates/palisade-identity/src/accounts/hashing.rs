//! What accounts ask of passwords, as a trait, so that a test need not hash for real.

use std::{fmt, pin::Pin};

use palisade::secret::SecretString;

use crate::password::{HashError, PasswordHash, Queue, Verified};

/// What hashing answers, later.
pub type HashFuture<'h, T> = Pin<Box<dyn Future<Output = Result<T, HashError>> + Send + 'h>>;

/// Hashes and checks passwords.
pub trait PasswordHashing: fmt::Debug + Send + Sync + 'static {
    /// Hashes a new password.
    fn hash(&self, queue: Queue, password: SecretString) -> HashFuture<'_, PasswordHash>;

    /// Checks a password against the stored hash; without one, which is when there is no such account, it costs
    /// the same and the answer is [`Verified::No`].
    fn verify(
        &self,
        queue: Queue,
        password: SecretString,
        stored: Option<PasswordHash>,
    ) -> HashFuture<'_, Verified>;
}
