//! Noticing what other processes have changed: whoever caches something asks here first.

use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use palisade::clock::SharedClock;

use crate::store::{Changed, SharedStore, StoreError};

/// How long an answer of the store counts. Short against a request, long against asking.
pub(crate) const FRESH: Duration = Duration::from_millis(1);

/// A reader's place in a store's change feed.
pub(crate) struct Watch {
    store: SharedStore,
    clock: SharedClock,
    /// When the store was last asked, as nanoseconds plus one; 0 is never. Read without the lock.
    asked: AtomicU64,
    version: Mutex<u64>,
}

impl Watch {
    /// Begins now: what is read from the store after this is not older than the watch.
    pub(crate) fn begin(store: SharedStore, clock: SharedClock) -> Result<Self, StoreError> {
        let version = Mutex::new(store.version()?);
        Ok(Self { store, clock, asked: AtomicU64::new(0), version })
    }

    /// Has `apply` forget what has changed, if the last answer is older than [`FRESH`]. When this returns, all that
    /// was committed up to [`FRESH`] ago has been applied, by this caller or another.
    pub(crate) fn catch_up(&self, apply: impl FnOnce(&Changed)) -> Result<(), StoreError> {
        let now = self.clock.monotonic();
        if self.is_fresh(now) {
            return Ok(());
        }
        let mut version = self.version.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have asked while this waited for the lock.
        if self.is_fresh(now) {
            return Ok(());
        }
        if self.store.version()? != *version {
            let changed = self.store.changed_since(*version)?;
            apply(&changed);
            *version = changed.version;
        }
        self.asked.store(nanoseconds(now).saturating_add(1), Ordering::Release);
        Ok(())
    }

    fn is_fresh(&self, now: Duration) -> bool {
        let asked = self.asked.load(Ordering::Acquire);
        asked > 0 && nanoseconds(now) < (asked - 1).saturating_add(nanoseconds(FRESH))
    }
}

/// Enough for 584 years.
fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}
