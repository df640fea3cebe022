//! Why a key was not made, found or accepted.

use std::time::Duration;

use palisade::{Denied, api_key, random::RandomUnavailable, scope::ScopeSet, signature};

use crate::store::StoreError;

/// Why [`ApiKeys`](super::ApiKeys) did not do what it was asked. Nothing was changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiKeysError {
    /// The caller's: there is no such account or key, or it is another's.
    #[error("there is no such key")]
    NotFound,
    /// The caller's: a key has at least one scope.
    #[error("a key has at least one scope")]
    NoScope,
    /// The caller's: the account does not hold these scopes.
    #[error("the account does not hold the scopes {0}")]
    NotHeld(ScopeSet),
    /// The caller's: the key would end in the past, or later than this from now.
    #[error("a key ends in the future, and at most {} days from now", .0.as_secs() / 86_400)]
    Expiry(Duration),
    /// The caller's: the old key would work for longer than this beside the new one.
    #[error("a key works for at most {} days beside the one that replaces it", .0.as_secs() / 86_400)]
    Overlap(Duration),
    /// The caller's: the account, or the key, has as many keys or revoked links as it may have.
    #[error("there are as many as there may be")]
    Full,
    /// The caller's: the key has been replaced already, or its account is disabled or has been signed out meanwhile.
    #[error("the key has been replaced already, or its account is not what it was")]
    ChangedMeanwhile,
    /// The caller's: the account is another person's, and whoever made a key for it could act as that person.
    #[error("a person's keys are made by that person")]
    NotYours,
    /// The source of randomness did not answer.
    #[error(transparent)]
    Random(#[from] RandomUnavailable),
    /// The store's: it is busy, unavailable or spoilt.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ApiKeysError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Stale => Self::ChangedMeanwhile,
            StoreError::Full => Self::Full,
            other => Self::Store(other),
        }
    }
}

/// Why a key is not accepted. The caller learns no more than the status of each: the rest is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAccepted {
    /// 401: the text is no key, or its chain says something else than it was signed for.
    #[error(transparent)]
    Text(#[from] api_key::Refused),
    /// 401, or 503 where it cannot be remembered: the request is not signed as it must be.
    #[error(transparent)]
    Signature(#[from] signature::Refused),
    /// 401: there is no such key; it may have been revoked.
    #[error("there is no such key")]
    Unknown,
    /// 401: this is not the key's secret.
    #[error("the secret is not that of the key")]
    OtherSecret,
    /// 401: the key only signs.
    #[error("the key was presented and is for signing only")]
    NotSigned,
    /// 401: the key, or a link of the chain, is dead by its age.
    #[error("the key has expired")]
    Expired,
    /// 401: a link of the chain was revoked.
    #[error("a link of the derived key has been revoked")]
    LinkRevoked,
    /// 401: the key's account does not exist or is disabled.
    #[error("the key's account is disabled")]
    AccountDisabled,
    /// 403: the derived key is for another route.
    #[error("the derived key is for another route")]
    OtherRoute,
    /// 429: the key has used up its quota; when there will be more.
    #[error("the key's quota is used up for another {0:?}")]
    QuotaUsedUp(Duration),
    /// 503: the store could not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NotAccepted> for Denied {
    fn from(why: NotAccepted) -> Self {
        let denied = match &why {
            NotAccepted::OtherRoute => Self::forbidden(),
            NotAccepted::QuotaUsedUp(wait) => Self::too_many_requests(*wait),
            NotAccepted::Store(error) => Self::undecided(error),
            NotAccepted::Signature(refused) => (*refused).into(),
            _ => Self::invalid_credentials(),
        };
        denied.because(why)
    }
}
