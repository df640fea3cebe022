//! Why a signed request is refused, and why one could not be signed. Callers are not told the former: the log is.

use crate::{api_key, denied::Denied, random::RandomUnavailable};

/// Why a signed request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// A component that is covered is not there, or has no value that could be covered.
    #[error("a covered component is not there or cannot be covered")]
    Uncoverable,
    /// There is a body, and its digest or its type is not covered.
    #[error("the request has a body, and `content-digest` and `content-type` are not covered")]
    BodyUncovered,
    /// The body is not of the digest that is covered.
    #[error("the body is not the one that was signed")]
    OtherBody,
    /// The signature is not the key's, or something that is covered was altered.
    #[error("the signature is not of this request by this key")]
    BadSignature,
    /// The chain of the derived key that signed is refused.
    #[error("the chain of the derived key is refused: {0}")]
    Chain(#[from] api_key::Refused),
    /// The signature was made too long ago, or is from before this process, whose memory of nonces begins with it.
    #[error("the signature is too old")]
    TooOld,
    /// The process has just begun, and the signature may have been used before: callers whose clock is ahead may have
    /// sent it to the process before this one. One made ten seconds after the start is not refused for this.
    #[error("the process has just begun, and this signature may have been used before")]
    JustBegun,
    /// The signature is from the future: a clock is wrong.
    #[error("the signature is from the future")]
    FromTheFuture,
    /// The signature itself says that it is dead.
    #[error("the signature has expired")]
    Expired,
    /// The nonce was used before.
    #[error("the request was sent before")]
    Replayed,
    /// There is no room to remember the nonce, so it could not be told when the request is sent again.
    #[error("there is no room to remember another nonce of this key")]
    MemoryFull,
    /// No Palisade layer runs around the route, so nobody would compare the body.
    #[error(
        "no Palisade layer runs around this route, so a signed body would not be compared: add `palisade::layer()`"
    )]
    NoLayer,
}

impl From<Refused> for Denied {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::MemoryFull | Refused::JustBegun | Refused::NoLayer => Self::undecided(refused),
            refused => Self::invalid_credentials().because(refused),
        }
    }
}

/// Why a request was not signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotSigned {
    /// The request says neither in its target nor in `Host` which authority it is for, or a header to be covered is no
    /// text.
    #[error("the request does not say which authority it is for, or a header that is covered is no text")]
    Uncoverable,
    /// The source of randomness did not answer.
    #[error(transparent)]
    RandomUnavailable(#[from] RandomUnavailable),
}
