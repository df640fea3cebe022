//! The memory block of one hash thread: kept between hashes, because filling fresh pages costs as much as hashing
//! does, and given back when there is nothing to do.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroize;

use super::{HashError, Parameters, error::unavailable};

/// Address space reserved for a block at least, in KiB. The C library's allocator maps what is larger than 32 MiB
/// by itself, always, and unmaps it when it is freed; smaller blocks it soon takes from a heap that keeps them
/// for the rest of the process. What is reserved and never written takes no memory.
const RESERVED_KIB: usize = 33 * 1024;

/// What all the hash threads of a hasher count together.
#[derive(Debug, Default)]
pub(super) struct Gauges {
    held_kib: AtomicU64,
    work: AtomicU64,
    /// Held while a hash takes more than a thread's share, so that the budget is exceeded by one hash at most.
    oversized: Mutex<()>,
}

impl Gauges {
    pub(super) fn held_kib(&self) -> u64 {
        self.held_kib.load(Ordering::Relaxed)
    }

    pub(super) fn work(&self) -> u64 {
        self.work.load(Ordering::Relaxed)
    }
}

/// Computes Argon2id in memory of its own.
#[derive(Debug)]
pub(super) struct Memory {
    blocks: Vec<Block>,
    share_kib: u32,
    gauges: Arc<Gauges>,
}

impl Memory {
    /// No memory yet; hashes of up to `share_kib` will leave theirs to the next.
    pub(super) const fn new(share_kib: u32, gauges: Arc<Gauges>) -> Self {
        Self { blocks: Vec::new(), share_kib, gauges }
    }

    /// Fills `tag` with the Argon2id hash (RFC 9106) of `password`.
    pub(super) fn argon2id(
        &mut self,
        parameters: Parameters,
        password: &[u8],
        salt: &[u8],
        tag: &mut [u8],
    ) -> Result<(), HashError> {
        if parameters.memory_kib() <= self.share_kib {
            return self.compute(parameters, password, salt, tag);
        }
        let gauges = Arc::clone(&self.gauges);
        let _one_at_a_time = gauges.oversized.lock().unwrap_or_else(PoisonError::into_inner);
        let computed = self.compute(parameters, password, salt, tag);
        self.release();
        computed
    }

    fn compute(
        &mut self,
        parameters: Parameters,
        password: &[u8],
        salt: &[u8],
        tag: &mut [u8],
    ) -> Result<(), HashError> {
        let costs = Params::new(
            parameters.memory_kib(),
            parameters.iterations(),
            parameters.lanes(),
            Some(tag.len()),
        )
        .map_err(unavailable)?;
        self.hold(costs.block_count())?;
        Argon2::new(Algorithm::Argon2id, Version::V0x13, costs)
            .hash_password_into_with_memory(password, salt, tag, &mut self.blocks)
            .map_err(unavailable)?;
        self.gauges.work.fetch_add(parameters.work(), Ordering::Relaxed);
        Ok(())
    }

    /// Makes sure of at least `count` blocks of 1 KiB.
    fn hold(&mut self, count: usize) -> Result<(), HashError> {
        if self.blocks.len() >= count {
            return Ok(());
        }
        self.release();
        self.blocks.try_reserve_exact(count.max(RESERVED_KIB)).map_err(unavailable)?;
        self.blocks.resize(count, Block::new());
        self.gauges.held_kib.fetch_add(count as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Gives the memory back to the operating system, wiped.
    pub(super) fn release(&mut self) {
        let mut blocks = std::mem::take(&mut self.blocks);
        blocks.iter_mut().for_each(Zeroize::zeroize);
        let held = blocks.len() as u64;
        drop(blocks);
        self.gauges.held_kib.fetch_sub(held, Ordering::Relaxed);
    }

    pub(super) fn is_held(&self) -> bool {
        !self.blocks.is_empty()
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.release();
    }
}
