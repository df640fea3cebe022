//! A world for the services' tests: a real store, a clock that stands still, and a hasher that tells what it was asked.

#![allow(dead_code, reason = "each test file uses its part")]
#![expect(clippy::unwrap_used, reason = "tests panic to fail")]

pub(crate) mod post;

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use palisade::{
    clock::ManualClock,
    random::{SeededRandom, SharedRandom},
    secret::SecretString,
};
use palisade_identity::{
    account::Account,
    accounts::{Accounts, Applicant, HashFuture, PasswordHashing},
    audit::{Actor, AuditEntry, Trail},
    changes::Changes,
    password::{HashError, PasswordHash, Queue, Unfit, Verified, Weakness},
    role::Role,
    sessions::{SessionSettings, Sessions},
    store::{PageSize, SharedStore},
};
use palisade_store_sqlite::SqliteStore;
use tokio::sync::oneshot;

pub(crate) const NOW: i64 = 1_700_000_000;

pub(crate) struct World {
    /// As the server has it.
    pub(crate) accounts: Accounts,
    /// As a command beside the running server has it.
    pub(crate) beside: Accounts,
    pub(crate) sessions: Sessions,
    pub(crate) sessions_beside: Sessions,
    pub(crate) store: SharedStore,
    pub(crate) store_beside: SharedStore,
    pub(crate) hashing: Arc<TellingHasher>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) random: SharedRandom,
    pub(crate) folder: tempfile::TempDir,
}

pub(crate) fn world() -> World {
    world_with(SessionSettings::default())
}

pub(crate) fn world_with(settings: SessionSettings) -> World {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    let (clock, random) = (ManualClock::at(NOW), SeededRandom::shared(1));
    let hashing = Arc::new(TellingHasher::default());
    let open = |path: PathBuf| -> (SharedStore, Accounts, Sessions) {
        let store: SharedStore = Arc::new(SqliteStore::open(path).unwrap());
        let changes = Changes::begin(Arc::clone(&store), clock.clone()).unwrap();
        let accounts = Accounts::new(changes.clone(), hashing.clone(), Arc::clone(&random));
        let sessions = Sessions::new(changes, accounts.clone(), Arc::clone(&random), settings);
        (store, accounts, sessions)
    };
    let (store, accounts, sessions) = open(path.clone());
    let (store_beside, beside, sessions_beside) = open(path);
    World { accounts, beside, sessions, sessions_beside, store, store_beside, hashing, clock, random, folder }
}

impl World {
    pub(crate) async fn with_user(name: &str) -> (Self, Account) {
        let world = world();
        let account = world.accounts.sign_up(applicant(name)).await.unwrap();
        world.hashing.asked();
        (world, account)
    }

    pub(crate) async fn admin(&self, name: &str) -> Account {
        self.accounts.admin_create(Actor::Operator, applicant(name), Role::Admin.into()).await.unwrap()
    }

    /// A trail, the newest first.
    pub(crate) async fn trail(&self, trail: Trail) -> Vec<AuditEntry> {
        let rows = self.store.audit(trail, None, PageSize::LARGEST).await.unwrap();
        rows.into_iter().map(|row| row.entry).collect()
    }

    /// Waits for the writes that nobody waited for, of either process, by writing once more in each.
    pub(crate) async fn settle(&self) {
        for accounts in [&self.accounts, &self.beside] {
            tokio::task::yield_now().await;
            let count = accounts.list(None, PageSize::LARGEST).await.unwrap().len();
            accounts.sign_up(applicant(&format!("settled{count}"))).await.unwrap();
        }
    }
}

pub(crate) fn applicant(name: &str) -> Applicant {
    Applicant {
        username: name.parse().unwrap(),
        email: "somebody@example.org".parse().unwrap(),
        password: password("correct horse"),
    }
}

pub(crate) fn password(text: &str) -> SecretString {
    SecretString::new(text)
}

/// What the hasher was asked, in words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Hash(Queue),
    VerifyKnown,
    VerifyUnknown,
}

/// Hashes in the stored form, but fast.
#[derive(Debug, Default)]
pub(crate) struct TellingHasher {
    asked: Mutex<Vec<Asked>>,
    pub(crate) overloaded: AtomicBool,
    pub(crate) outdated: AtomicBool,
    held: Mutex<Option<(oneshot::Sender<()>, oneshot::Receiver<()>)>>,
}

impl TellingHasher {
    /// What was asked since the last call.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// Holds the next hash: the first end tells that it has begun, the second lets it go on.
    pub(crate) fn hold_next_hash(&self) -> (oneshot::Receiver<()>, oneshot::Sender<()>) {
        let ((begin, begun), (release, released)) = (oneshot::channel(), oneshot::channel());
        *self.held.lock().unwrap() = Some((begin, released));
        (begun, release)
    }

    fn ask(&self, asked: Asked) -> Result<(), HashError> {
        self.asked.lock().unwrap().push(asked);
        if self.overloaded.load(Ordering::SeqCst) {
            return Err(HashError::Busy { retry_after: Duration::from_secs(2) });
        }
        Ok(())
    }
}

fn hash(password: &SecretString, salt: char) -> PasswordHash {
    let tag = STANDARD_NO_PAD.encode(digest(&SHA256, password.expose().as_bytes()));
    let salt = salt.to_string().repeat(21);
    format!("$argon2id$v=19$m=19456,t=2,p=1${salt}A${tag}").parse().unwrap()
}

impl PasswordHashing for TellingHasher {
    fn judge(&self, _: Queue, password: SecretString, own: Vec<String>) -> HashFuture<'_, (), Unfit> {
        let personal = own.iter().any(|own| own == password.expose());
        let judged = if personal { Err(Unfit::Weak(vec![Weakness::Personal])) } else { Ok(()) };
        Box::pin(std::future::ready(judged))
    }

    fn hash(&self, queue: Queue, password: SecretString) -> HashFuture<'_, PasswordHash> {
        Box::pin(async move {
            self.ask(Asked::Hash(queue))?;
            let held = self.held.lock().unwrap().take();
            if let Some((begin, released)) = held {
                begin.send(()).unwrap();
                released.await.unwrap();
            }
            Ok(hash(&password, 'A'))
        })
    }

    fn verify(
        &self,
        queue: Queue,
        password: SecretString,
        stored: Option<PasswordHash>,
    ) -> HashFuture<'_, Verified> {
        assert_eq!(queue, Queue::SignIn);
        Box::pin(async move {
            self.ask(if stored.is_some() { Asked::VerifyKnown } else { Asked::VerifyUnknown })?;
            let right =
                stored.is_some_and(|stored| ['A', 'B'].map(|salt| hash(&password, salt)).contains(&stored));
            Ok(match (right, self.outdated.load(Ordering::SeqCst)) {
                (false, _) => Verified::No,
                (true, false) => Verified::Yes,
                (true, true) => Verified::YesRehash(hash(&password, 'B')),
            })
        })
    }
}
