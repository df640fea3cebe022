//! Why an account was not made, changed or found.

use palisade::random::RandomUnavailable;

use crate::{
    password::{HashError, Unfit, Weakness},
    roles::RoleRefused,
    store::StoreError,
};

/// Why [`Accounts`](super::Accounts) did not do what it was asked. Nothing was changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccountsError {
    /// The caller's: another account has this username.
    #[error("the username is taken")]
    UsernameTaken,
    /// The caller's: another account's owner has proven this address.
    #[error("the address is another account's")]
    AddressTaken,
    /// The caller's: the link is unknown, used, expired, for something else, or from before a change.
    #[error("the link is void")]
    LinkVoid,
    /// The caller's: the account is disabled.
    #[error("the account is disabled")]
    Disabled,
    /// The operator's: no mail server is configured.
    #[error("this server sends no mail")]
    NoMail,
    /// Nobody's: too many messages are waiting to be sent.
    #[error("too many messages are waiting to be sent")]
    OutboxFull,
    /// The caller's: there is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The caller's: no active admin would be left.
    #[error("the last active admin cannot be removed, demoted or disabled")]
    LastAdmin,
    /// The caller's: this is not the account's password.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The caller's: the new password will not do, for these reasons; at least one.
    #[error("the new password will not do")]
    WeakPassword(Vec<Weakness>),
    /// The caller's: the secret is wrong or void, or there is an admin already.
    #[error("the first-admin secret is wrong or void")]
    FirstAdminRefused,
    /// The caller's: a service has no password and is never an admin.
    #[error("a service has no password and is never an admin")]
    NotForServices,
    /// The caller's: the roles, or who holds them, would not go together.
    #[error(transparent)]
    Role(RoleRefused),
    /// Nobody's: somebody else changed the same just now.
    #[error("it has been changed meanwhile")]
    ChangedMeanwhile,
    /// The password was not hashed or checked.
    #[error(transparent)]
    Password(HashError),
    /// The source of randomness did not answer.
    #[error(transparent)]
    Random(#[from] RandomUnavailable),
    /// The store's: it is busy, unavailable or spoilt.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AccountsError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::UsernameTaken => Self::UsernameTaken,
            StoreError::AddressTaken => Self::AddressTaken,
            StoreError::NotFound => Self::NotFound,
            StoreError::LastAdmin => Self::LastAdmin,
            StoreError::Stale => Self::ChangedMeanwhile,
            StoreError::Role(refused) => Self::Role(refused),
            other => Self::Store(other),
        }
    }
}

impl From<HashError> for AccountsError {
    fn from(error: HashError) -> Self {
        Self::Password(error)
    }
}

impl From<Unfit> for AccountsError {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Weak(weaknesses) => Self::WeakPassword(weaknesses),
            Unfit::NotJudged(error) => Self::Password(error),
        }
    }
}
