//! The first admin.

#![expect(clippy::unwrap_used, reason = "tests panic to fail")]

mod world;

use std::time::Duration;

use palisade::secret::SecretString;
use palisade_identity::{
    accounts::AccountsError,
    audit::{Action, Actor, Trail},
    first_admin,
    role::Role,
};

use crate::world::{World, applicant, world};

async fn offer(world: &World, kept: Option<SecretString>) -> Option<SecretString> {
    first_admin::offer(&*world.store, &*world.clock, &*world.random, kept).await.unwrap()
}

#[tokio::test]
async fn whoever_knows_the_secret_becomes_admin_once() {
    let world = world();
    let secret = offer(&world, None).await.unwrap();
    assert_eq!(secret.len(), 43, "256 bits");
    let from_a_file = SecretString::new(format!("{}\n", secret.expose()));
    let admin = world.accounts.claim_first_admin(&from_a_file, applicant("root")).await.unwrap();
    assert!(admin.roles.include(Role::Admin));
    assert_eq!(world.trail(Trail::Changes).await[0].action, Action::FirstAdminCreated);

    let again = world.accounts.claim_first_admin(&secret, applicant("second")).await;
    assert_eq!(again, Err(AccountsError::FirstAdminRefused));
    assert_eq!(offer(&world, Some(secret)).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_first_admin_claimed_twice_at_once() {
    let world = world();
    let secret = offer(&world, None).await.unwrap();
    let (server, command, same) = (world.accounts.clone(), world.beside.clone(), secret.clone());
    let one = tokio::spawn(async move { server.claim_first_admin(&secret, applicant("one")).await });
    let other = tokio::spawn(async move { command.claim_first_admin(&same, applicant("other")).await });
    let outcomes = [one.await.unwrap(), other.await.unwrap()];
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert!(outcomes.contains(&Err(AccountsError::FirstAdminRefused)), "{outcomes:?}");
}

#[tokio::test]
async fn a_guess_costs_no_hash_and_an_old_secret_is_void() {
    let world = world();
    let guess = SecretString::new("guess");
    let refused = Err(AccountsError::FirstAdminRefused);
    assert_eq!(world.accounts.claim_first_admin(&guess, applicant("root")).await, refused);
    let secret = offer(&world, None).await.unwrap();
    assert_eq!(world.accounts.claim_first_admin(&guess, applicant("root")).await, refused);
    world.clock.advance(Duration::from_hours(24));
    assert_eq!(world.accounts.claim_first_admin(&secret, applicant("root")).await, refused);
    assert_eq!(world.hashing.asked(), []);
}

#[tokio::test]
async fn a_restart_keeps_a_secret_that_is_still_good_and_replaces_any_other() {
    let world = world();
    let secret = offer(&world, None).await.unwrap();
    world.clock.advance(Duration::from_hours(23));
    assert_eq!(offer(&world, Some(secret.clone())).await, Some(secret.clone()));
    world.clock.advance(Duration::from_hours(1));
    let renewed = offer(&world, Some(secret.clone())).await.unwrap();
    assert_ne!(renewed, secret);
    let lost = offer(&world, None).await.unwrap();
    assert!(world.accounts.claim_first_admin(&renewed, applicant("root")).await.is_err());
    assert!(world.accounts.claim_first_admin(&lost, applicant("root")).await.is_ok());
}

#[tokio::test]
async fn an_admin_made_by_a_command_voids_the_secret() {
    let world = world();
    let secret = offer(&world, None).await.unwrap();
    world.beside.admin_create(Actor::Operator, applicant("root"), Role::Admin.into()).await.unwrap();
    let refused = world.accounts.claim_first_admin(&secret, applicant("eve")).await;
    assert_eq!(refused, Err(AccountsError::FirstAdminRefused));
}
