//! An account as callers see it.

use palisade::clock::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Account, AccountId, Kind, Status};
use crate::{email::Email, role::Roles, username::Username};

/// An account, without anything secret.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Account")]
pub struct AccountView {
    /// Who it is, for good.
    id: AccountId,
    /// The name it signs in with, in lower case.
    username: Username,
    /// Whom it is for: a person, or a program, which cannot sign in.
    kind: Kind,
    /// Its e-mail address.
    email: Email,
    /// Whether it has been proven that the address reaches the account's owner.
    email_verified: bool,
    /// Whether it may be used.
    status: Status,
    /// Its roles, without those they include.
    roles: Roles,
    /// When it was made.
    #[schemars(with = "String", extend("format" = "date-time"))]
    created_at: String,
    /// When it last changed.
    #[schemars(with = "String", extend("format" = "date-time"))]
    updated_at: String,
}

impl From<&Account> for AccountView {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id,
            username: account.username.clone(),
            kind: account.kind,
            email: account.email.clone(),
            email_verified: account.email_verified_at.is_some(),
            status: account.status,
            roles: account.roles,
            created_at: in_words(account.created_at),
            updated_at: in_words(account.updated_at),
        }
    }
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        Self::from(&account)
    }
}

/// RFC 3339, in UTC.
pub(crate) fn in_words(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.as_unix()).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}
