//! The services on this store when it fails, and with real passwords.

#![expect(clippy::unwrap_used, reason = "tests panic to fail")]

use std::{path::Path, sync::Arc, time::Duration};

use palisade::{
    clock::{ManualClock, SharedClock},
    random::SeededRandom,
    secret::SecretString,
};
use palisade_identity::{
    account::Account,
    accounts::{Accounts, AccountsError, Applicant, Passwords},
    changes::Changes,
    password::{Config, PasswordHasher, Policy},
    store::StoreError,
};
use palisade_store_sqlite::SqliteStore;
use rusqlite::Connection;

fn accounts(path: &Path, clock: &Arc<ManualClock>) -> Accounts {
    let (clock, random): (SharedClock, _) = (clock.clone(), SeededRandom::shared(1));
    let hasher = PasswordHasher::new(&Config::default(), Arc::clone(&clock), Arc::clone(&random)).unwrap();
    let passwords = Arc::new(Passwords::new(hasher, Policy::default()));
    let store = Arc::new(SqliteStore::open(path).unwrap());
    Accounts::new(Changes::begin(store, clock).unwrap(), passwords, random)
}

fn secret(text: &str) -> SecretString {
    SecretString::new(text)
}

async fn sign_up(accounts: &Accounts) -> Account {
    let (username, email) = ("ada".parse().unwrap(), "ada@example.org".parse().unwrap());
    let applicant = Applicant { username, email, password: secret("a reed against the tide") };
    accounts.sign_up(applicant).await.unwrap()
}

#[tokio::test]
async fn a_real_password_survives_a_restart_and_is_not_in_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let (path, clock) = (folder.path().join("store.sqlite"), ManualClock::at(1_700_000_000));
    let ada = sign_up(&accounts(&path, &clock)).await;

    let restarted = accounts(&path, &clock);
    assert_eq!(restarted.sign_in("Ada", secret("a reed against the tide")).await, Ok(Some(ada.clone())));
    assert_eq!(restarted.sign_in("Ada", secret("A reed against the tide")).await, Ok(None));
    assert_eq!(restarted.sign_in("eve", secret("a reed against the tide")).await, Ok(None));
    assert!(!format!("{restarted:?} {ada:?}").contains("argon2"));
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let content = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!content.windows(4).any(|window| window == b"reed"));
    }
}

#[tokio::test]
async fn a_store_that_fails_is_an_error_and_never_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (path, clock) = (folder.path().join("store.sqlite"), ManualClock::at(1_700_000_000));
    let accounts = accounts(&path, &clock);
    let ada = sign_up(&accounts).await;
    let outside = Connection::open(&path).unwrap();
    outside.execute_batch("ALTER TABLE account RENAME TO hidden").unwrap();
    assert!(accounts.active(&ada.id).await.is_err());
    let password = secret("a reed against the tide");
    assert!(matches!(accounts.sign_in("ada", password.clone()).await, Err(AccountsError::Store(_))));
    assert!(matches!(
        accounts.disable(palisade_identity::audit::Actor::Operator, ada.id).await,
        Err(AccountsError::Store(_))
    ));

    outside.execute_batch("ALTER TABLE hidden RENAME TO account").unwrap();
    assert!(accounts.active(&ada.id).await.unwrap().is_some());
    // What is in memory counts only as long as the store can say that nothing has changed.
    outside.execute_batch("ALTER TABLE change RENAME TO hidden").unwrap();
    clock.advance(Duration::from_millis(1));
    assert!(accounts.active(&ada.id).await.is_err());
    outside.execute_batch("ALTER TABLE hidden RENAME TO change").unwrap();
    assert!(accounts.active(&ada.id).await.unwrap().is_some());
    assert!(accounts.sign_in("ada", password).await.unwrap().is_some());
}

/// It was put there with a tool: nobody gets anything by what cannot be read.
#[tokio::test]
async fn attack_a_circle_of_roles_written_past_this_program() {
    let folder = tempfile::tempdir().unwrap();
    let (path, clock) = (folder.path().join("store.sqlite"), ManualClock::at(1_700_000_000));
    let accounts = accounts(&path, &clock);
    let ada = sign_up(&accounts).await;
    assert!(accounts.active(&ada.id).await.unwrap().is_some());
    let tool = Connection::open(&path).unwrap();
    tool.execute_batch("INSERT INTO role (name, includes, scopes) VALUES ('a', 'b', ''), ('b', 'a', '')")
        .unwrap();
    clock.advance(Duration::from_millis(1));
    assert!(matches!(accounts.active(&ada.id).await, Err(StoreError::Corrupt(_))));
    for sql in [
        "UPDATE role SET includes = ''",
        "UPDATE role SET scopes = 'accounts:write'",
        "UPDATE role SET scopes = 'docs:read'",
    ] {
        tool.execute_batch(sql).unwrap();
        clock.advance(Duration::from_millis(1));
        let found = accounts.active(&ada.id).await;
        assert_eq!(found.is_err(), sql.contains("accounts:write"), "{found:?}");
    }
}
