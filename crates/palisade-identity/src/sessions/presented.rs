//! What becomes of a secret that a browser presents.

use std::sync::Arc;

use palisade::clock::Timestamp;

use super::{Session, SessionSettings, memory::Live};
use crate::{accounts::ActiveAccount, id::SessionId};

/// What a presented secret is worth.
#[derive(Clone, Debug)]
pub enum Presented {
    /// A session that counts.
    Live(SignedIn),
    /// Nothing any more; another has taken its place, which the browser may hold already: it is to be left alone.
    Replaced,
    /// Nothing: made up, ended or expired. The browser can forget it.
    Ended,
}

/// A session that counts, and its account.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub(super) live: Arc<Live>,
    pub(super) account: Arc<ActiveAccount>,
    pub(super) secret: SecretIs,
    pub(super) settings: SessionSettings,
}

/// How the secret that was presented stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecretIs {
    /// The session's, and it stays so.
    Kept,
    /// The session's, and another one is due: what the account may do has changed since it was drawn.
    Outdated,
    /// The one before the session's.
    Former,
}

impl SignedIn {
    /// The session.
    pub fn session(&self) -> Session {
        Session::of(&self.live.record, self.live.last_seen(), &self.settings)
    }

    /// The session's id.
    pub fn id(&self) -> SessionId {
        self.live.record.id
    }

    /// When the account last proved itself in it.
    pub fn authenticated_at(&self) -> Timestamp {
        self.live.record.authenticated_at
    }

    /// Whether the secret that was presented is the session's and stays so as long as neither the session nor its account
    /// changes.
    pub(crate) fn keeps_secret(&self) -> bool {
        self.secret == SecretIs::Kept
    }

    /// Whether the session is to get another secret.
    pub(crate) fn needs_secret(&self) -> bool {
        self.secret == SecretIs::Outdated
    }

    /// Whether it has expired as of `now`, as far as this process knows: another may have seen it in use.
    pub(crate) fn has_expired(&self, now: Timestamp) -> bool {
        self.settings.expired(self.live.record.created_at, self.live.last_seen(), now)
    }

    /// Whose it is: an active account, and what it may do.
    pub fn account(&self) -> &Arc<ActiveAccount> {
        &self.account
    }
}
