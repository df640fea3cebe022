//! The contract of the store traits, kept by this engine.

#![expect(clippy::unwrap_used, reason = "a test panics to fail")]

use std::sync::Arc;

use palisade_identity::contract::TestStore;
use palisade_store_sqlite::SqliteStore;

palisade_identity::store_contract!(make);

async fn make() -> TestStore {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    TestStore {
        store: Arc::new(SqliteStore::open(&path).unwrap()),
        beside: Arc::new(SqliteStore::open(&path).unwrap()),
        keep: Box::new(folder),
    }
}
