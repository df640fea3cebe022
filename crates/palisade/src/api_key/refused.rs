//! Why a key or a chain is refused, and why a key could not be derived. A caller is told neither: the log is.

use crate::random::RandomUnavailable;

/// Why a written key or a chain of links is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The text is not of the form, or not the one way its content is written.
    #[error("not a key of the form Palisade writes")]
    Malformed,
    /// The text has the form and another checksum: a typing error.
    #[error("the key's checksum is wrong, so it was mistyped or cut off")]
    Mistyped,
    /// A caveat is of a type not known here. What it forbids cannot be told, so everything is.
    #[error("the chain has a caveat of the unknown type {0}")]
    UnknownCaveat(u8),
    /// There are more than eight links.
    #[error("the chain has more than eight links")]
    TooManyLinks,
    /// Two links have one id, so revoking one would be revoking which?
    #[error("two links of the chain have the same id")]
    RepeatedLink,
    /// The chain is of another key than the one it is checked against.
    #[error("the chain is of another key")]
    OtherKey,
    /// A link is not signed by the key before it: altered, moved, or of another chain.
    #[error("a link of the chain is not signed by the key before it")]
    BadSignature,
    /// The secret presented is not that of the chain's last key.
    #[error("the secret is not that of the chain's last key")]
    OtherSecret,
    /// A link says that the key is dead by now.
    #[error("the derived key has expired")]
    Expired,
    /// Two links allow one route each, and not the same: nothing is allowed.
    #[error("the links allow different routes, so none is left")]
    NoRouteLeft,
}

/// Why no key was derived. The holder's part, apart from [`RandomUnavailable`](Self::RandomUnavailable).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotDerived {
    /// The key has eight links already.
    #[error("a key can be derived from at most eight times in a row")]
    TooManyLinks,
    /// The derived key could not be written, or a caveat is too long: fewer scopes, or shorter names.
    #[error("the derived key would be too long")]
    TooLong,
    /// The key allows one route already, and another is asked for.
    #[error("the key allows another route, so nothing would be left")]
    NoRouteLeft,
    /// The source of randomness did not answer.
    #[error(transparent)]
    RandomUnavailable(#[from] RandomUnavailable),
}
