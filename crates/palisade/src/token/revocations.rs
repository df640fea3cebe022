//! Tokens that ended before their time, kept in memory for as long as they would otherwise be good.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use crate::clock::{SharedClock, Timestamp};

/// How long after its `exp` a revoked token is still remembered: the leeway of verifying, and as much again for a
/// clock that is set back.
const KEPT_AFTER_EXPIRY: Duration = Duration::from_secs(120);

/// The revoked tokens of one issuer, by `jti`; shared between its verifiers.
///
/// Asking costs the same however many there are, and next to nothing while there are none. A token is forgotten when
/// it has expired anyway.
#[derive(Debug)]
pub struct Revocations {
    clock: SharedClock,
    capacity: usize,
    count: AtomicUsize,
    revoked: RwLock<Revoked>,
}

#[derive(Debug, Default)]
struct Revoked {
    ids: HashSet<Arc<str>>,
    /// The soonest forgotten first.
    by_end: BTreeSet<(Timestamp, Arc<str>)>,
}

/// As many tokens are revoked as can be remembered. Whoever revokes must end the token in another way, such as by its
/// account's generation; forgetting a revocation would let a token back in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no more revoked tokens can be remembered")]
pub struct RevocationsFull;

impl Revocations {
    /// An empty set for at most `capacity` tokens.
    pub fn with_capacity(capacity: usize, clock: SharedClock) -> Arc<Self> {
        Arc::new(Self { clock, capacity, count: AtomicUsize::new(0), revoked: RwLock::default() })
    }

    /// Ends the token called `id`, which would end by itself at `expires_at`.
    ///
    /// # Errors
    ///
    /// [`RevocationsFull`] when there is no room; the token is then *not* revoked.
    pub fn revoke(&self, id: &str, expires_at: Timestamp) -> Result<(), RevocationsFull> {
        let mut revoked = self.write();
        revoked.forget_until(self.clock.now());
        if !revoked.ids.contains(id) {
            // check: revocations-room
            if revoked.ids.len() >= self.capacity {
                return Err(RevocationsFull);
            }
            let id: Arc<str> = id.into();
            revoked.ids.insert(Arc::clone(&id));
            revoked.by_end.insert((expires_at.after(KEPT_AFTER_EXPIRY), id));
        }
        self.count.store(revoked.ids.len(), Ordering::Release);
        Ok(())
    }

    /// Whether the token called `id` was revoked.
    pub fn contains(&self, id: &str) -> bool {
        // check: revoked, instead: false
        self.count.load(Ordering::Acquire) > 0 && self.read().ids.contains(id)
    }

    /// How many are remembered.
    pub fn len(&self) -> usize {
        self.read().ids.len()
    }

    /// Whether none is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn read(&self) -> RwLockReadGuard<'_, Revoked> {
        self.revoked.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Revoked> {
        self.revoked.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Revoked {
    fn forget_until(&mut self, now: Timestamp) {
        while self.by_end.first().is_some_and(|(end, _)| *end < now) {
            if let Some((_, id)) = self.by_end.pop_first() {
                self.ids.remove(&id);
            }
        }
    }
}
