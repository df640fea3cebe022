//! Why the keys cannot be used or changed.

use palisade::random::RandomUnavailable;

use crate::store::StoreError;

/// Why the keys cannot be used or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// The caller's: there is no such key.
    #[error("there is no such key")]
    NotFound,
    /// Nobody's: another process has rotated the keys just now.
    #[error("the keys have been changed meanwhile")]
    ChangedMeanwhile,
    /// The operator's: the key that signs does not open under this master key. Another master key was put in place,
    /// or the store was changed. Put the right one back, or discard the key, which ends its tokens.
    #[error("the signing key {kid} does not open under this master key")]
    Unsealable {
        /// The key.
        kid: String,
    },
    /// A key could not be sealed.
    #[error("a key could not be sealed")]
    Sealing,
    /// The source of randomness did not answer.
    #[error(transparent)]
    Random(#[from] RandomUnavailable),
    /// The store's.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for KeysError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Stale => Self::ChangedMeanwhile,
            other => Self::Store(other),
        }
    }
}
