//! The accounts that are in use just now, in memory: every authenticated request asks for one.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use quick_cache::sync::Cache;

use crate::{
    account::{Account, AccountId},
    changes::Changes,
    store::{Changed, SharedStore, StoreError},
};

/// How many accounts are kept: some megabytes.
const KEPT: usize = 16_384;

pub(super) struct ActiveAccounts {
    store: SharedStore,
    changes: Changes,
    kept: Arc<Kept>,
}

struct Kept {
    accounts: Cache<AccountId, Arc<Account>>,
    /// How often something was forgotten. Held while forgetting and while putting in, so that a read that began
    /// before a change does not put back what was forgotten by it; whoever finds what is kept does not take it.
    forgotten: Mutex<u64>,
}

impl ActiveAccounts {
    pub(super) fn begin(changes: Changes) -> Self {
        let kept = Arc::new(Kept { accounts: Cache::new(KEPT), forgotten: Mutex::new(0) });
        let listening = Arc::clone(&kept);
        changes.listen(move |changed| listening.forget_changed(changed));
        Self { store: Arc::clone(changes.store()), changes, kept }
    }

    /// The account `id` if it exists and is active.
    pub(super) async fn find(&self, id: AccountId) -> Result<Option<Arc<Account>>, StoreError> {
        self.changes.catch_up()?;
        let account = match self.kept.accounts.get(&id) {
            Some(account) => Some(account),
            None => self.read(id).await?,
        };
        Ok(account.filter(|account| account.is_active()))
    }

    /// Forgets `id`, which this process has just changed.
    pub(super) fn forget(&self, id: AccountId) {
        let mut forgotten = self.kept.forgotten();
        *forgotten += 1;
        self.kept.accounts.remove(&id);
    }

    async fn read(&self, id: AccountId) -> Result<Option<Arc<Account>>, StoreError> {
        let before = *self.kept.forgotten();
        let Some(account) = self.store.account(id).await?.map(Arc::new) else { return Ok(None) };
        let forgotten = self.kept.forgotten();
        if *forgotten == before {
            self.kept.accounts.insert(id, Arc::clone(&account));
        }
        Ok(Some(account))
    }
}

impl Kept {
    fn forget_changed(&self, changed: &Changed) {
        let mut forgotten = self.forgotten();
        *forgotten += 1;
        match &changed.records {
            Some(records) => {
                for id in &records.accounts {
                    self.accounts.remove(id);
                }
            }
            None => self.accounts.clear(),
        }
    }

    fn forgotten(&self) -> MutexGuard<'_, u64> {
        self.forgotten.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ActiveAccounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActiveAccounts").field("kept", &self.kept.accounts.len()).finish_non_exhaustive()
    }
}
