//! The accounts that are in use just now, in memory: every authenticated request asks for one.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use palisade::clock::SharedClock;
use quick_cache::sync::Cache;

use crate::{
    account::{Account, AccountId},
    store::{Changed, SharedStore, StoreError},
    watch::Watch,
};

/// How many accounts are kept: some megabytes.
const KEPT: usize = 16_384;

pub(super) struct ActiveAccounts {
    store: SharedStore,
    watch: Watch,
    kept: Cache<AccountId, Arc<Account>>,
    /// How often something was forgotten. Held while forgetting and while putting in, so that a read that began
    /// before a change does not put back what was forgotten by it; whoever finds what is kept does not take it.
    forgotten: Mutex<u64>,
}

impl ActiveAccounts {
    pub(super) fn begin(store: SharedStore, clock: SharedClock) -> Result<Self, StoreError> {
        let watch = Watch::begin(Arc::clone(&store), clock)?;
        Ok(Self { store, watch, kept: Cache::new(KEPT), forgotten: Mutex::new(0) })
    }

    /// The account `id` if it exists and is active.
    pub(super) async fn find(&self, id: AccountId) -> Result<Option<Arc<Account>>, StoreError> {
        self.watch.catch_up(|changed| self.forget_changed(changed))?;
        let account = match self.kept.get(&id) {
            Some(account) => Some(account),
            None => self.read(id).await?,
        };
        Ok(account.filter(|account| account.is_active()))
    }

    /// Forgets `id`, which this process has just changed.
    pub(super) fn forget(&self, id: AccountId) {
        let mut forgotten = self.forgotten();
        *forgotten += 1;
        self.kept.remove(&id);
    }

    async fn read(&self, id: AccountId) -> Result<Option<Arc<Account>>, StoreError> {
        let before = *self.forgotten();
        let Some(account) = self.store.account(id).await?.map(Arc::new) else { return Ok(None) };
        let forgotten = self.forgotten();
        if *forgotten == before {
            self.kept.insert(id, Arc::clone(&account));
        }
        Ok(Some(account))
    }

    fn forget_changed(&self, changed: &Changed) {
        let mut forgotten = self.forgotten();
        *forgotten += 1;
        match &changed.accounts {
            Some(accounts) => {
                for id in accounts {
                    self.kept.remove(id);
                }
            }
            None => self.kept.clear(),
        }
    }

    fn forgotten(&self) -> MutexGuard<'_, u64> {
        self.forgotten.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ActiveAccounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActiveAccounts").field("kept", &self.kept.len()).finish_non_exhaustive()
    }
}
