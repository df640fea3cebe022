//! Callers by the access token they came with: the way of a request whose token was verified before.
//!
//! # What ends a cached caller
//!
//! All that can end a token, or change what its caller may do, is of one of two kinds. Both are checked on every use:
//!
//! - **Something changed**: an account, a role, a session, a key, by this process or another. Whatever changes it raises the
//!   [epoch](crate::epochs) of its subject, and a caller that rests on the subject is worked out again. Changes by other processes
//!   come with the change feed, at most a millisecond late. When the feed does not answer, no cached caller is admitted.
//! - **Time passed**: [`Verifier::still_accepts`](palisade::token::Verifier::still_accepts) checks the token's times, that its key
//!   is still accepted, and that it was not revoked.
//!
//! A new kind of ending is added where it happens, by raising the epoch of its subject, and where a token is verified in full,
//! by refusing what has ended. The way of a request with a known token stays as it is.

use std::sync::Arc;

use palisade::token::{AccessToken, VerifiedCache};

use super::current_account::{Caller, Proof, TokenProof};
use crate::{
    account::AccountId,
    changes::Changes,
    epochs::{Basis, Epoch, Subject},
};

/// The callers in memory, by their tokens.
#[derive(Debug)]
pub(super) struct CallerCache {
    changes: Changes,
    /// `None` when nothing is to be cached.
    callers: Option<VerifiedCache<Arc<Caller>>>,
}

impl CallerCache {
    /// A cache with room for `capacity` callers.
    pub(super) fn new(changes: Changes, capacity: usize) -> Self {
        Self { changes, callers: (capacity > 0).then(|| VerifiedCache::with_capacity(capacity)) }
    }

    /// To be asked before an account is looked up, and given to [`proof`](Self::proof) after it.
    pub(super) fn epoch(&self) -> Epoch {
        self.changes.epochs().latest()
    }

    /// What proves a caller who is `account`, came with `token` and was worked out after `as_of`.
    pub(super) fn proof(&self, token: Arc<AccessToken>, account: AccountId, as_of: Epoch) -> TokenProof {
        let basis = Basis::new(self.changes.epochs(), as_of, [Subject::Account(account)]);
        TokenProof { acceptance: token.acceptance().clone(), basis, token }
    }

    /// The caller who came with exactly this token before, whatever has changed since. Of it only the token may be used: its
    /// signature was verified.
    pub(super) fn known(&self, token: &[u8]) -> Option<Arc<Caller>> {
        self.callers.as_ref()?.get(token)
    }

    /// Whether nothing has changed since that the caller rests on who proved itself by `proof`. The change feed has to be caught
    /// up with first.
    pub(super) fn is_current(&self, proof: &TokenProof) -> bool {
        proof.basis.holds(self.changes.epochs())
    }

    /// Keeps `caller`, who came with `text`. One who came without a token is not kept.
    pub(super) fn insert(&self, text: &[u8], caller: &Arc<Caller>) {
        if let (Some(callers), Proof::Token(_)) = (&self.callers, &caller.proof) {
            callers.insert(text, Arc::clone(caller));
        }
    }
}
