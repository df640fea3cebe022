//! How many passwords may be hashed at once, and how long one may wait.

use std::{io, time::Duration};

use super::Parameters;

/// The settings of a [`PasswordHasher`](super::PasswordHasher).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// What a new hash costs. By default 19 MiB and two passes.
    pub parameters: Parameters,
    /// Other parameters that stored hashes may still have. While they are listed, every verification computes a
    /// hash by each of them as well, so that accounts not yet hashed anew cannot be told from those that do not
    /// exist. By default none: hashes that were cheaper are then padded to the same work, which takes nearly the
    /// same time. Hashes dearer than `parameters` should be listed.
    pub former: Vec<Parameters>,
    /// Memory for all hashes computed at once, in KiB; with the processor's cores it decides how many threads
    /// there are. By default 256 MiB.
    pub memory_budget_kib: u64,
    /// The most threads, whatever the cores and the budget allow. By default no limit.
    pub most_threads: Option<usize>,
    /// How many may wait in each queue while no thread is free. By default 1024.
    pub queue_length: usize,
    /// How long one may wait for its turn. By default three seconds: who waits longer is refused on arrival.
    pub longest_wait: Duration,
    /// How long a thread without work keeps its memory. By default ten seconds.
    pub keep_memory: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            parameters: Parameters::default(),
            former: Vec::new(),
            memory_budget_kib: 256 * 1024,
            most_threads: None,
            queue_length: 1024,
            longest_wait: Duration::from_secs(3),
            keep_memory: Duration::from_secs(10),
        }
    }
}

impl Config {
    pub(super) fn all_parameters(&self) -> impl Iterator<Item = &Parameters> {
        self.former.iter().chain([&self.parameters])
    }

    /// The memory one thread needs, in KiB.
    pub(super) fn share_kib(&self) -> u32 {
        self.all_parameters().map(Parameters::memory_kib).max().unwrap_or_default()
    }

    /// One thread for each core that has a share of the budget.
    pub(super) fn threads(&self) -> Result<usize, SetupError> {
        let share = u64::from(self.share_kib());
        let affordable = usize::try_from(self.memory_budget_kib / share).unwrap_or(usize::MAX);
        if affordable == 0 || self.most_threads == Some(0) {
            return Err(SetupError::NoThread { needed_kib: share });
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(cores.min(affordable).min(self.most_threads.unwrap_or(usize::MAX)))
    }
}

/// A hasher that cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The settings leave no thread to hash with.
    #[error(
        "one password hash needs {needed_kib} KiB and one thread; the memory budget or the threads are fewer"
    )]
    NoThread {
        /// What one hash takes, in KiB.
        needed_kib: u64,
    },
    /// The operating system started no thread.
    #[error("no thread for hashing passwords: {0}")]
    Threads(#[from] io::Error),
    /// The source of randomness did not answer.
    #[error(transparent)]
    Random(#[from] palisade::random::RandomUnavailable),
}

/// What a [`PasswordHasher`](super::PasswordHasher) is doing, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Threads that hash.
    pub threads: usize,
    /// Passwords waiting for their turn, in both queues.
    pub waiting: usize,
    /// Passwords being hashed now.
    pub running: usize,
    /// Memory held for hashing, in KiB.
    pub held_kib: u64,
    /// Work done since the start, in [`Parameters::work`] units.
    pub work: u64,
    /// How many were refused because too many were waiting.
    pub shed: u64,
}
