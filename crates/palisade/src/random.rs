//! Randomness, passed in: nothing in Palisade draws from the operating system except [`SystemRandom`].

use std::{fmt, sync::Arc};

/// Draws unpredictable bytes.
pub trait Random: Send + Sync + fmt::Debug + 'static {
    /// Fills `bytes`.
    ///
    /// # Errors
    ///
    /// [`RandomUnavailable`] when the source cannot answer; the caller refuses rather than go on with less.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomUnavailable>;
}

/// A source of randomness that can be handed around.
pub type SharedRandom = Arc<dyn Random>;

/// The source of randomness did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness did not answer")]
pub struct RandomUnavailable;

/// The operating system's randomness, where a feature brings it along; else a source that does not answer.
pub(crate) fn of_the_system() -> SharedRandom {
    #[cfg(any(feature = "tokens", feature = "api-keys"))]
    return SystemRandom::shared();
    #[cfg(not(any(feature = "tokens", feature = "api-keys")))]
    return Arc::new(NoRandom);
}

/// Does not answer.
#[cfg(not(any(feature = "tokens", feature = "api-keys")))]
#[derive(Debug)]
struct NoRandom;

#[cfg(not(any(feature = "tokens", feature = "api-keys")))]
impl Random for NoRandom {
    fn fill(&self, _: &mut [u8]) -> Result<(), RandomUnavailable> {
        Err(RandomUnavailable)
    }
}

/// The operating system's randomness.
#[cfg(any(feature = "tokens", feature = "api-keys"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

#[cfg(any(feature = "tokens", feature = "api-keys"))]
impl SystemRandom {
    /// The system's randomness, ready to be handed around.
    pub fn shared() -> SharedRandom {
        Arc::new(Self)
    }
}

#[cfg(any(feature = "tokens", feature = "api-keys"))]
impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the operating system")]
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomUnavailable> {
        aws_lc_rs::rand::fill(bytes).map_err(|_| RandomUnavailable)
    }
}

/// Bytes that look random and are the same in every run, for tests.
#[cfg(feature = "testing")]
#[derive(Debug)]
pub struct SeededRandom(std::sync::Mutex<u64>);

#[cfg(feature = "testing")]
impl SeededRandom {
    /// A source that always draws the same from the same `seed`.
    pub fn shared(seed: u64) -> SharedRandom {
        Arc::new(Self(std::sync::Mutex::new(seed)))
    }
}

#[cfg(feature = "testing")]
impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomUnavailable> {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            // SplitMix64
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
