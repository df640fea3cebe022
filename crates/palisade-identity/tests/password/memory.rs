//! Memory is kept from one hash to the next, and not longer than there is use for it.

use std::time::Duration;

use palisade_identity::password::{Config, PasswordHasher, Queue, Verified};

use crate::{config, hashed, hasher, parameters, secret};

async fn hash(hasher: &PasswordHasher) {
    hasher.hash(Queue::SignIn, secret("correct horse")).await.unwrap();
}

fn until_released(hasher: &PasswordHasher) {
    while hasher.statistics().held_kib > 0 {
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn nothing_is_taken_before_the_first_password_and_one_block_from_then_on() {
    let hasher = hasher(&config(parameters(64, 1, 1)));
    assert_eq!(hasher.statistics().held_kib, 0);
    for _ in 0..5 {
        hash(&hasher).await;
        assert_eq!(hasher.statistics().held_kib, 64);
    }
}

#[tokio::test]
async fn it_is_given_back_when_there_is_nothing_to_do() {
    let hasher = hasher(&Config { keep_memory: Duration::ZERO, ..config(parameters(64, 1, 1)) });
    for _ in 0..5 {
        hash(&hasher).await;
        until_released(&hasher);
    }
}

#[tokio::test]
async fn a_stored_hash_that_needs_more_than_its_share_does_not_keep_it() {
    let stored = hashed(parameters(256, 1, 1), "right").await;
    let hasher = hasher(&config(parameters(64, 1, 1)));
    let verified = hasher.verify(Queue::SignIn, secret("wrong"), Some(stored)).await;
    assert_eq!(verified, Ok(Verified::No));
    assert_eq!(hasher.statistics().held_kib, 0);
}
