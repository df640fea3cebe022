//! The accounts that are in use just now, in memory, with what each may do: every authenticated request asks for one.

use std::{
    fmt,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use palisade::{Authority, extract::Serialized, scope::ScopeSet};
use quick_cache::sync::Cache;

use crate::{
    account::{Account, AccountId, AccountView},
    changes::Changes,
    epochs::Subject,
    roles::{Holdings, RoleBook},
    store::{Changed, SharedStore, StoreError},
};

/// How many accounts are kept: some megabytes, or some tens where most of them are in many tenants.
const KEPT: usize = 16_384;

/// An active account, and what it may do, as of the moment it was asked for.
#[derive(Clone, Debug)]
pub struct ActiveAccount {
    account: Account,
    holdings: Holdings,
    /// Its id as text, as an authority has it.
    subject: Arc<str>,
    /// As its owner reads it, once it has.
    view: OnceLock<Serialized<AccountView>>,
}

impl ActiveAccount {
    fn new(account: Account, holdings: Holdings) -> Self {
        let subject = account.id.to_string().into();
        Self { account, holdings, subject, view: OnceLock::new() }
    }

    /// The account as its owner reads it: serialized once, and invalidated with the account.
    pub(crate) fn view(&self) -> Serialized<AccountView> {
        self.view.get_or_init(|| Serialized::new(&AccountView::from(&self.account))).clone()
    }

    /// What it may do.
    pub fn holdings(&self) -> &Holdings {
        &self.holdings
    }

    /// Its authority when it signed in itself, with all it has.
    pub(crate) fn whole(&self) -> Authority {
        self.holdings.whole(Arc::clone(&self.subject))
    }

    /// The authority of a credential that acts for it and was issued `scopes`.
    pub(crate) fn narrowed(&self, scopes: &ScopeSet) -> Authority {
        self.holdings.narrowed(Arc::clone(&self.subject), scopes)
    }
}

impl PartialEq for ActiveAccount {
    fn eq(&self, other: &Self) -> bool {
        self.account == other.account && self.holdings == other.holdings
    }
}

impl Eq for ActiveAccount {}

impl Deref for ActiveAccount {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.account
    }
}

pub(super) struct ActiveAccounts {
    store: SharedStore,
    changes: Changes,
    kept: Arc<Kept>,
}

struct Kept {
    accounts: Cache<AccountId, Arc<ActiveAccount>>,
    forgetting: Mutex<Forgetting>,
}

/// Held while forgetting and while putting in, so that a read that began before a change does not put back what was
/// forgotten by it; whoever finds what is kept does not take it.
#[derive(Default)]
struct Forgetting {
    /// How often something was forgotten.
    times: u64,
    /// The stored roles. What is kept of an account was worked out with them, so they are forgotten together.
    book: Option<Arc<RoleBook>>,
}

impl ActiveAccounts {
    pub(super) fn begin(changes: Changes) -> Self {
        let kept = Arc::new(Kept { accounts: Cache::new(KEPT), forgetting: Mutex::default() });
        let listening = Arc::clone(&kept);
        changes.listen(move |changed| listening.forget_changed(changed));
        Self { store: Arc::clone(changes.store()), changes, kept }
    }

    pub(super) fn changes(&self) -> &Changes {
        &self.changes
    }

    /// The account `id` if it exists and is active.
    pub(super) async fn find(&self, id: AccountId) -> Result<Option<Arc<ActiveAccount>>, StoreError> {
        self.changes.catch_up()?;
        let account = match self.kept.accounts.get(&id) {
            Some(account) => Some(account),
            // In a box: what is seldom needed would make the future of every request large.
            None => Box::pin(self.read(id)).await?,
        };
        Ok(account.filter(|account| account.is_active()))
    }

    /// The stored roles.
    pub(super) async fn book(&self) -> Result<Arc<RoleBook>, StoreError> {
        self.changes.catch_up()?;
        let before = {
            let forgetting = self.kept.forgetting();
            if let Some(book) = &forgetting.book {
                return Ok(Arc::clone(book));
            }
            forgetting.times
        };
        let book = RoleBook::new(self.store.roles().await?);
        let book = Arc::new(book.map_err(|error| StoreError::Corrupt(error.to_string()))?);
        let mut forgetting = self.kept.forgetting();
        if forgetting.times == before {
            forgetting.book = Some(Arc::clone(&book));
        }
        Ok(book)
    }

    /// What `account` may do, by what is stored now.
    pub(super) async fn holdings(&self, account: &Account) -> Result<Holdings, StoreError> {
        let book = self.book().await?;
        let grants = self.store.grants(account.id).await?;
        Ok(Holdings::of(account.roles, &grants, &book))
    }

    /// Forgets `id`, which this process has just changed.
    pub(super) fn forget(&self, id: AccountId) {
        let mut forgetting = self.kept.forgetting();
        forgetting.times += 1;
        self.kept.accounts.remove(&id);
        self.changes.epochs().raise([Subject::Account(id)]);
    }

    /// Forgets the stored roles, which this process has just changed, and all that was worked out with them.
    pub(super) fn forget_roles(&self) {
        self.kept.forget_all(&mut self.kept.forgetting());
        self.changes.epochs().raise_all();
    }

    async fn read(&self, id: AccountId) -> Result<Option<Arc<ActiveAccount>>, StoreError> {
        let before = self.kept.forgetting().times;
        let Some(account) = self.store.account(id).await? else { return Ok(None) };
        let holdings = self.holdings(&account).await?;
        let account = Arc::new(ActiveAccount::new(account, holdings));
        let forgetting = self.kept.forgetting();
        if forgetting.times == before {
            self.kept.accounts.insert(id, Arc::clone(&account));
        }
        Ok(Some(account))
    }
}

impl Kept {
    fn forget_changed(&self, changed: &Changed) {
        let mut forgetting = self.forgetting();
        match &changed.records {
            Some(records) if !changed.roles => {
                forgetting.times += 1;
                for id in &records.accounts {
                    self.accounts.remove(id);
                }
            }
            _ => self.forget_all(&mut forgetting),
        }
    }

    fn forget_all(&self, forgetting: &mut Forgetting) {
        forgetting.times += 1;
        forgetting.book = None;
        self.accounts.clear();
    }

    fn forgetting(&self) -> MutexGuard<'_, Forgetting> {
        self.forgetting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ActiveAccounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActiveAccounts").field("kept", &self.kept.accounts.len()).finish_non_exhaustive()
    }
}
