//! The file itself: who may read it, which versions are understood, who else may have it open.

#![expect(clippy::unwrap_used, reason = "tests panic to fail")]

use std::{path::PathBuf, sync::Arc, thread, time::Duration};

use palisade::clock::Timestamp;
use palisade_identity::{
    audit::{Action, Actor, AuditEntry, Trail},
    store::{AuditStore as _, PageSize, StoreError},
};
use palisade_store_sqlite::SqliteStore;
use rusqlite::Connection;

fn somewhere() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data").join("store.sqlite");
    (folder, path)
}

fn entry(action: Action) -> AuditEntry {
    AuditEntry::new(Timestamp::from_unix(0), Actor::Operator, action, "somebody")
}

#[cfg(unix)]
#[tokio::test]
async fn the_folder_and_all_files_are_the_owners_alone() {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    let (_folder, path) = somewhere();
    let store = SqliteStore::open(&path).unwrap();
    store.record(entry(Action::AccountCreated)).await.unwrap();
    let data = path.parent().unwrap();
    assert_eq!(fs::metadata(data).unwrap().permissions().mode() & 0o777, 0o700);
    let files: Vec<_> = fs::read_dir(data).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), 4, "the file, its log, the log's index and the lock: {files:?}");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let (_folder, path) = somewhere();
    drop(SqliteStore::open(&path).unwrap());
    let set_version = |version: u32| {
        Connection::open(&path).unwrap().pragma_update(None, "user_version", version).unwrap();
    };
    set_version(99);
    let refused = SqliteStore::open(&path).unwrap_err();
    let StoreError::SchemaTooNew { found: 99, known } = refused else { panic!("{refused:?}") };
    assert_eq!(
        refused.to_string(),
        format!(
            "the store has schema version 99; this program knows versions up to {known}: run the newer program"
        )
    );
    set_version(known);
    assert!(SqliteStore::open(&path).is_ok());
}

#[test]
fn a_file_that_is_no_store_is_refused_and_left_alone() {
    let (_folder, path) = somewhere();
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "a shopping list, much longer than any header".repeat(100)).unwrap();
    assert!(matches!(SqliteStore::open(&path), Err(StoreError::Corrupt(_))));
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("a shopping list"));

    std::fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (n INTEGER)").unwrap();
    assert!(matches!(SqliteStore::open(&path), Err(StoreError::Corrupt(_))));
    let theirs: u32 = Connection::open(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(theirs, 1);
}

#[test]
fn a_folder_that_cannot_be_made_is_said() {
    let (folder, _) = somewhere();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let refused = SqliteStore::open(file.join("store.sqlite")).unwrap_err();
    assert!(refused.to_string().contains("the store's folder cannot be made"), "{refused}");
}

#[test]
fn many_may_open_a_new_store_at_once() {
    for _ in 0..5 {
        let (_folder, path) = somewhere();
        let openers: Vec<_> = (0..4)
            .map(|_| {
                let path = path.clone();
                thread::spawn(move || SqliteStore::open(path).map(drop))
            })
            .collect();
        for opener in openers {
            assert_eq!(opener.join().unwrap(), Ok(()));
        }
    }
}

#[tokio::test]
async fn the_trail_of_changes_cannot_be_rewritten() {
    let (_folder, path) = somewhere();
    let store = SqliteStore::open(&path).unwrap();
    store.record(entry(Action::AccountCreated)).await.unwrap();
    let connection = Connection::open(&path).unwrap();
    for sql in ["DELETE FROM audit_change", "UPDATE audit_change SET actor = 'nobody'"] {
        let refused = connection.execute(sql, []).unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
}

#[tokio::test]
async fn the_trail_of_sign_ins_is_bounded() {
    let (_folder, path) = somewhere();
    let store = SqliteStore::open(&path).unwrap();
    store.record(entry(Action::SignedIn)).await.unwrap();
    store.record(entry(Action::SignInRefused)).await.unwrap();
    // As if so many had come that the next one is one too many for the first.
    let kept = i64::try_from(Trail::SIGN_INS_KEPT).unwrap();
    Connection::open(&path)
        .unwrap()
        .execute("UPDATE sqlite_sequence SET seq = ?1 WHERE name = 'audit_sign_in'", [kept])
        .unwrap();
    store.record(entry(Action::SignedIn)).await.unwrap();
    let numbers: Vec<_> = store
        .audit(Trail::SignIns, None, PageSize::LARGEST)
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.number)
        .collect();
    assert_eq!(numbers, [Trail::SIGN_INS_KEPT + 1, 2]);
}

#[tokio::test]
async fn a_queue_that_is_full_answers_busy_at_once_and_keeps_what_it_took() {
    let (_folder, path) = somewhere();
    let store = Arc::new(SqliteStore::open(&path).unwrap());
    // Somebody else holds the store, so that nothing can be committed for the moment.
    let holding = Connection::open(&path).unwrap();
    holding.busy_timeout(Duration::from_secs(5)).unwrap();
    holding.execute_batch("BEGIN IMMEDIATE").unwrap();
    let writes: Vec<_> = (0..5_000).map(|_| store.record(entry(Action::SignedIn))).collect();
    holding.execute_batch("COMMIT").unwrap();

    let mut acknowledged = 0_u32;
    for write in writes {
        match write.await {
            Ok(()) => acknowledged += 1,
            Err(error) => assert_eq!(error, StoreError::Busy),
        }
    }
    assert!((1_024..5_000).contains(&acknowledged), "{acknowledged}");
    let there: u32 = holding.query_row("SELECT count(*) FROM audit_sign_in", [], |row| row.get(0)).unwrap();
    assert_eq!(there, acknowledged);
}

#[tokio::test]
async fn reads_do_not_wait_for_whoever_writes() {
    let (_folder, path) = somewhere();
    let store = SqliteStore::open(&path).unwrap();
    let holding = Connection::open(&path).unwrap();
    holding.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(store.audit(Trail::Changes, None, PageSize::LARGEST).await, Ok(vec![]));
    holding.execute_batch("COMMIT").unwrap();
}

#[tokio::test]
async fn dropping_the_store_waits_for_its_writes() {
    let (_folder, path) = somewhere();
    let store = SqliteStore::open(&path).unwrap();
    for _ in 0..100 {
        drop(store.record(entry(Action::AccountCreated)));
    }
    drop(store);
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.audit(Trail::Changes, None, PageSize::LARGEST).await.unwrap().len(), 100);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_an_error_and_not_a_guess() {
    use palisade_identity::store::AccountStore as _;

    let (_folder, path) = somewhere();
    let store = SqliteStore::open(&path).unwrap();
    let outside = Connection::open(&path).unwrap();
    outside
        .execute_batch(
            "INSERT INTO account (id, username, email, status, roles, generation, created_at, updated_at)
             VALUES (x'018bcfe5680070008000000000000001', 'ada', 'ada@example.org', 'active', 'user', 0, 0, 0);",
        )
        .unwrap();
    let name = "ada".parse().unwrap();
    assert!(store.account_named(&name).await.unwrap().is_some());
    for spoilt in [
        "roles = 'root'",
        "roles = 'user  admin'",
        "email = 'nobody'",
        "id = x'00000000000000000000000000000000'",
    ] {
        outside.execute_batch(&format!("UPDATE account SET {spoilt}")).unwrap();
        assert!(matches!(store.account_named(&name).await, Err(StoreError::Corrupt(_))), "{spoilt}");
        outside
            .execute_batch(
                "UPDATE account SET id = x'018bcfe5680070008000000000000001', roles = 'user', email = 'a@b'",
            )
            .unwrap();
    }
}
