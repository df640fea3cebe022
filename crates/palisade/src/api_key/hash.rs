//! What is kept of a key's secret: a keyed hash. Whoever reads the store can neither present the key nor, without the
//! hash key, tell whether a secret is one of those kept.

use std::fmt;

use aws_lc_rs::hmac;
use subtle::ConstantTimeEq;

use super::ApiKeyText;
use crate::secret::SecretBytes;

/// Says what the hash is of, so that the same hash key may serve elsewhere.
const DOMAIN: &[u8] = b"palisade api key secret\0";

/// The key that secrets are hashed under (HMAC-SHA-256, RFC 2104).
pub struct HashKey(hmac::Key);

/// The hash of a key's secret. Compared in constant time.
#[derive(Clone, Copy)]
pub struct KeyHash([u8; 32]);

impl HashKey {
    /// Takes `bytes` as the hash key: at least 32 unpredictable ones, not used for anything else.
    pub fn new(bytes: &SecretBytes) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes.expose()))
    }

    /// The hash of the secret of `key`, bound to the key's id.
    pub fn hash(&self, key: &ApiKeyText) -> KeyHash {
        let mut context = hmac::Context::with_key(&self.0);
        for part in [DOMAIN, key.id().as_bytes(), key.seed().expose()] {
            context.update(part);
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(context.sign().as_ref());
        KeyHash(hash)
    }
}

impl KeyHash {
    /// Takes the 32 bytes that were kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes to keep.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for KeyHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for KeyHash {}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashKey")
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash")
    }
}
