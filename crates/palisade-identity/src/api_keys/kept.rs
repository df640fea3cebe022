//! The keys that are in use just now, in memory.
//!
//! Only keys that exist are kept: whoever presents ids that nobody has displaces nothing.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use palisade::clock::Timestamp;
use quick_cache::sync::Cache;

use super::ApiKey;
use crate::{
    changes::Changes,
    epochs::Subject,
    id::ApiKeyId,
    store::{Changed, SharedStore, StoreError},
};

/// How many keys are kept: some megabytes.
pub(crate) const KEPT: usize = 16_384;

pub(super) struct KeptKeys {
    store: SharedStore,
    changes: Changes,
    kept: Arc<Kept>,
}

/// A key in memory.
#[derive(Debug)]
pub(super) struct KeptKey {
    pub(super) key: ApiKey,
    /// When it was last used, in seconds, as far as it was written down.
    noted: AtomicI64,
}

struct Kept {
    keys: Cache<ApiKeyId, Arc<KeptKey>>,
    /// How often something was forgotten. Held while forgetting and while putting in, so that a read that began before a
    /// change does not put back what was forgotten by it; whoever finds what is kept does not take it.
    forgotten: Mutex<u64>,
}

impl KeptKeys {
    pub(super) fn begin(changes: Changes) -> Self {
        let kept = Arc::new(Kept { keys: Cache::new(KEPT), forgotten: Mutex::new(0) });
        let listening = Arc::clone(&kept);
        changes.listen(move |changed| listening.forget_changed(changed));
        Self { store: Arc::clone(changes.store()), changes, kept }
    }

    /// The key `id`, alive or not.
    pub(super) async fn find(&self, id: ApiKeyId) -> Result<Option<Arc<KeptKey>>, StoreError> {
        self.changes.catch_up()?;
        match self.kept.keys.get(&id) {
            Some(key) => Ok(Some(key)),
            // In a box: what is seldom needed would make the future of every request large.
            None => Box::pin(self.read(id)).await,
        }
    }

    /// Forgets `id`, which this process has just changed.
    pub(super) fn forget(&self, id: ApiKeyId) {
        let mut forgotten = self.kept.forgotten();
        *forgotten += 1;
        self.kept.keys.remove(&id);
        self.changes.epochs().raise([Subject::ApiKey(id)]);
    }

    /// Writes down that `kept` is being used, unless that was done less than `every` ago. Nobody waits for it, and no
    /// request fails by it.
    pub(super) fn note_use(&self, kept: &KeptKey, now: Timestamp, every: Duration) {
        let noted = kept.noted.load(Ordering::Relaxed);
        let due = now.since(Timestamp::from_unix(noted)) >= every;
        // Of those that see it at once, one writes.
        let mine = || kept.noted.compare_exchange(noted, now.as_unix(), Ordering::Relaxed, Ordering::Relaxed);
        if due && mine().is_ok() {
            let (id, written) = (kept.key.id, self.store.api_key_used(kept.key.id, now));
            tokio::spawn(async move {
                if let Err(error) = written.await {
                    tracing::warn!(%error, key = %id, "that a key was used was not written down");
                }
            });
        }
    }

    async fn read(&self, id: ApiKeyId) -> Result<Option<Arc<KeptKey>>, StoreError> {
        let before = *self.kept.forgotten();
        let Some(key) = self.store.api_key(id).await? else { return Ok(None) };
        let noted = key.last_used_at.map_or(i64::MIN, Timestamp::as_unix);
        let key = Arc::new(KeptKey { noted: AtomicI64::new(noted), key });
        let forgotten = self.kept.forgotten();
        if *forgotten == before {
            self.kept.keys.insert(id, Arc::clone(&key));
        }
        Ok(Some(key))
    }
}

impl Kept {
    fn forget_changed(&self, changed: &Changed) {
        let mut forgotten = self.forgotten();
        *forgotten += 1;
        match &changed.records {
            Some(records) => {
                for id in &records.api_keys {
                    self.keys.remove(id);
                }
            }
            None => self.keys.clear(),
        }
    }

    fn forgotten(&self) -> MutexGuard<'_, u64> {
        self.forgotten.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for KeptKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptKeys").field("kept", &self.kept.keys.len()).finish_non_exhaustive()
    }
}
