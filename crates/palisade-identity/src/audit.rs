//! The audit trail: who did what to whom, and how it came out.
//!
//! A change and its entry are written in one transaction, so neither exists without the other.

use std::fmt;

use palisade::clock::Timestamp;

use crate::account::AccountId;

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Somebody who is not signed in.
    Nobody,
    /// A signed-in account.
    Account(AccountId),
    /// Whoever runs commands on the machine the server runs on.
    Operator,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// An account signed itself up.
    SignedUp,
    /// A password was right.
    SignedIn,
    /// A password was wrong, or its account disabled.
    SignInRefused,
    /// An account ended all its tokens.
    SignedOutEverywhere,
    /// An account changed its own details.
    ProfileChanged,
    /// An account changed its own password.
    PasswordChanged,
    /// A password was set without the old one.
    PasswordSet,
    /// An account was made for somebody.
    AccountCreated,
    /// The first admin was made with the single-use secret.
    FirstAdminCreated,
    /// An account was disabled.
    AccountDisabled,
    /// An account was enabled.
    AccountEnabled,
    /// An account's roles were set.
    RolesSet,
    /// A browser session began.
    SessionBegun,
    /// A browser session, or all of an account but one, was ended.
    SessionEnded,
    /// A browser session got another secret.
    SessionRotated,
    /// A password was set by whoever had the link for it.
    PasswordReset,
    /// A link to set another password was mailed; anybody can ask for that.
    ResetMailed,
    /// A link to set another password was made, for an admin to hand over.
    ResetLinkMade,
    /// An account's owner proved that its address reaches them.
    EmailVerified,
    /// An account asked for another address, which is still to be proven.
    EmailChangeAsked,
    /// Another address was proven, and is the account's from now on.
    EmailChanged,
    /// A signing key was made and signs from now on.
    KeyRotated,
    /// A signing key was retired at once.
    KeyRetired,
    /// An API key was made.
    ApiKeyCreated,
    /// An API key was replaced by another.
    ApiKeyRotated,
    /// An API key was revoked.
    ApiKeyRevoked,
    /// All API keys of an account were revoked.
    ApiKeysRevoked,
    /// A link of keys derived from an API key was revoked.
    ApiKeyLinkRevoked,
    /// A stored role was made or changed, or scopes were added to a built-in one.
    RoleDefined,
    /// A stored role was removed.
    RoleRemoved,
    /// The stored roles an account holds everywhere were changed.
    GrantsChanged,
    /// An account became a member of a tenant, or its roles there were changed.
    MembershipChanged,
    /// An account is no member of a tenant any more.
    MembershipEnded,
    /// An admin read why callers were refused.
    DecisionRead,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 34] = [
        Self::SignedUp,
        Self::SignedIn,
        Self::SignInRefused,
        Self::SignedOutEverywhere,
        Self::ProfileChanged,
        Self::PasswordChanged,
        Self::PasswordSet,
        Self::AccountCreated,
        Self::FirstAdminCreated,
        Self::AccountDisabled,
        Self::AccountEnabled,
        Self::RolesSet,
        Self::SessionBegun,
        Self::SessionEnded,
        Self::SessionRotated,
        Self::PasswordReset,
        Self::ResetMailed,
        Self::ResetLinkMade,
        Self::EmailVerified,
        Self::EmailChangeAsked,
        Self::EmailChanged,
        Self::KeyRotated,
        Self::KeyRetired,
        Self::ApiKeyCreated,
        Self::ApiKeyRotated,
        Self::ApiKeyRevoked,
        Self::ApiKeysRevoked,
        Self::ApiKeyLinkRevoked,
        Self::RoleDefined,
        Self::RoleRemoved,
        Self::GrantsChanged,
        Self::MembershipChanged,
        Self::MembershipEnded,
        Self::DecisionRead,
    ];

    /// The action's name, as stores and readers of the trail know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedUp => "signed_up",
            Self::SignedIn => "signed_in",
            Self::SignInRefused => "sign_in_refused",
            Self::SignedOutEverywhere => "signed_out_everywhere",
            Self::ProfileChanged => "profile_changed",
            Self::PasswordChanged => "password_changed",
            Self::PasswordSet => "password_set",
            Self::AccountCreated => "account_created",
            Self::FirstAdminCreated => "first_admin_created",
            Self::AccountDisabled => "account_disabled",
            Self::AccountEnabled => "account_enabled",
            Self::RolesSet => "roles_set",
            Self::SessionBegun => "session_begun",
            Self::SessionEnded => "session_ended",
            Self::SessionRotated => "session_rotated",
            Self::PasswordReset => "password_reset",
            Self::ResetMailed => "reset_mailed",
            Self::ResetLinkMade => "reset_link_made",
            Self::EmailVerified => "email_verified",
            Self::EmailChangeAsked => "email_change_asked",
            Self::EmailChanged => "email_changed",
            Self::KeyRotated => "key_rotated",
            Self::KeyRetired => "key_retired",
            Self::ApiKeyCreated => "api_key_created",
            Self::ApiKeyRotated => "api_key_rotated",
            Self::ApiKeyRevoked => "api_key_revoked",
            Self::ApiKeysRevoked => "api_keys_revoked",
            Self::ApiKeyLinkRevoked => "api_key_link_revoked",
            Self::RoleDefined => "role_defined",
            Self::RoleRemoved => "role_removed",
            Self::GrantsChanged => "grants_changed",
            Self::MembershipChanged => "membership_changed",
            Self::MembershipEnded => "membership_ended",
            Self::DecisionRead => "decision_read",
        }
    }

    /// The trail its entries belong to.
    pub const fn trail(self) -> Trail {
        match self {
            Self::SignedIn
            | Self::SignInRefused
            | Self::SessionBegun
            | Self::SessionEnded
            | Self::SessionRotated
            | Self::ResetMailed => Trail::SignIns,
            _ => Trail::Changes,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The two trails. Sign-ins are apart because anybody can cause them: they are kept up to a bound, and cannot push
/// a change out of the other trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trail {
    /// What changed accounts, keys and roles, and what admins read of others: kept for good.
    Changes,
    /// How sign-ins came out, and sessions began and ended: the newest [`Trail::SIGN_INS_KEPT`] are kept.
    SignIns,
}

impl Trail {
    /// How many entries of [`Trail::SignIns`] a store keeps.
    pub const SIGN_INS_KEPT: u64 = 100_000;
}

/// One entry of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub action: Action,
    /// What it was done to: an account's id, a key's id, a role's name.
    pub target: String,
    /// What else is worth knowing; never a secret.
    pub detail: serde_json::Value,
}

impl AuditEntry {
    /// An entry without further detail.
    pub fn new(at: Timestamp, actor: Actor, action: Action, target: impl fmt::Display) -> Self {
        Self { at, actor, action, target: target.to_string(), detail: serde_json::Value::Null }
    }

    /// The entry with `detail`.
    #[must_use]
    pub fn with_detail(mut self, detail: serde_json::Value) -> Self {
        self.detail = detail;
        self
    }
}
