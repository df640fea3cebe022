//! What was worked out from credentials that were verified, so that this is done once and not with each request.

use std::{
    fmt,
    hash::{BuildHasher, Hash, Hasher, RandomState},
};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use quick_cache::{Equivalent, UnitWeighter, sync};

/// Values by the whole text of a credential that was verified: for a token, by its signature, too.
///
/// A text is looked for by a hash of its end under a key of this process, and then compared from the first byte to the last, in
/// constant time. So the hash decides only where to look: a collision costs a comparison, and an attacker who does not know the
/// key cannot cause one.
///
/// Insert only what was accepted. Then a flood of forged credentials evicts nothing. The cache has room for so many entries; when
/// it is full it evicts one that is seldom used.
///
/// ```
/// use palisade::token::VerifiedCache;
///
/// let cache = VerifiedCache::with_capacity(1000);
/// cache.insert(b"header.claims.signature", "ada");
/// assert_eq!(cache.get(b"header.claims.signature"), Some("ada"));
/// assert_eq!(cache.get(b"header.Claims.signature"), None);
/// ```
pub struct VerifiedCache<V, H = RandomState>(sync::Cache<Text, V, UnitWeighter, H>);

impl<V: Clone> VerifiedCache<V> {
    /// An empty cache with room for `entries`.
    pub fn with_capacity(entries: usize) -> Self {
        Self::with_capacity_and_hasher(entries, RandomState::new())
    }
}

impl<V: Clone, H: BuildHasher + Clone> VerifiedCache<V, H> {
    /// The same with a hasher of your own: a keyed one, as [`RandomState`] is.
    pub fn with_capacity_and_hasher(entries: usize, hasher: H) -> Self {
        let lifecycle = sync::DefaultLifecycle::default();
        Self(sync::Cache::with(entries, entries as u64, UnitWeighter, hasher, lifecycle))
    }

    /// The value of exactly this text.
    pub fn get(&self, text: &[u8]) -> Option<V> {
        self.0.get(&Presented(text))
    }

    /// Keeps `value` for exactly this text, in place of the one before.
    pub fn insert(&self, text: &[u8], value: V) {
        self.0.insert(Text(text.into()), value);
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<V, H> fmt::Debug for VerifiedCache<V, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedCache").finish_non_exhaustive()
    }
}

/// How much of the end of a text is hashed. There stands what tells credentials apart: the signature, or the secret.
const HASHED: usize = 32;

/// The text of an entry.
struct Text(Box<[u8]>);

/// A text that is looked for.
struct Presented<'t>(&'t [u8]);

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Presented(&self.0).hash(state);
    }
}

impl Hash for Presented<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.0[self.0.len().saturating_sub(HASHED)..]);
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        Presented(&self.0).equivalent(other)
    }
}

impl Eq for Text {}

impl Equivalent<Text> for Presented<'_> {
    fn equivalent(&self, text: &Text) -> bool {
        // check: cache-text, instead: true
        verify_slices_are_equal(self.0, &text.0).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Finds the same place for every text.
    #[derive(Clone, Default)]
    struct AlwaysCollides;

    impl BuildHasher for AlwaysCollides {
        type Hasher = Self;

        fn build_hasher(&self) -> Self {
            Self
        }
    }

    impl Hasher for AlwaysCollides {
        fn write(&mut self, _: &[u8]) {}

        fn finish(&self) -> u64 {
            7
        }
    }

    #[test]
    fn attack_a_text_whose_hash_collides_with_that_of_a_verified_one_finds_nothing() {
        let cache = VerifiedCache::with_capacity_and_hasher(64, AlwaysCollides);
        let texts: Vec<String> =
            (0..16).map(|number| format!("header.claims{number:02}.signature")).collect();
        for (number, text) in texts.iter().enumerate() {
            cache.insert(text.as_bytes(), number);
        }
        for (number, text) in texts.iter().enumerate() {
            assert_eq!(cache.get(text.as_bytes()), Some(number), "{text}");
            for at in 0..text.len() {
                let mut other = text.clone().into_bytes();
                other[at] ^= 0x20;
                assert_eq!(cache.get(&other), None, "byte {at} of {text} is another");
            }
            assert_eq!(cache.get(&text.as_bytes()[1..]), None);
            assert_eq!(cache.get(format!("{text} ").as_bytes()), None);
        }
    }

    #[test]
    fn texts_that_end_alike_are_told_apart() {
        let cache = VerifiedCache::with_capacity(16);
        let end = "s".repeat(HASHED);
        cache.insert(format!("one{end}").as_bytes(), 1);
        cache.insert(format!("two{end}").as_bytes(), 2);
        assert_eq!(cache.get(format!("one{end}").as_bytes()), Some(1));
        assert_eq!(cache.get(format!("two{end}").as_bytes()), Some(2));
        assert_eq!(cache.get(end.as_bytes()), None);
    }

    #[test]
    fn it_holds_no_more_than_it_has_room_for() {
        let cache = VerifiedCache::with_capacity(100);
        for number in 0..10_000 {
            cache.insert(format!("token {number}").as_bytes(), number);
        }
        assert!(cache.len() <= 100, "{}", cache.len());
    }
}
