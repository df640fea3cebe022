//! Derived keys whose chain was verified a moment ago, so that its signatures are checked once and not with each request.

use std::{fmt, sync::Arc};

use aws_lc_rs::digest::{SHA256, digest};
use palisade::api_key::Narrowed;
use quick_cache::sync::Cache;

use crate::id::ApiKeyId;

/// How many derived keys are kept: some megabytes.
const KEPT: usize = 4096;

/// Verified chains by the digest of the whole text they were presented in, the secret included. What a chain says never
/// changes, so nothing has to be forgotten: whether its key lives, its links stand and its time has come is asked at each
/// request.
///
/// Only accepted texts are kept, so whoever sends nonsense displaces nothing.
pub(super) struct Chains(Cache<Digest, Arc<Verified>>);

/// SHA-256 of the text.
pub(super) type Digest = [u8; 32];

/// What a text was verified to say.
pub(super) struct Verified {
    /// The key it is derived from.
    pub(super) key: ApiKeyId,
    /// What it leaves of that key.
    pub(super) narrowed: Narrowed,
}

impl Chains {
    pub(super) fn new() -> Self {
        Self(Cache::new(KEPT))
    }

    pub(super) fn digest(text: &str) -> Digest {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        bytes
    }

    pub(super) fn find(&self, digest: &Digest) -> Option<Arc<Verified>> {
        self.0.get(digest)
    }

    pub(super) fn keep(&self, digest: Digest, verified: Arc<Verified>) {
        self.0.insert(digest, verified);
    }
}

impl fmt::Debug for Chains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chains").field("kept", &self.0.len()).finish_non_exhaustive()
    }
}
