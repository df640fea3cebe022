//! What can go wrong inside, before it is told in the words of the store traits.

use palisade_identity::store::StoreError;
use rusqlite::{Error, ErrorCode};

/// A [`StoreError`] on its way out; exists so that `?` works on the engine's errors too.
#[derive(Debug)]
pub(crate) struct Fault(StoreError);

impl Fault {
    pub(crate) fn unavailable(what: &str, error: impl std::fmt::Display) -> Self {
        Self(StoreError::Unavailable(format!("{what}: {error}")))
    }

    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self(StoreError::Corrupt(what.into()))
    }

    pub(crate) fn into_store_error(self) -> StoreError {
        self.0
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        Self(match (error.sqlite_error_code(), &error) {
            (Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked), _) => StoreError::Busy,
            (Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase), _)
            | (
                _,
                Error::InvalidColumnType(..)
                | Error::FromSqlConversionFailure(..)
                | Error::IntegralValueOutOfRange(..),
            ) => StoreError::Corrupt(text),
            _ => StoreError::Unavailable(text),
        })
    }
}
