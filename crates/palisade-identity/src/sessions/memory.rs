//! The sessions in use just now, in memory: every request of a browser asks for one.
//!
//! Only a session whose secret was presented gets in here. So cookies that are made up cost the store a read by key each,
//! and leave nothing behind.

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

use crate::{
    id::SessionId,
    store::{Changed, SessionRecord},
};

/// How often at most it is written down that a session is in use.
const NOTED_EVERY: Duration = Duration::from_secs(60);

/// A session in memory.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) record: SessionRecord,
    last_seen: AtomicI64,
    /// The moment last handed over to be written down.
    noted: AtomicI64,
}

impl Live {
    pub(super) fn new(record: SessionRecord) -> Self {
        let seen = record.last_seen.as_unix();
        Self { record, last_seen: AtomicI64::new(seen), noted: AtomicI64::new(seen) }
    }

    pub(super) fn last_seen(&self) -> Timestamp {
        Timestamp::from_unix(self.last_seen.load(Ordering::Relaxed))
    }

    /// It is used `now`; answers whether that should be written down.
    pub(super) fn see(&self, now: Timestamp) -> bool {
        // Most requests are in a second in which there was one: they only read.
        if self.last_seen() >= now {
            return false;
        }
        self.last_seen.fetch_max(now.as_unix(), Ordering::Relaxed);
        let noted = self.noted.load(Ordering::Relaxed);
        // Of several requests at once one writes it down.
        now.since(Timestamp::from_unix(noted)) >= NOTED_EVERY
            && self.noted.compare_exchange(noted, now.as_unix(), Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

pub(super) struct LiveSessions {
    sessions: Cache<SessionId, Arc<Live>>,
    /// How often something was forgotten. Held while forgetting and while putting in, so that a read that began
    /// before a change does not put back what was forgotten by it; whoever finds what is kept does not take it.
    forgotten: Mutex<u64>,
}

impl LiveSessions {
    pub(super) fn new(kept: usize) -> Self {
        Self { sessions: Cache::new(kept), forgotten: Mutex::new(0) }
    }

    pub(super) fn get(&self, id: SessionId) -> Option<Arc<Live>> {
        self.sessions.get(&id)
    }

    /// To be asked before a read, and given to [`insert`](Self::insert) after it.
    pub(super) fn moment(&self) -> u64 {
        *self.forgotten()
    }

    /// Keeps what was read at `moment`, unless something was forgotten since.
    pub(super) fn insert(&self, live: &Arc<Live>, moment: u64) {
        let forgotten = self.forgotten();
        if *forgotten == moment {
            self.sessions.insert(live.record.id, Arc::clone(live));
        }
    }

    /// Forgets `id`, which this process has just changed.
    pub(super) fn forget(&self, ids: impl IntoIterator<Item = SessionId>) {
        let mut forgotten = self.forgotten();
        *forgotten += 1;
        for id in ids {
            self.sessions.remove(&id);
        }
    }

    pub(super) fn forget_changed(&self, changed: &Changed) {
        match &changed.records {
            Some(records) if records.sessions.is_empty() => {}
            Some(records) => self.forget(records.sessions.iter().copied()),
            None => {
                let mut forgotten = self.forgotten();
                *forgotten += 1;
                self.sessions.clear();
            }
        }
    }

    fn forgotten(&self) -> MutexGuard<'_, u64> {
        self.forgotten.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for LiveSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveSessions").field("kept", &self.sessions.len()).finish_non_exhaustive()
    }
}
