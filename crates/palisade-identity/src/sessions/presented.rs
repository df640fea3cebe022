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
    /// Whether the secret is the session's, and not the one before it.
    pub(super) current: bool,
    pub(super) settings: SessionSettings,
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

    /// Whose it is: an active account, and what it may do.
    pub fn account(&self) -> &Arc<ActiveAccount> {
        &self.account
    }
}
