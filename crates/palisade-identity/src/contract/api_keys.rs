//! API keys.

use std::time::Duration;

use palisade::{
    api_key::{KeyHash, LinkId, PublicKey},
    clock::Timestamp,
};
use uuid::Builder;

use super::{NOW, TestStore, both, entry, id, insert};
use crate::{
    account::{AccountId, Status},
    api_keys::{ApiKey, Quota},
    audit::{Action, AuditEntry, Trail},
    id::ApiKeyId,
    role::Role,
    store::{AccountChange, NewApiKey, PageSize, Replaced, SharedStore, StoreError},
};

fn key_id(n: u8) -> ApiKeyId {
    ApiKeyId::from_uuid(Builder::from_unix_timestamp_millis(u64::from(n), &[n; 10]).into_uuid()).unwrap()
}

pub(super) fn key(n: u8, account: AccountId) -> ApiKey {
    ApiKey {
        id: key_id(n),
        account,
        name: format!("Schlüssel '{n}'").parse().unwrap(),
        scopes: "me:read me:write".parse().unwrap(),
        hash: Some(KeyHash::from_bytes([n; 32])),
        public_key: PublicKey::from_bytes([n.wrapping_add(1); 32]),
        quota: Some(Quota::new(u32::from(n) + 1, Quota::LONGEST).unwrap()),
        created_at: NOW,
        expires_at: NOW.after(Duration::from_hours(1)),
        last_used_at: None,
        replaced_by: None,
        revoked_links: Vec::new(),
    }
}

fn new(key: ApiKey) -> NewApiKey {
    NewApiKey { key, generation: 0, replacing: None, at_most: 100, dead_since: NOW }
}

fn about(action: Action) -> AuditEntry {
    entry(action, 1)
}

pub(super) async fn add(store: &SharedStore, key: &ApiKey) {
    let generation = store.account(key.account).await.unwrap().unwrap().generation;
    let new = NewApiKey { generation, ..new(key.clone()) };
    store.insert_api_key(new, about(Action::ApiKeyCreated)).await.unwrap();
}

/// The account 1, and its key 1.
async fn with_key(store: &SharedStore) -> ApiKey {
    let key = key(1, insert(store, 1, "ada", Role::User).await);
    add(store, &key).await;
    key
}

async fn trail_length(store: &SharedStore) -> usize {
    store.audit(Trail::Changes, None, PageSize::LARGEST).await.unwrap().len()
}

/// With and without what may be missing, also for whoever has the store open beside.
pub async fn a_key_reads_back_as_it_was_written(TestStore { store, beside, keep: _keep }: TestStore) {
    let whole = with_key(&store).await;
    let bare = ApiKey { hash: None, quota: None, ..key(2, id(1)) };
    add(&store, &bare).await;
    assert_eq!(beside.api_key(key_id(1)).await.unwrap().as_ref(), Some(&whole));
    assert_eq!(beside.api_key(key_id(2)).await.unwrap().as_ref(), Some(&bare));
    assert_eq!(store.api_key(key_id(3)).await.unwrap(), None);
    assert_eq!(store.api_keys(id(1)).await.unwrap(), [whole, bare]);
    assert_eq!(store.api_keys(id(2)).await.unwrap(), []);
}

/// Else a key of nobody would be found by its id.
pub async fn a_key_is_for_an_account_that_exists(TestStore { store, keep: _keep, .. }: TestStore) {
    let refused = store.insert_api_key(new(key(1, id(1))), about(Action::ApiKeyCreated)).await;
    assert_eq!(refused, Err(StoreError::NotFound));
    assert_eq!(store.api_key(key_id(1)).await.unwrap(), None);
    assert_eq!(trail_length(&store).await, 0);
}

/// It was asked for in a session that has ended since, or of an account that has been disabled.
pub async fn attack_a_key_made_after_the_session_that_asked_for_it(made: TestStore) {
    let TestStore { store, keep: _keep, .. } = made;
    let old = with_key(&store).await;
    let insert = async |new| store.insert_api_key(new, about(Action::ApiKeyCreated)).await;
    let change = async |change| {
        store.change_account(old.account, change, entry(Action::ProfileChanged, 1)).await.unwrap().generation
    };
    let until = NOW.after(Duration::from_mins(5));
    let generation = change(AccountChange::EndTokens).await;
    assert_eq!(insert(new(key(2, old.account))).await, Err(StoreError::Stale));
    assert_eq!(insert(replacing(&old, 2, until)).await, Err(StoreError::Stale));
    let disabled = change(AccountChange::Status(Status::Disabled)).await;
    for generation in [generation, disabled] {
        let refused = insert(NewApiKey { generation, ..new(key(2, old.account)) }).await;
        assert_eq!(refused, Err(StoreError::Stale));
    }
    let kept = store.api_keys(old.account).await.unwrap();
    assert_eq!(kept.as_slice(), std::slice::from_ref(&old), "nor was the old one touched");
    let generation = change(AccountChange::Status(Status::Active)).await;
    assert_eq!(insert(NewApiKey { generation, ..replacing(&old, 2, until) }).await, Ok(()));
}

/// From two processes at once: exactly one gets the last place.
pub async fn attack_more_keys_than_there_may_be_made_at_once(
    TestStore { store, beside, keep: _keep }: TestStore,
) {
    let one = with_key(&store).await;
    let last = |n| NewApiKey { at_most: 2, ..new(key(n, one.account)) };
    let outcomes = both(
        store.insert_api_key(last(2), about(Action::ApiKeyCreated)),
        beside.insert_api_key(last(3), about(Action::ApiKeyCreated)),
    )
    .await;
    assert!(
        matches!(outcomes, (Ok(()), Err(StoreError::Full)) | (Err(StoreError::Full), Ok(()))),
        "{outcomes:?}"
    );
    assert_eq!(store.api_keys(one.account).await.unwrap().len(), 2);
}

/// Those of this account, and only those dead before the moment named.
pub async fn keys_long_dead_make_room(TestStore { store, keep: _keep, .. }: TestStore) {
    let one = with_key(&store).await;
    let other = key(2, insert(&store, 2, "eve", Role::User).await);
    add(&store, &other).await;
    let end = one.expires_at;
    let full = |dead_since| NewApiKey { at_most: 1, dead_since, ..new(key(3, one.account)) };
    let refused = store.insert_api_key(full(end), about(Action::ApiKeyCreated)).await;
    assert_eq!(refused, Err(StoreError::Full));
    let later = end.after(Duration::from_secs(1));
    store.insert_api_key(full(later), about(Action::ApiKeyCreated)).await.unwrap();
    assert_eq!(store.api_key(one.id).await.unwrap(), None);
    assert_eq!(store.api_key(other.id).await.unwrap(), Some(other));
}

fn replacing(old: &ApiKey, n: u8, until: Timestamp) -> NewApiKey {
    NewApiKey { replacing: Some(Replaced { id: old.id, until }), ..new(key(n, old.account)) }
}

/// And says which key was made in its place.
pub async fn a_key_replaced_has_its_time(TestStore { store, keep: _keep, .. }: TestStore) {
    let old = with_key(&store).await;
    let until = NOW.after(Duration::from_mins(5));
    store.insert_api_key(replacing(&old, 2, until), about(Action::ApiKeyRotated)).await.unwrap();
    let replaced = ApiKey { expires_at: until, replaced_by: Some(key_id(2)), ..old };
    assert_eq!(store.api_key(key_id(1)).await.unwrap(), Some(replaced));
    assert!(store.api_key(key_id(2)).await.unwrap().is_some());
}

/// From two processes at once: the loser leaves nothing behind.
pub async fn attack_a_key_replaced_twice_at_once(TestStore { store, beside, keep: _keep }: TestStore) {
    let old = with_key(&store).await;
    let before = trail_length(&store).await;
    let outcomes = both(
        store.insert_api_key(replacing(&old, 2, NOW), about(Action::ApiKeyRotated)),
        beside.insert_api_key(replacing(&old, 3, NOW), about(Action::ApiKeyRotated)),
    )
    .await;
    assert!(
        matches!(outcomes, (Ok(()), Err(StoreError::Stale)) | (Err(StoreError::Stale), Ok(()))),
        "{outcomes:?}"
    );
    assert_eq!(store.api_keys(old.account).await.unwrap().len(), 2);
    assert_eq!(trail_length(&store).await, before + 1);
}

/// Neither removes, nor replaces, nor revokes links of it; it looks like a key that is not there.
pub async fn nobody_touches_a_key_of_another(TestStore { store, keep: _keep, .. }: TestStore) {
    let hers = with_key(&store).await;
    let eve = insert(&store, 2, "eve", Role::User).await;
    let before = trail_length(&store).await;
    let replace = NewApiKey { key: key(2, eve), ..replacing(&hers, 2, NOW) };
    let link = LinkId::from_bytes([1; 16]);
    for outcome in [
        store.remove_api_key(eve, hers.id, about(Action::ApiKeyRevoked)).await,
        store.insert_api_key(replace, about(Action::ApiKeyRotated)).await,
        store.revoke_api_key_link(eve, hers.id, link, 10, about(Action::ApiKeyLinkRevoked)).await,
        store.remove_api_key(eve, key_id(9), about(Action::ApiKeyRevoked)).await,
    ] {
        assert_eq!(outcome, Err(StoreError::NotFound));
    }
    assert_eq!(store.remove_api_keys(eve, about(Action::ApiKeysRevoked)).await.unwrap(), []);
    assert_eq!(store.api_key(hers.id).await.unwrap(), Some(hers));
    assert_eq!(trail_length(&store).await, before, "nothing was done");
}

/// A later key of the same id would begin anew, but there is none.
pub async fn a_removed_key_is_gone_with_its_links(TestStore { store, beside, keep: _keep }: TestStore) {
    let key = with_key(&store).await;
    let link = LinkId::from_bytes([7; 16]);
    let revoke = || about(Action::ApiKeyLinkRevoked);
    store.revoke_api_key_link(key.account, key.id, link, 10, revoke()).await.unwrap();
    beside.remove_api_key(key.account, key.id, about(Action::ApiKeyRevoked)).await.unwrap();
    assert_eq!(store.api_key(key.id).await.unwrap(), None);
    let again = store.remove_api_key(key.account, key.id, about(Action::ApiKeyRevoked)).await;
    assert_eq!(again, Err(StoreError::NotFound));
    let late = store.revoke_api_key_link(key.account, key.id, link, 10, revoke()).await;
    assert_eq!(late, Err(StoreError::NotFound));
}

/// And nobody else's.
pub async fn all_keys_of_one_account_are_removed(TestStore { store, keep: _keep, .. }: TestStore) {
    let one = with_key(&store).await;
    add(&store, &key(2, one.account)).await;
    let other = key(3, insert(&store, 2, "eve", Role::User).await);
    add(&store, &other).await;
    let mut removed = store.remove_api_keys(one.account, about(Action::ApiKeysRevoked)).await.unwrap();
    removed.sort_unstable();
    assert_eq!(removed, [key_id(1), key_id(2)]);
    assert_eq!(store.api_keys(one.account).await.unwrap(), []);
    assert_eq!(store.api_keys(other.account).await.unwrap(), [other]);
}

/// One that is there already takes no room.
pub async fn links_are_revoked_once_and_up_to_a_bound(TestStore { store, keep: _keep, .. }: TestStore) {
    let key = with_key(&store).await;
    let revoke = async |n| {
        let link = LinkId::from_bytes([n; 16]);
        store.revoke_api_key_link(key.account, key.id, link, 2, about(Action::ApiKeyLinkRevoked)).await
    };
    for (n, outcome) in [(9, Ok(())), (3, Ok(())), (9, Ok(())), (4, Err(StoreError::Full)), (3, Ok(()))] {
        assert_eq!(revoke(n).await, outcome, "{n}");
    }
    let revoked = store.audit(Trail::Changes, None, PageSize::LARGEST).await.unwrap();
    let revoked = revoked.iter().filter(|row| row.entry.action == Action::ApiKeyLinkRevoked);
    assert_eq!(revoked.count(), 2, "what changes nothing is not written down");
    let links = [3, 9].map(|n| LinkId::from_bytes([n; 16]));
    assert_eq!(store.api_key(key.id).await.unwrap().unwrap().revoked_links, links, "sorted");
}

/// By the store's other user.
pub async fn what_decides_about_a_request_is_told_to_caches(
    TestStore { store, beside, keep: _keep }: TestStore,
) {
    let old = with_key(&store).await;
    let told = async |work: &str| {
        let before = store.version().unwrap();
        let link = LinkId::from_bytes([1; 16]);
        match work {
            "made" => add(&beside, &key(2, old.account)).await,
            "replaced" => {
                beside.insert_api_key(replacing(&old, 3, NOW), about(Action::ApiKeyRotated)).await.unwrap();
            }
            "link revoked" => {
                let audit = about(Action::ApiKeyLinkRevoked);
                beside.revoke_api_key_link(old.account, key_id(2), link, 9, audit).await.unwrap();
            }
            _ => beside.remove_api_key(old.account, key_id(3), about(Action::ApiKeyRevoked)).await.unwrap(),
        }
        let mut told = store.changed_since(before).unwrap().records.unwrap().api_keys;
        told.dedup();
        told
    };
    assert_eq!(told("made").await, [], "nobody can have kept it");
    assert_eq!(told("replaced").await, [key_id(1)]);
    assert_eq!(told("link revoked").await, [key_id(2)]);
    assert_eq!(told("removed").await, [key_id(3)]);
}

/// It only goes forward.
pub async fn a_use_is_written_down_and_no_change(TestStore { store, beside, keep: _keep }: TestStore) {
    let key = with_key(&store).await;
    let (version, trail) = (store.version().unwrap(), trail_length(&store).await);
    let used = async || beside.api_key(key.id).await.unwrap().unwrap().last_used_at;
    store.api_key_used(key.id, NOW).await.unwrap();
    assert_eq!(used().await, Some(NOW));
    let later = NOW.after(Duration::from_mins(5));
    for at in [later, NOW] {
        beside.api_key_used(key.id, at).await.unwrap();
        assert_eq!(used().await, Some(later));
    }
    store.api_key_used(key_id(9), NOW).await.unwrap();
    assert_eq!((store.version().unwrap(), trail_length(&store).await), (version, trail));
}
