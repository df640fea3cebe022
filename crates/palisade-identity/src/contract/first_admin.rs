//! The first admin.

use std::time::Duration;

use super::{NOW, TestStore, both, entry, id, insert, new};
use crate::{
    audit::Action,
    role::Role,
    store::{AccountChange, Claimed, FirstAdminSecretHash, Offer, SharedStore, StoreError},
};

const SECRET: FirstAdminSecretHash = FirstAdminSecretHash::from_bytes([7; 32]);

async fn offer(store: &SharedStore) -> bool {
    store.offer_first_admin(Offer { secret: SECRET, created_at: NOW }).await.unwrap()
}

async fn claim(store: &SharedStore, n: u64, secret: FirstAdminSecretHash) -> Claimed {
    let name = format!("admin{n}");
    store
        .claim_first_admin(secret, new(n, &name, Role::Admin), entry(Action::FirstAdminCreated, n))
        .await
        .unwrap()
}

/// Once.
pub async fn the_secret_makes_one_admin(TestStore { store, beside, keep: _keep }: TestStore) {
    assert_eq!(claim(&store, 1, SECRET).await, Claimed::Refused, "nothing has been offered");
    assert!(offer(&store).await);
    assert_eq!(claim(&beside, 1, SECRET).await, Claimed::Granted);
    assert!(store.account(id(1)).await.unwrap().unwrap().roles.include(Role::Admin));
    assert_eq!(claim(&store, 2, SECRET).await, Claimed::Refused);
    assert_eq!(store.account(id(2)).await.unwrap(), None);
    assert!(!offer(&store).await);
    assert_eq!(store.first_admin_offer().await.unwrap(), None);
}

/// From two processes: one admin, not two.
pub async fn attack_first_admin_claimed_twice_at_once(TestStore { store, beside, keep: _keep }: TestStore) {
    assert!(offer(&store).await);
    let claims = both(
        store.claim_first_admin(SECRET, new(1, "one", Role::Admin), entry(Action::FirstAdminCreated, 1)),
        beside.claim_first_admin(SECRET, new(2, "other", Role::Admin), entry(Action::FirstAdminCreated, 2)),
    )
    .await;
    let granted = [claims.0.unwrap(), claims.1.unwrap()];
    assert_eq!(granted.iter().filter(|claimed| **claimed == Claimed::Granted).count(), 1);
    assert_eq!(store.active_admins().await.unwrap(), 1);
}

/// Guessing does not use the offer up.
pub async fn a_wrong_secret_is_refused_and_costs_nothing(TestStore { store, keep: _keep, .. }: TestStore) {
    assert!(offer(&store).await);
    let wrong = FirstAdminSecretHash::from_bytes([8; 32]);
    assert_eq!(claim(&store, 1, wrong).await, Claimed::Refused);
    assert_eq!(store.active_admins().await.unwrap(), 0);
    assert_eq!(claim(&store, 1, SECRET).await, Claimed::Granted);
}

/// To the second, and not from the future.
pub async fn an_offer_stands_for_24_hours(TestStore { store, keep: _keep, .. }: TestStore) {
    assert!(offer(&store).await);
    let mut audit = entry(Action::FirstAdminCreated, 1);
    for late in [Offer::LIFETIME, Duration::from_hours(24 * 365)] {
        audit.at = NOW.after(late);
        let claimed = store.claim_first_admin(SECRET, new(1, "admin", Role::Admin), audit.clone()).await;
        assert_eq!(claimed, Ok(Claimed::Refused));
    }
    audit.at = NOW.after(Offer::LIFETIME - Duration::from_secs(1));
    let claimed = store.claim_first_admin(SECRET, new(1, "admin", Role::Admin), audit).await;
    assert_eq!(claimed, Ok(Claimed::Granted));
}

/// Made or promoted, and also if it should be gone again by whatever way.
pub async fn any_admin_voids_the_offer_for_good(TestStore { store, keep: _keep, .. }: TestStore) {
    assert!(offer(&store).await);
    let ada = insert(&store, 1, "ada", Role::User).await;
    assert!(store.first_admin_offer().await.unwrap().is_some());
    let promote = AccountChange::Roles(Role::Admin.into());
    store.change_account(ada, promote, entry(Action::RolesSet, 1)).await.unwrap();
    assert_eq!(store.first_admin_offer().await.unwrap(), None);
    assert_eq!(claim(&store, 2, SECRET).await, Claimed::Refused);
}

/// The claim can be made again under another name.
pub async fn a_taken_username_leaves_the_offer(TestStore { store, keep: _keep, .. }: TestStore) {
    assert!(offer(&store).await);
    insert(&store, 1, "admin", Role::User).await;
    let new = new(2, "ADMIN", Role::Admin);
    let taken = store.claim_first_admin(SECRET, new, entry(Action::FirstAdminCreated, 2)).await;
    assert_eq!(taken, Err(StoreError::UsernameTaken));
    assert_eq!(claim(&store, 3, SECRET).await, Claimed::Granted);
}

/// One secret is valid at a time.
pub async fn a_new_offer_replaces_the_old_one(TestStore { store, keep: _keep, .. }: TestStore) {
    assert!(offer(&store).await);
    let newer = FirstAdminSecretHash::from_bytes([9; 32]);
    assert!(store.offer_first_admin(Offer { secret: newer, created_at: NOW }).await.unwrap());
    assert_eq!(claim(&store, 1, SECRET).await, Claimed::Refused);
    assert_eq!(claim(&store, 1, newer).await, Claimed::Granted);
}
