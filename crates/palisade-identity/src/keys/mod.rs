//! The keys access tokens are signed with: kept sealed, rotated with overlap, retired at once when one leaks.
//!
//! A new key signs from the moment it is made; the one before it is accepted until the last token it signed has
//! expired. [`SigningKeys::refresh`] notices what another process has done, and tells the verifier.

mod error;
mod master;
mod opening;
mod seal;

use std::{
    fmt,
    path::Path,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use palisade::{
    clock::{Clock, SharedClock, Timestamp},
    random::{Random, SharedRandom},
    token::{Issuer, Verifier},
};

use self::opening::Opening;
pub use self::{
    error::KeysError,
    master::{MasterKey, MasterKeyError},
};
use crate::{
    audit::{Action, Actor, AuditEntry},
    changes::Changes,
    store::{KeyChange, KeyRecord, SharedStore, Store, StoreError},
};

/// How much longer than a token's lifetime its key is accepted: the verifier's leeway, and a process that has not yet
/// noticed the new key.
const SLACK: Duration = Duration::from_secs(120);

/// The signing keys of one issuer. Cheap to clone.
#[derive(Clone)]
pub struct SigningKeys(Arc<Inner>);

struct Inner {
    store: SharedStore,
    master: MasterKey,
    settings: KeySettings,
    verifier: Arc<Verifier>,
    clock: SharedClock,
    random: SharedRandom,
    changes: Changes,
    /// How often the keys have changed, and which of these changes `current` has seen.
    changed: Arc<AtomicU64>,
    loaded: AtomicU64,
    /// When a key of `current` ends, in seconds; read without the lock.
    next_end: AtomicI64,
    loading: tokio::sync::Mutex<()>,
    current: RwLock<Arc<Current>>,
}

/// What signs, and what is accepted.
struct Current {
    issuer: Arc<Issuer>,
    published: Arc<str>,
}

/// What the keys are for.
#[derive(Clone, Debug)]
pub struct KeySettings {
    /// The issuer (`iss`) tokens name.
    pub issuer: String,
    /// The longest lifetime of a token: so long a key is accepted after it has ceased to sign.
    pub token_lifetime: Duration,
}

/// The master key in the file `path`, which is made if the store has no keys yet. If it has, a new master key would
/// open none of them, so a missing file is an error.
///
/// # Errors
///
/// [`MasterKeyError`]; also when the store does not answer, as [`MasterKeyError::Io`].
pub async fn master_key_for(
    store: &dyn Store,
    path: &Path,
    random: &dyn Random,
) -> Result<MasterKey, MasterKeyError> {
    match MasterKey::from_file(path) {
        Err(MasterKeyError::Missing(missing)) => {
            let keys = store.keys().await.map_err(|error| MasterKeyError::Io {
                path: path.to_owned(),
                error: std::io::Error::other(error),
            })?;
            if keys.is_empty() {
                MasterKey::create_file(path, random)
            } else {
                Err(MasterKeyError::Missing(missing))
            }
        }
        found => found,
    }
}

/// Removes a key without opening it: nothing it signed is accepted any more, by any process. If it is the one that
/// signs, whoever signs next makes another.
///
/// # Errors
///
/// [`KeysError::NotFound`] and [`KeysError::Store`].
pub async fn discard(store: &dyn Store, clock: &dyn Clock, actor: Actor, kid: &str) -> Result<(), KeysError> {
    let audit = AuditEntry::new(clock.now(), actor, Action::KeyRetired, kid);
    Ok(store.change_keys(KeyChange::Remove { kid: kid.to_owned() }, audit).await?)
}

impl SigningKeys {
    /// Opens the keys in `store` under `master`, makes one if there is none, and tells `verifier` which to accept.
    ///
    /// # Errors
    ///
    /// [`KeysError`]: all but `NotFound`.
    pub async fn open(
        changes: Changes,
        master: MasterKey,
        settings: KeySettings,
        verifier: Arc<Verifier>,
        random: SharedRandom,
    ) -> Result<Self, KeysError> {
        let (store, clock) = (Arc::clone(changes.store()), Arc::clone(changes.clock()));
        let changed = Arc::new(AtomicU64::new(0));
        let counting = Arc::clone(&changed);
        changes.listen(move |changed| {
            if changed.keys {
                counting.fetch_add(1, Ordering::SeqCst);
            }
        });
        let opening =
            Opening { store: &*store, master: &master, settings: &settings, clock: &clock, random: &random };
        let opened = opening.open().await?;
        verifier.set_keys(opened.accepted);
        Ok(Self(Arc::new(Inner {
            next_end: AtomicI64::new(opened.next_end),
            current: RwLock::new(Arc::new(opened.current)),
            store,
            master,
            settings,
            verifier,
            clock,
            random,
            changes,
            changed,
            loaded: AtomicU64::new(0),
            loading: tokio::sync::Mutex::new(()),
        })))
    }

    /// Takes in what has changed: keys rotated or retired by another process, and keys that have ended. Call it
    /// before a token is verified; it costs nothing when the store was asked less than a millisecond ago.
    ///
    /// # Errors
    ///
    /// [`KeysError`] when that cannot be known. Nothing may be accepted then.
    pub async fn refresh(&self) -> Result<(), KeysError> {
        if !self.are_current(self.0.clock.now())? {
            // In a box: loading is seldom, and what it holds would make the future of every request large.
            Box::pin(self.load()).await?;
        }
        Ok(())
    }

    /// Whether the keys in memory are those that count at `now`, once the change feed is caught up with.
    pub(crate) fn are_current(&self, now: Timestamp) -> Result<bool, StoreError> {
        let inner = &*self.0;
        inner.changes.catch_up()?;
        let ended = now.as_unix() > inner.next_end.load(Ordering::SeqCst);
        Ok(!ended && inner.loaded.load(Ordering::SeqCst) == inner.changed.load(Ordering::SeqCst))
    }

    /// Signs tokens with the newest key.
    ///
    /// # Errors
    ///
    /// As [`refresh`](Self::refresh).
    pub async fn issuer(&self) -> Result<Arc<Issuer>, KeysError> {
        self.refresh().await?;
        Ok(Arc::clone(&self.current().issuer))
    }

    /// The key set to publish (RFC 7517, section 5), in JSON: all keys that are accepted, the newest first.
    ///
    /// # Errors
    ///
    /// As [`refresh`](Self::refresh).
    pub async fn published(&self) -> Result<Arc<str>, KeysError> {
        self.refresh().await?;
        Ok(Arc::clone(&self.current().published))
    }

    /// Makes a key that signs from now on, and answers its id. The one before is accepted until its tokens expire.
    ///
    /// # Errors
    ///
    /// [`KeysError::ChangedMeanwhile`] when another process rotates too, and the rest.
    pub async fn rotate(&self, actor: Actor) -> Result<String, KeysError> {
        self.refresh().await?;
        let replacing = self.current().issuer.key().key_id().to_owned();
        let kid = self.0.opening().rotate(actor, Some(replacing)).await;
        self.0.changed.fetch_add(1, Ordering::SeqCst);
        self.refresh().await?;
        kid
    }

    /// Retires a key at once, because it leaked: nothing it signed is accepted any more. If it is the one that signs,
    /// another is made.
    ///
    /// # Errors
    ///
    /// [`KeysError::NotFound`] and the rest.
    pub async fn retire(&self, actor: Actor, kid: &str) -> Result<(), KeysError> {
        let discarded = discard(&*self.0.store, &*self.0.clock, actor, kid).await;
        self.0.changed.fetch_add(1, Ordering::SeqCst);
        self.refresh().await?;
        discarded
    }

    /// All keys that are kept, the oldest first.
    ///
    /// # Errors
    ///
    /// [`KeysError::Store`].
    pub async fn list(&self) -> Result<Vec<KeyRecord>, KeysError> {
        Ok(self.0.store.keys().await?)
    }

    fn current(&self) -> Arc<Current> {
        Arc::clone(&self.0.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn load(&self) -> Result<(), KeysError> {
        let inner = &*self.0;
        let _loading = inner.loading.lock().await;
        let changes = inner.changed.load(Ordering::SeqCst);
        let ended = inner.clock.now().as_unix() > inner.next_end.load(Ordering::SeqCst);
        // Somebody else may have loaded them while this waited.
        if !ended && inner.loaded.load(Ordering::SeqCst) == changes {
            return Ok(());
        }
        let opened = inner.opening().open().await?;
        inner.verifier.set_keys(opened.accepted);
        *inner.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(opened.current);
        inner.next_end.store(opened.next_end, Ordering::SeqCst);
        inner.loaded.store(changes, Ordering::SeqCst);
        Ok(())
    }
}

impl Inner {
    fn opening(&self) -> Opening<'_> {
        Opening {
            store: &*self.store,
            master: &self.master,
            settings: &self.settings,
            clock: &self.clock,
            random: &self.random,
        }
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKeys").field("signing", self.current().issuer.key()).finish_non_exhaustive()
    }
}
