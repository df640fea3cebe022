//! The accounts in memory: fast, and never older than a millisecond.

mod world;

use std::{sync::Arc, time::Duration};

use palisade::clock::Clock as _;
use palisade_identity::{
    account::AccountId,
    audit::{Action, Actor, AuditEntry},
    role::Role,
    store::AccountChange,
};

use crate::world::{World, applicant, password};

const MILLISECOND: Duration = Duration::from_millis(1);

#[tokio::test]
async fn an_account_is_read_once_and_then_kept() {
    let (world, ada) = World::with_user("ada").await;
    let first = world.accounts.active(&ada.id).await.unwrap().unwrap();
    let second = world.accounts.active(&ada.id).await.unwrap().unwrap();
    assert_eq!(**first, ada);
    assert!(Arc::ptr_eq(&first, &second));
}

#[tokio::test]
async fn nobody_is_nobody_until_they_sign_up() {
    let (world, _) = World::with_user("ada").await;
    let eve = AccountId::draw(&*world.clock, &*world.random).unwrap();
    assert_eq!(world.accounts.active(&eve).await, Ok(None));
    let made = world.beside.sign_up(applicant("eve")).await.unwrap();
    assert!(world.accounts.active(&made.id).await.unwrap().is_some());
}

#[tokio::test]
async fn an_own_change_is_seen_at_once() {
    let (world, ada) = World::with_user("ada").await;
    let active = async || world.accounts.active(&ada.id).await.unwrap();
    assert!(active().await.is_some());
    world.accounts.sign_out_everywhere(ada.id).await.unwrap();
    assert_eq!(active().await.unwrap().generation, 1);
    world
        .accounts
        .change_password(ada.id, password("correct horse"), password("new"), Some("kept"))
        .await
        .unwrap();
    assert_eq!(active().await.unwrap().generation, 2);
    world.accounts.set_roles(Actor::Operator, ada.id, Role::Editor.into()).await.unwrap();
    assert_eq!(active().await.unwrap().roles, Role::Editor.into());
    world.accounts.disable(Actor::Operator, ada.id).await.unwrap();
    assert_eq!(active().await, None);
    world.accounts.enable(Actor::Operator, ada.id).await.unwrap();
    assert!(active().await.is_some());
}

#[tokio::test]
async fn an_account_disabled_by_a_command_beside_stops_working_a_millisecond_later() {
    let (world, ada) = World::with_user("ada").await;
    assert!(world.accounts.active(&ada.id).await.unwrap().is_some());
    world.clock.advance(MILLISECOND);
    world.beside.disable(Actor::Operator, ada.id).await.unwrap();
    assert_eq!(world.accounts.active(&ada.id).await, Ok(None));

    world.clock.advance(MILLISECOND);
    world.beside.enable(Actor::Operator, ada.id).await.unwrap();
    assert!(world.accounts.active(&ada.id).await.unwrap().is_some());
}

#[tokio::test]
async fn only_who_changed_is_forgotten() {
    let (world, ada) = World::with_user("ada").await;
    let eve = world.accounts.sign_up(applicant("eve")).await.unwrap();
    let before = world.accounts.active(&ada.id).await.unwrap().unwrap();
    world.accounts.active(&eve.id).await.unwrap();
    world.beside.sign_out_everywhere(eve.id).await.unwrap();
    world.clock.advance(MILLISECOND);
    assert_eq!(world.accounts.active(&eve.id).await.unwrap().unwrap().generation, 1);
    let after = world.accounts.active(&ada.id).await.unwrap().unwrap();
    assert!(Arc::ptr_eq(&before, &after));
}

#[tokio::test]
async fn after_more_changes_than_can_be_told_everything_is_read_anew() {
    let (world, ada) = World::with_user("ada").await;
    let eve = world.accounts.sign_up(applicant("eve")).await.unwrap();
    let before = world.accounts.active(&ada.id).await.unwrap().unwrap();
    for _ in 0..11 {
        let change = || {
            let audit =
                AuditEntry::new(world.clock.now(), Actor::Operator, Action::SignedOutEverywhere, eve.id);
            world.store_beside.change_account(eve.id, AccountChange::EndTokens, audit)
        };
        let changes: Vec<_> = (0..100).map(|_| change()).collect();
        for change in changes {
            change.await.unwrap();
        }
    }
    world.clock.advance(MILLISECOND);
    let after = world.accounts.active(&ada.id).await.unwrap().unwrap();
    assert!(!Arc::ptr_eq(&before, &after));
    assert_eq!(before, after);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_after_the_answer_to_a_change_sees_it() {
    let (world, ada) = World::with_user("ada").await;
    let (accounts, id) = (world.accounts.clone(), ada.id);
    // Somebody else reads all the time, and must not put back what was read before a change.
    let reader = tokio::spawn(async move {
        for _ in 0..20_000 {
            accounts.active(&id).await.unwrap();
        }
    });
    for generation in 1..=50 {
        world.accounts.sign_out_everywhere(ada.id).await.unwrap();
        tokio::task::yield_now().await;
        assert!(world.accounts.active(&ada.id).await.unwrap().unwrap().generation >= generation);
    }
    reader.await.unwrap();
    assert_eq!(world.accounts.active(&ada.id).await.unwrap().unwrap().generation, 50);
}
