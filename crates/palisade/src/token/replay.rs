//! Single use: a token that may be used once is remembered by its `jti` until it is dead anyway.

use std::collections::HashMap;

use aws_lc_rs::digest;

use super::{Refused, refused::ensure};

/// The single-use tokens that were accepted, in bounded memory.
#[derive(Debug)]
pub(crate) struct UsedTokens {
    /// A digest of what makes the token unique, and when it dies by itself.
    seen: HashMap<[u8; 32], f64>,
    capacity: usize,
}

impl UsedTokens {
    /// A memory for `capacity` tokens.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { seen: HashMap::new(), capacity }
    }

    /// Takes note of a token, or refuses it because it was noted before.
    ///
    /// When there is no room, a new token is refused rather than an old one forgotten.
    pub(crate) fn use_once(&mut self, identity: &[&str], dies_at: f64, now: f64) -> Result<(), Refused> {
        let key = digest_of(identity);
        // check: single-use
        ensure(!self.seen.contains_key(&key), Refused::Replayed)?;
        if self.seen.len() >= self.capacity {
            self.seen.retain(|_, dies_at| *dies_at > now);
        }
        // check: single-use-room
        ensure(self.seen.len() < self.capacity, Refused::ReplayMemoryFull)?;
        self.seen.insert(key, dies_at);
        Ok(())
    }
}

/// Each text with its length before it, so that no two lists of texts are hashed as the same bytes.
fn digest_of(identity: &[&str]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for text in identity {
        context.update(&(text.len() as u64).to_be_bytes());
        context.update(text.as_bytes());
    }
    let mut key = [0; 32];
    key.copy_from_slice(context.finish().as_ref());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_memory_forgets_the_dead_and_refuses_the_new() {
        let mut used = UsedTokens::with_capacity(2);
        assert_eq!(used.use_once(&["a"], 10.0, 0.0), Ok(()));
        assert_eq!(used.use_once(&["b"], 20.0, 0.0), Ok(()));
        assert_eq!(used.use_once(&["c"], 20.0, 5.0), Err(Refused::ReplayMemoryFull));
        assert_eq!(used.use_once(&["c"], 20.0, 15.0), Ok(()), "`a` is dead and was forgotten");
        assert_eq!(used.use_once(&["b"], 20.0, 15.0), Err(Refused::Replayed));
    }

    #[test]
    fn the_parts_of_an_identity_do_not_run_into_each_other() {
        assert_ne!(digest_of(&["ab", "c"]), digest_of(&["a", "bc"]));
    }
}
