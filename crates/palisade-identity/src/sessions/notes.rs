//! Writes down which sessions are in use, without anybody waiting for it.
//!
//! One write is under way at a time; what comes meanwhile goes with the next. So there are as many writes as the store
//! can take, and each carries all there is.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use palisade::clock::Timestamp;

use crate::{id::SessionId, store::SharedStore};

/// More than this is not kept while the store is busy: it is noted when those sessions are next used.
const WAITING: usize = 65_536;

#[derive(Clone, Debug)]
pub(super) struct Notes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: SharedStore,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    seen: HashMap<SessionId, Timestamp>,
    writing: bool,
}

impl Notes {
    pub(super) fn new(store: SharedStore) -> Self {
        Self(Arc::new(Inner { store, waiting: Mutex::default() }))
    }

    /// Has it written down that `id` is in use `now`.
    pub(super) fn note(&self, id: SessionId, now: Timestamp) {
        let mut waiting = self.0.waiting();
        if waiting.seen.len() < WAITING {
            waiting.seen.insert(id, now);
        }
        if !waiting.writing {
            waiting.writing = true;
            tokio::spawn(Arc::clone(&self.0).write());
        }
    }
}

impl Inner {
    async fn write(self: Arc<Self>) {
        while let Some(seen) = self.take() {
            if let Err(error) = self.store.sessions_seen(seen).await {
                tracing::warn!(%error, "when sessions were last seen was not stored");
            }
        }
    }

    fn take(&self) -> Option<Vec<(SessionId, Timestamp)>> {
        let mut waiting = self.waiting();
        waiting.writing = !waiting.seen.is_empty();
        waiting.writing.then(|| waiting.seen.drain().collect())
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
