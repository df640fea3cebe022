//! The way in: hash a new password, verify one, or judge one, without holding up an async worker.

use std::{sync::Arc, time::Duration};

use palisade::{clock::SharedClock, random::SharedRandom, secret::SecretString};

use super::{
    Config, HashError, Parameters, PasswordHash, Policy, Queue, SetupError, Statistics, Unfit,
    memory::{Gauges, Memory},
    pool::{Pool, Rules},
    prepare::prepare,
    work::Work,
};

/// Hashes and verifies passwords with Argon2id on threads of its own.
///
/// Cheap to clone: clones share the threads, which end when the last is dropped. The futures may be dropped at
/// any time; a password that was still waiting is then not hashed for nobody.
#[derive(Clone, Debug)]
pub struct PasswordHasher(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pool: Pool,
    work: Arc<Work>,
    gauges: Arc<Gauges>,
}

/// What came of verifying a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// It is not the password, or there is no such account.
    No,
    /// It is the password.
    Yes,
    /// It is the password, and its hash was made with other parameters than the current ones: store this one
    /// instead, if what is stored has not changed meanwhile.
    YesRehash(PasswordHash),
}

impl PasswordHasher {
    /// Starts the hash threads. They take their memory with the first password, not before.
    ///
    /// # Errors
    ///
    /// [`SetupError`] when the configuration leaves no thread, or the system gives no thread or no randomness.
    pub fn new(config: &Config, clock: SharedClock, random: SharedRandom) -> Result<Self, SetupError> {
        let rules = Rules {
            threads: config.threads()?,
            queue_length: config.queue_length,
            longest_wait: config.longest_wait,
            keep_memory: config.keep_memory,
            // About twice what an ordinary processor takes; the first jobs correct it.
            expected: Duration::from_micros(config.all_parameters().map(Parameters::work).sum()),
        };
        let work = Arc::new(Work::new(config, random)?);
        let gauges = Arc::new(Gauges::default());
        let pool = Pool::start(rules, clock, || Memory::new(config.share_kib(), Arc::clone(&gauges)))?;
        Ok(Self(Arc::new(Inner { pool, work, gauges })))
    }

    /// Hashes a new password with the current parameters. Judge it by a [`Policy`] first.
    ///
    /// # Errors
    ///
    /// [`HashError::Busy`] at once when the wait would be too long, [`HashError::Refused`] when the text cannot be
    /// a password, and the other variants when something this needs is missing.
    pub async fn hash(&self, queue: Queue, password: SecretString) -> Result<PasswordHash, HashError> {
        let password = prepare(&password)?;
        let work = Arc::clone(&self.0.work);
        self.0.pool.run(queue, move |memory| work.hash(memory, &password)).await
    }

    /// Compares a password with what is stored for its account: `None` when there is no such account, which costs
    /// the same work and takes the same way.
    ///
    /// # Errors
    ///
    /// [`HashError::Busy`] at once when the wait would be too long, and the other variants when something this
    /// needs is missing. A text that cannot be a password is [`Verified::No`], for every account.
    pub async fn verify(
        &self,
        queue: Queue,
        password: SecretString,
        stored: Option<PasswordHash>,
    ) -> Result<Verified, HashError> {
        let Ok(password) = prepare(&password) else {
            return Ok(Verified::No);
        };
        let work = Arc::clone(&self.0.work);
        self.0.pool.run(queue, move |memory| work.verify(memory, &password, stored.as_ref())).await
    }

    /// Judges a new password by `policy`, on a hash thread: the estimate takes milliseconds, and a breached list
    /// reads from disk. `own` is what others know of the person, such as the username and the e-mail address.
    ///
    /// # Errors
    ///
    /// [`Unfit`]: why the password will not do, or that it could not be judged.
    pub async fn judge(
        &self,
        queue: Queue,
        policy: Arc<Policy>,
        password: SecretString,
        own: Vec<String>,
    ) -> Result<(), Unfit> {
        let judged = self.0.pool.run(queue, move |_| Ok(policy.judge(&password, &own))).await;
        judged.unwrap_or_else(|error| Err(Unfit::NotJudged(error)))
    }

    /// What the hasher is doing now.
    pub fn statistics(&self) -> Statistics {
        let Inner { pool, gauges, .. } = &*self.0;
        let (waiting, running) = pool.occupancy();
        Statistics {
            threads: pool.threads(),
            waiting,
            running,
            held_kib: gauges.held_kib(),
            work: gauges.work(),
            shed: pool.shed(),
        }
    }
}
