//! Signing keys.

use std::time::Duration;

use palisade::clock::Timestamp;

use super::{NOW, TestStore, both};
use crate::{
    audit::{Action, Actor, AuditEntry},
    store::{KeyChange, KeyRecord, SharedStore, StoreError, StoreFuture},
};

fn record(kid: &str, at: Timestamp) -> KeyRecord {
    KeyRecord {
        kid: kid.to_owned(),
        algorithm: "EdDSA".to_owned(),
        sealed: vec![0, 1, 2, 255],
        public_jwk: r#"{"kty":"OKP"}"#.to_owned(),
        created_at: at,
        active_from: at,
        accepted_until: None,
    }
}

fn entry(kid: &str) -> AuditEntry {
    AuditEntry::new(NOW, Actor::Operator, Action::KeyRotated, kid)
}

fn rotation(kid: &str, at: Timestamp, replacing: Option<&str>) -> KeyChange {
    KeyChange::Rotate {
        new: record(kid, at),
        accept_old_until: at.after(Duration::from_hours(1)),
        replacing: replacing.map(str::to_owned),
    }
}

pub(super) fn rotate(store: &SharedStore, kid: &str, replacing: Option<&str>) -> StoreFuture<()> {
    store.change_keys(rotation(kid, NOW, replacing), entry(kid))
}

/// Both are there, one of them signs.
pub async fn a_rotation_keeps_the_old_key_for_a_while(TestStore { store, beside, keep: _keep }: TestStore) {
    rotate(&store, "first", None).await.unwrap();
    assert_eq!(store.keys().await.unwrap(), [record("first", NOW)]);
    let later = NOW.after(Duration::from_secs(60));
    store.change_keys(rotation("second", later, Some("first")), entry("second")).await.unwrap();
    let accepted_until = Some(later.after(Duration::from_hours(1)));
    let old = KeyRecord { accepted_until, ..record("first", NOW) };
    assert_eq!(beside.keys().await.unwrap(), [old, record("second", later)]);
}

/// Two processes that start without a key, and two that rotate: one key signs.
pub async fn attack_two_rotate_at_once(TestStore { store, beside, keep: _keep }: TestStore) {
    let mut signing: Option<String> = None;
    for n in 0..5 {
        let (one, other) = (format!("one{n}"), format!("other{n}"));
        let outcomes =
            both(rotate(&store, &one, signing.as_deref()), rotate(&beside, &other, signing.as_deref())).await;
        let winner = match outcomes {
            (Ok(()), Err(StoreError::Stale)) => one,
            (Err(StoreError::Stale), Ok(())) => other,
            neither => panic!("exactly one must win: {neither:?}"),
        };
        let keys = store.keys().await.unwrap();
        let signs: Vec<_> = keys.iter().filter(|key| key.accepted_until.is_none()).collect();
        assert_eq!(signs.len(), 1);
        assert_eq!(signs[0].kid, winner);
        signing = Some(winner);
    }
}

/// Also the one that signs; an unknown one is an error.
pub async fn a_key_removed_is_gone_at_once(TestStore { store, beside, keep: _keep }: TestStore) {
    rotate(&store, "first", None).await.unwrap();
    let remove = || KeyChange::Remove { kid: "first".to_owned() };
    store.change_keys(remove(), entry("first")).await.unwrap();
    assert!(beside.keys().await.unwrap().is_empty());
    assert_eq!(store.change_keys(remove(), entry("first")).await, Err(StoreError::NotFound));
}

/// At the next rotation, so that they do not pile up.
pub async fn keys_that_are_accepted_no_longer_are_removed(TestStore { store, keep: _keep, .. }: TestStore) {
    rotate(&store, "first", None).await.unwrap();
    rotate(&store, "second", Some("first")).await.unwrap();
    let much_later = NOW.after(Duration::from_hours(2));
    store.change_keys(rotation("third", much_later, Some("second")), entry("third")).await.unwrap();
    let kids: Vec<_> = store.keys().await.unwrap().into_iter().map(|key| key.kid).collect();
    assert_eq!(kids, ["second", "third"]);
}
