//! The change feed.

use super::{NOW, TestStore, entry, hash, id, insert, keys};
use crate::{
    audit::{Action, Actor, AuditEntry},
    role::Role,
    store::{AccountChange, Changed, ChangedRecords, Rehash},
};

/// Asked again, the answer is the same.
pub async fn nothing_has_changed_in_an_empty_store(TestStore { store, beside, keep: _keep }: TestStore) {
    let version = store.version().unwrap();
    assert_eq!(beside.version().unwrap(), version);
    let nothing = Changed { version, records: Some(ChangedRecords::default()), keys: false, roles: false };
    assert_eq!(store.changed_since(version).unwrap(), nothing);
}

/// By the store's other user, and by which accounts; what has been told is not told again.
pub async fn a_change_beside_is_noticed(TestStore { store, beside, keep: _keep }: TestStore) {
    let (ada, eve) = (insert(&store, 1, "ada", Role::User).await, insert(&store, 2, "eve", Role::User).await);
    let before = store.version().unwrap();
    for id in [ada, eve] {
        beside
            .change_account(id, AccountChange::EndTokens, entry(Action::SignedOutEverywhere, 1))
            .await
            .unwrap();
    }
    assert!(store.version().unwrap() > before);
    let changed = store.changed_since(before).unwrap();
    let both = ChangedRecords { accounts: vec![ada, eve], ..ChangedRecords::default() };
    assert_eq!((changed.records, changed.keys), (Some(both), false));
    assert_eq!(changed.version, store.version().unwrap());

    keys::rotate(&beside, "first", None).await.unwrap();
    let keys = store.changed_since(changed.version).unwrap();
    assert_eq!((keys.records, keys.keys), (Some(ChangedRecords::default()), true));
    assert_eq!(store.changed_since(keys.version).unwrap().records, Some(ChangedRecords::default()));
}

/// Else every sign-up would empty every cache.
pub async fn what_no_cache_holds_is_no_change(TestStore { store, keep: _keep, .. }: TestStore) {
    let ada = insert(&store, 1, "ada", Role::User).await;
    let before = store.version().unwrap();
    insert(&store, 2, "eve", Role::User).await;
    store.rehash(Rehash { id: ada, old: hash(1), new: hash(2) }).await.unwrap();
    store.record(AuditEntry::new(NOW, Actor::Nobody, Action::SignedIn, ada)).await.unwrap();
    assert_eq!(store.version().unwrap(), before);
}

/// The feed is bounded; who comes too late is told so instead of half of it.
pub async fn too_much_to_tell_is_said(TestStore { store, beside, keep: _keep }: TestStore) {
    let ada = insert(&store, 1, "ada", Role::User).await;
    let before = store.version().unwrap();
    let change =
        || beside.change_account(ada, AccountChange::EndTokens, entry(Action::SignedOutEverywhere, 1));
    change().await.unwrap();
    let early = store.version().unwrap();
    for _ in 0..30 {
        let changes: Vec<_> = (0..100).map(|_| change()).collect();
        for change in changes {
            change.await.unwrap();
        }
    }
    for version in [before, early] {
        let changed = store.changed_since(version).unwrap();
        // Either nothing is missing, or it is said that something may be.
        assert!(changed.records.is_none_or(|records| records.accounts.len() >= 3_000));
        assert_eq!(changed.version, store.version().unwrap());
    }
}

/// A store put back from a backup is behind what its readers remember.
pub async fn a_version_from_nowhere_means_forget_everything(TestStore { store, keep: _keep, .. }: TestStore) {
    insert(&store, 1, "ada", Role::User).await;
    let changed = store.changed_since(1_000_000).unwrap();
    assert_eq!(
        changed,
        Changed { version: store.version().unwrap(), records: None, keys: true, roles: true }
    );
    let end = AccountChange::EndTokens;
    store.change_account(id(1), end, entry(Action::SignedOutEverywhere, 1)).await.unwrap();
    assert_eq!(store.changed_since(u64::MAX).unwrap().records, None);
}
