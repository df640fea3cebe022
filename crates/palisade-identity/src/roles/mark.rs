//! What an account may do, as a text to compare.

use std::{fmt, str::FromStr, sync::Arc};

use aws_lc_rs::digest::{Context, SHA256};

use super::Holdings;
use crate::role::{Role, Roles};

/// What an account may do, as a short text: two that are equal stand for the same. A session keeps the one its secret was
/// drawn for, and gets another secret when it is no longer the account's.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorityMark(Arc<str>);

/// The text is no mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a mark is not empty")]
pub struct InvalidMark;

impl AuthorityMark {
    /// The mark as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The mark of what `roles` ship with: their names, separated by single spaces.
    pub fn shipped(roles: Roles) -> Self {
        Self(roles.iter().map(Role::name).collect::<Vec<_>>().join(" ").into())
    }

    /// The mark of `roles` and all that `holdings` hold. Where nothing stored changes what the roles ship with, it is
    /// [`shipped`](Self::shipped).
    pub(super) fn of(roles: Roles, holdings: &Holdings) -> Self {
        let shipped = Self::shipped(roles);
        if *holdings.scopes() == roles.scopes() && holdings.tenants().iter().next().is_none() {
            return shipped;
        }
        let mut context = Context::new(&SHA256);
        let mut add = |text: &str| {
            // With its length, so that no other split of the same text gives the same.
            context.update(&(text.len() as u64).to_be_bytes());
            context.update(text.as_bytes());
        };
        add(&holdings.scopes().to_string());
        for (tenant, membership) in holdings.tenants().iter() {
            add(tenant);
            for role in <Role as palisade::Role>::ALL {
                add(if membership.held_roles().holds(*role) { role.name() } else { "" });
            }
            add(&membership.held_scopes().to_string());
        }
        let digest = context.finish();
        let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("{shipped} {hex}").into())
    }
}

impl From<Roles> for AuthorityMark {
    fn from(roles: Roles) -> Self {
        Self::shipped(roles)
    }
}

impl FromStr for AuthorityMark {
    type Err = InvalidMark;

    fn from_str(text: &str) -> Result<Self, InvalidMark> {
        if text.is_empty() { Err(InvalidMark) } else { Ok(Self(text.into())) }
    }
}

impl fmt::Display for AuthorityMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AuthorityMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}
