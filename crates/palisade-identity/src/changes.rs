//! Noticing what other processes have changed: whoever keeps something in memory listens here, and asks before using it.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use palisade::clock::SharedClock;

use crate::{
    epochs::{Epochs, Subject},
    store::{Changed, SharedStore, StoreError},
};

/// How long an answer of the store counts. Short against a request, long against asking.
pub(crate) const FRESH: Duration = Duration::from_millis(1);

type Listener = Box<dyn Fn(&Changed) + Send + Sync>;

/// A process's place in a store's change feed: one for all that is kept in memory. Cheap to clone.
#[derive(Clone)]
pub struct Changes(Arc<Inner>);

struct Inner {
    store: SharedStore,
    clock: SharedClock,
    /// When the store was last asked, as nanoseconds plus one; 0 is never. Read without the lock.
    asked: AtomicU64,
    version: Mutex<u64>,
    epochs: Epochs,
    listeners: RwLock<Vec<Listener>>,
}

impl Changes {
    /// Begins now: what is read from the store after this is not older than it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub fn begin(store: SharedStore, clock: SharedClock) -> Result<Self, StoreError> {
        let version = Mutex::new(store.version()?);
        let listeners = RwLock::default();
        let (asked, epochs) = (AtomicU64::new(0), Epochs::new());
        Ok(Self(Arc::new(Inner { store, clock, asked, version, epochs, listeners })))
    }

    /// The store.
    pub fn store(&self) -> &SharedStore {
        &self.0.store
    }

    /// The clock.
    pub fn clock(&self) -> &SharedClock {
        &self.0.clock
    }

    /// Has `forget` told of every change from here on. It forgets what has changed, and does not wait.
    pub(crate) fn listen(&self, forget: impl Fn(&Changed) + Send + Sync + 'static) {
        self.0.listeners.write().unwrap_or_else(PoisonError::into_inner).push(Box::new(forget));
    }

    /// When something that is kept in memory last changed. [Catch up](Self::catch_up) before asking.
    pub(crate) fn epochs(&self) -> &Epochs {
        &self.0.epochs
    }

    /// Tells the listeners what has changed, and raises its epochs, if the last answer of the store is older than
    /// [`FRESH`]. When this returns, all that was committed up to [`FRESH`] ago has been told, by this caller or another.
    pub(crate) fn catch_up(&self) -> Result<(), StoreError> {
        let inner = &*self.0;
        let now = inner.clock.monotonic();
        if inner.is_fresh(now) {
            return Ok(());
        }
        let mut version = inner.version();
        // Somebody else may have asked while this waited for the lock.
        if inner.is_fresh(now) {
            return Ok(());
        }
        if inner.store.version()? != *version {
            let changed = inner.store.changed_since(*version)?;
            for forget in inner.listeners.read().unwrap_or_else(PoisonError::into_inner).iter() {
                forget(&changed);
            }
            inner.raise(&changed);
            *version = changed.version;
        }
        inner.asked.store(nanoseconds(now).saturating_add(1), Ordering::Release);
        Ok(())
    }
}

impl Inner {
    fn version(&self) -> MutexGuard<'_, u64> {
        self.version.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Called after the listeners have invalidated their caches, so that a look-up in the new epoch finds nothing stale.
    fn raise(&self, changed: &Changed) {
        let Some(records) = changed.records.as_ref().filter(|_| !changed.roles && !changed.keys) else {
            return self.epochs.raise_all();
        };
        let accounts = records.accounts.iter().copied().map(Subject::Account);
        let sessions = records.sessions.iter().copied().map(Subject::Session);
        let api_keys = records.api_keys.iter().copied().map(Subject::ApiKey);
        self.epochs.raise(accounts.chain(sessions).chain(api_keys));
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

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").finish_non_exhaustive()
    }
}
