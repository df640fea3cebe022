//! Tokens that were verified a moment ago, so that a signature is checked once and not with each request.

use std::{
    fmt,
    hash::{BuildHasherDefault, Hasher},
    sync::Arc,
};

use aws_lc_rs::digest;

use super::AccessToken;

/// Verified tokens by the digest of their whole text, signature included: another signature is another token.
///
/// Only accepted tokens are kept, so whoever sends nonsense displaces nothing.
pub(crate) struct Cache {
    entries:
        quick_cache::sync::Cache<TokenDigest, Entry, quick_cache::UnitWeighter, BuildHasherDefault<Prefix>>,
}

/// A token, and under which key set it was verified.
#[derive(Clone)]
struct Entry {
    token: Arc<AccessToken>,
    key_generation: u64,
}

/// SHA-256 of a compact token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct TokenDigest([u8; 32]);

impl TokenDigest {
    pub(crate) fn of(token: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        Self(bytes)
    }
}

impl Cache {
    /// A cache for `entries` tokens.
    pub(crate) fn with_capacity(entries: usize) -> Self {
        let weighter = quick_cache::UnitWeighter;
        let hasher = BuildHasherDefault::default();
        let lifecycle = quick_cache::sync::DefaultLifecycle::default();
        let entries = quick_cache::sync::Cache::with(entries, entries as u64, weighter, hasher, lifecycle);
        Self { entries }
    }

    /// The token, if it was verified under the key set of `key_generation`.
    pub(crate) fn lookup(&self, digest: &TokenDigest, key_generation: u64) -> Option<Arc<AccessToken>> {
        let entry = self.entries.get(digest)?;
        // check: cache-keys
        let current = entry.key_generation == key_generation;
        current.then_some(entry.token)
    }

    pub(crate) fn insert(&self, digest: TokenDigest, token: Arc<AccessToken>, key_generation: u64) {
        self.entries.insert(digest, Entry { token, key_generation });
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("entries", &self.len()).finish_non_exhaustive()
    }
}

impl std::hash::Hash for TokenDigest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.0);
    }
}

/// A digest is its own hash: its first bytes are as good as any others.
#[derive(Clone, Copy, Default)]
struct Prefix(u64);

impl Hasher for Prefix {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
