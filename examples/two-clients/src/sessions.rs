//! The browsers that are signed in.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use palisade::{
    clock::{SharedClock, Timestamp},
    random::{RandomUnavailable, SharedRandom},
    secret::SecretString,
};

const LIFETIME: Duration = Duration::from_hours(12);

/// How many there can be: the memory they take has a bound.
const MOST: usize = 10_000;

/// The sessions, by the SHA-256 of what the cookie carries: whoever reads this memory cannot sign in with it.
#[derive(Debug)]
pub(crate) struct Sessions {
    clock: SharedClock,
    random: SharedRandom,
    by_hash: Mutex<HashMap<[u8; 32], Session>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) name: &'static str,
    pub(crate) begun_at: Timestamp,
}

impl Sessions {
    pub(crate) fn new(clock: SharedClock, random: SharedRandom) -> Self {
        Self { clock, random, by_hash: Mutex::default() }
    }

    /// Begins a session of `name` and answers what its cookie carries: drawn anew, whatever the browser had before.
    pub(crate) fn begin(&self, name: &'static str) -> Result<SecretString, RandomUnavailable> {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes)?;
        let text = URL_SAFE_NO_PAD.encode(bytes);
        let begun_at = self.clock.now();
        let mut sessions = self.sessions();
        sessions.retain(|_, session| session.lives(begun_at));
        if sessions.len() < MOST {
            sessions.insert(hash(&text), Session { name, begun_at });
        }
        Ok(SecretString::new(text))
    }

    /// The session that `text` names, unless it is over.
    pub(crate) fn find(&self, text: &str) -> Option<Session> {
        let session = self.sessions().get(&hash(text)).cloned();
        session.filter(|session| session.lives(self.clock.now()))
    }

    pub(crate) fn end(&self, text: &str) {
        self.sessions().remove(&hash(text));
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<[u8; 32], Session>> {
        self.by_hash.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    fn lives(&self, now: Timestamp) -> bool {
        now.since(self.begun_at) < LIFETIME
    }
}

fn hash(text: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    hash
}
