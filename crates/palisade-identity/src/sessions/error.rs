//! Why a session was not begun, changed or ended.

use palisade::random::RandomUnavailable;

use crate::store::StoreError;

/// Why [`Sessions`](super::Sessions) did not do what it was asked. Nothing was changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionsError {
    /// The caller's: the account has no such session.
    #[error("there is no such session")]
    NotFound,
    /// The source of randomness did not answer.
    #[error(transparent)]
    Random(#[from] RandomUnavailable),
    /// The store's: it is busy, unavailable or spoilt.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for SessionsError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            other => Self::Store(other),
        }
    }
}
