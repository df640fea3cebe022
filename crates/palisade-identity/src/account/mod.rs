//! Accounts.

mod view;

use std::sync::Arc;

use palisade::clock::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::view::AccountView;
pub(crate) use self::view::in_words;
pub use crate::id::AccountId;
use crate::{email::Email, role::Roles, username::Username};

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It may.
    Active,
    /// It may not sign in, and its tokens are refused.
    Disabled,
}

impl Status {
    /// The status's name: `active` or `disabled`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// Whom an account is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A person, who signs in with a password.
    #[default]
    Person,
    /// A program. It has no password and cannot sign in: admins make API keys for it. It is never an admin, since nobody
    /// could sign in as one.
    Service,
}

impl Kind {
    /// The kind's name: `person` or `service`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Service => "service",
        }
    }
}

/// An account. Its password's hash is not in it, so that no answer and no log can show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Who it is, for good.
    pub id: AccountId,
    /// The name it signs in with; no other account has it.
    pub username: Username,
    /// Whom it is for, for good.
    pub kind: Kind,
    /// Where mail goes; for a service, to whoever is responsible. Two accounts may name the same address: as long as no message has proved whose it is,
    /// refusing the second would let anybody block anybody, and would tell who has an account.
    pub email: Email,
    /// When its owner proved that `email` reaches them; `None` while nobody has. At most one account has an address
    /// proven, and only a proven one is used to find an account or to get back into it.
    pub email_verified_at: Option<Timestamp>,
    /// Whether it may be used.
    pub status: Status,
    /// What it may do.
    pub roles: Roles,
    /// Carried in its tokens; raising it ends all of them.
    pub generation: u64,
    /// The one token (its `jti`) that outlived the last raising of the generation.
    pub kept_token: Option<Arc<str>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Account {
    /// A person's new active account of generation 0.
    pub fn new(id: AccountId, username: Username, email: Email, roles: Roles, now: Timestamp) -> Self {
        Self {
            id,
            username,
            kind: Kind::Person,
            email,
            email_verified_at: None,
            status: Status::Active,
            roles,
            generation: 0,
            kept_token: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether a token that carries `generation` and is named `token_id` still counts.
    pub fn accepts_token(&self, generation: Option<u64>, token_id: &str) -> bool {
        generation == Some(self.generation) || self.kept_token.as_deref() == Some(token_id)
    }

    /// Whether it may be used.
    pub fn is_active(&self) -> bool {
        self.status == Status::Active
    }
}
