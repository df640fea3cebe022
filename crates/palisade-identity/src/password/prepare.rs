//! One form for one password, whichever keyboard it came from.

use palisade::secret::SecretString;
use precis_profiles::{OpaqueString, precis_core::profile::PrecisFastInvocation as _};

/// The longest password that is looked at, in bytes of UTF-8.
pub const MAXIMUM_BYTES: usize = 1024;

/// This text cannot be a password, however strong it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Nothing was entered.
    #[error("Enter a password.")]
    Empty,
    /// More than [`MAXIMUM_BYTES`].
    #[error("Use a shorter password.")]
    TooLong,
    /// It holds characters that RFC 8265 does not allow in passwords: control characters such as NUL, and code
    /// points that the PRECIS tables do not know, among them the newest emoji.
    #[error(
        "Use letters, digits, punctuation, symbols and spaces; control characters and the newest emoji are not \
         possible."
    )]
    Characters,
}

/// Prepares a password by the `OpaqueString` profile (RFC 8265, section 4.2): Unicode normalisation form C, and
/// every kind of space as the plain one. Case is kept.
///
/// The length is checked first, so nothing is computed over more than [`MAXIMUM_BYTES`].
pub(super) fn prepare(password: &SecretString) -> Result<SecretString, Refused> {
    if password.is_empty() {
        return Err(Refused::Empty);
    }
    if password.len() > MAXIMUM_BYTES {
        return Err(Refused::TooLong);
    }
    OpaqueString::enforce(password.expose())
        .map(|prepared| SecretString::new(prepared.into_owned()))
        .map_err(|_| Refused::Characters)
}
