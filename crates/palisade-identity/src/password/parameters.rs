//! How expensive a hash is, within bounds: neither too cheap to protect, nor so dear that it harms the server.

use serde::{Deserialize, Serialize};

/// The most memory one hash may take, in KiB.
const MOST_MEMORY_KIB: u32 = 256 * 1024;
/// The most passes over the memory.
const MOST_ITERATIONS: u32 = 64;
/// The most lanes.
const MOST_LANES: u32 = 16;
/// The most work one hash may be: KiB filled, over all passes. About two seconds of one core.
const MOST_WORK: u64 = 2 * 1024 * 1024;

/// The least memory that the OWASP Password Storage Cheat Sheet gives for Argon2id (with five passes).
const RECOMMENDED_MEMORY_KIB: u32 = 7168;
/// The least work of its equivalent settings.
const RECOMMENDED_WORK: u64 = 5 * RECOMMENDED_MEMORY_KIB as u64;

/// The cost parameters of Argon2id (RFC 9106, section 3.1).
///
/// The default is 19 MiB, two passes, one lane: the first choice of the OWASP Password Storage Cheat Sheet for
/// servers. Deserialising goes through [`Parameters::new`], so a configuration file cannot weaken them below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Parameters {
    memory_kib: u32,
    iterations: u32,
    lanes: u32,
}

/// Parameters as a configuration file writes them: unchecked, and each may be left out.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    memory_kib: u32,
    iterations: u32,
    lanes: u32,
}

/// These cost parameters are not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParametersOutOfBounds {
    /// More than one hash may cost, or not possible for Argon2.
    #[error(
        "Argon2id takes 1 to {MOST_ITERATIONS} iterations, 1 to {MOST_LANES} lanes, and 8 KiB per lane to \
         {MOST_MEMORY_KIB} KiB of memory, with memory_kib * iterations at most {MOST_WORK}"
    )]
    Impossible,
    /// Possible, but cheaper than is safe today.
    #[error(
        "too cheap: take at least {RECOMMENDED_MEMORY_KIB} KiB of memory, and memory_kib * iterations of at \
         least {RECOMMENDED_WORK} (19456 with 2 iterations is a good choice)"
    )]
    TooCheap,
}

impl Parameters {
    /// Takes parameters that are safe to hash new passwords with.
    ///
    /// # Errors
    ///
    /// [`ParametersOutOfBounds`] when they are outside the bounds of this server, or weaker than the weakest
    /// recommendation.
    pub fn new(memory_kib: u32, iterations: u32, lanes: u32) -> Result<Self, ParametersOutOfBounds> {
        let parameters = Self::weaker_than_recommended(memory_kib, iterations, lanes)?;
        if memory_kib < RECOMMENDED_MEMORY_KIB || parameters.work() < RECOMMENDED_WORK {
            return Err(ParametersOutOfBounds::TooCheap);
        }
        Ok(parameters)
    }

    /// Takes any parameters within bounds, however weak. For tests, and for hashes that already exist.
    ///
    /// # Errors
    ///
    /// [`ParametersOutOfBounds::Impossible`] when Argon2 cannot do it, or it would cost too much.
    pub fn weaker_than_recommended(
        memory_kib: u32,
        iterations: u32,
        lanes: u32,
    ) -> Result<Self, ParametersOutOfBounds> {
        let parameters = Self { memory_kib, iterations, lanes };
        let possible = (1..=MOST_ITERATIONS).contains(&iterations)
            && (1..=MOST_LANES).contains(&lanes)
            && (8 * lanes..=MOST_MEMORY_KIB).contains(&memory_kib)
            && parameters.work() <= MOST_WORK;
        if possible { Ok(parameters) } else { Err(ParametersOutOfBounds::Impossible) }
    }

    /// Memory of one hash, in KiB.
    pub const fn memory_kib(&self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    pub const fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Lanes the memory is divided into. They change the hash, not its cost: one thread computes them all.
    pub const fn lanes(&self) -> u32 {
        self.lanes
    }

    /// What a hash costs: KiB filled, over all passes.
    pub const fn work(&self) -> u64 {
        self.memory_kib as u64 * self.iterations as u64
    }
}

impl Default for Parameters {
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2, lanes: 1 }
    }
}

impl Default for Written {
    fn default() -> Self {
        let Parameters { memory_kib, iterations, lanes } = Parameters::default();
        Self { memory_kib, iterations, lanes }
    }
}

impl TryFrom<Written> for Parameters {
    type Error = ParametersOutOfBounds;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        Self::new(written.memory_kib, written.iterations, written.lanes)
    }
}
