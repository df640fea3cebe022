//! What accounts ask of passwords, as a trait, so that a test need not hash for real.

use std::{fmt, pin::Pin, sync::Arc};

use palisade::secret::SecretString;

use crate::password::{HashError, PasswordHash, PasswordHasher, Policy, Queue, Unfit, Verified};

/// What hashing answers, later.
pub type HashFuture<'h, T, E = HashError> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'h>>;

/// Judges, hashes and checks passwords.
pub trait PasswordHashing: fmt::Debug + Send + Sync + 'static {
    /// Judges a new password; `own` is what others know of the person.
    fn judge(&self, queue: Queue, password: SecretString, own: Vec<String>) -> HashFuture<'_, (), Unfit>;

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

/// The hasher and the policy new passwords are judged by.
#[derive(Clone, Debug)]
pub struct Passwords {
    hasher: PasswordHasher,
    policy: Arc<Policy>,
}

impl Passwords {
    /// Hashes by `hasher`, and takes what `policy` takes.
    pub fn new(hasher: PasswordHasher, policy: Policy) -> Self {
        Self { hasher, policy: Arc::new(policy) }
    }
}

impl PasswordHashing for Passwords {
    fn judge(&self, queue: Queue, password: SecretString, own: Vec<String>) -> HashFuture<'_, (), Unfit> {
        Box::pin(self.hasher.judge(queue, Arc::clone(&self.policy), password, own))
    }

    fn hash(&self, queue: Queue, password: SecretString) -> HashFuture<'_, PasswordHash> {
        Box::pin(self.hasher.hash(queue, password))
    }

    fn verify(
        &self,
        queue: Queue,
        password: SecretString,
        stored: Option<PasswordHash>,
    ) -> HashFuture<'_, Verified> {
        Box::pin(self.hasher.verify(queue, password, stored))
    }
}
