//! Which accounts exist, and how old their hashes are, cannot be told from what verifying costs. Counted in work,
//! not in time.

use palisade_identity::password::{Config, Parameters, PasswordHash, PasswordHasher, Queue, Verified};

use crate::{config, hashed, hasher, parameters, secret};

async fn cost(hasher: &PasswordHasher, password: &str, stored: Option<&PasswordHash>) -> (Verified, u64) {
    let before = hasher.statistics().work;
    let verified = hasher.verify(Queue::SignIn, secret(password), stored.cloned()).await.unwrap();
    (verified, hasher.statistics().work - before)
}

#[tokio::test]
async fn attack_finding_accounts_by_what_a_wrong_password_costs() {
    let now = parameters(64, 3, 1);
    let hasher = hasher(&config(now));
    assert_eq!(cost(&hasher, "wrong", None).await, (Verified::No, now.work()));
    let cheaper = [(64, 3, 1), (64, 1, 1), (32, 2, 1), (48, 4, 2), (8, 1, 1), (16, 12, 1), (128, 1, 4)];
    for (memory, iterations, lanes) in cheaper {
        let stored = hashed(parameters(memory, iterations, lanes), "right").await;
        let (verified, work) = cost(&hasher, "wrong", Some(&stored)).await;
        assert_eq!((verified, work), (Verified::No, now.work()), "m={memory} t={iterations} p={lanes}");
    }
}

#[tokio::test]
async fn padding_is_never_short_and_exact_down_to_the_least_that_argon2_can_do() {
    let now = parameters(64, 1, 1);
    let stored = hashed(parameters(61, 1, 1), "right").await;
    let (_, work) = cost(&hasher(&config(now)), "wrong", Some(&stored)).await;
    assert_eq!(work, 61 + 8);
}

#[tokio::test]
async fn right_and_wrong_cost_the_same_with_a_current_hash() {
    let now = parameters(64, 2, 1);
    let stored = hashed(now, "right").await;
    let hasher = hasher(&config(now));
    assert_eq!(cost(&hasher, "right", Some(&stored)).await, (Verified::Yes, now.work()));
    assert_eq!(cost(&hasher, "wrong", Some(&stored)).await, (Verified::No, now.work()));
}

#[tokio::test]
async fn a_cheaper_hash_is_renewed_only_for_whoever_knows_the_password() {
    let (old, now) = (parameters(32, 1, 1), parameters(64, 2, 1));
    let stored = hashed(old, "right").await;
    let hasher = hasher(&config(now));
    let (verified, work) = cost(&hasher, "right", Some(&stored)).await;
    let Verified::YesRehash(renewed) = verified else { panic!("{verified:?}") };
    assert_eq!(renewed.parameters(), now);
    assert_eq!(work, old.work() + now.work());
    assert_eq!(cost(&hasher, "right", Some(&renewed)).await, (Verified::Yes, now.work()));
}

#[tokio::test]
async fn with_the_former_parameters_listed_every_verification_computes_the_same_hashes() {
    let (now, cheaper, dearer) = (parameters(48, 2, 1), parameters(16, 1, 2), parameters(64, 5, 1));
    let hasher = hasher(&Config { former: vec![cheaper, dearer, now, cheaper], ..config(now) });
    let everything = now.work() + cheaper.work() + dearer.work();
    assert_eq!(cost(&hasher, "wrong", None).await, (Verified::No, everything));
    for made_with in [now, cheaper, dearer] {
        let stored = hashed(made_with, "right").await;
        assert_eq!(cost(&hasher, "wrong", Some(&stored)).await, (Verified::No, everything));
        let (verified, work) = cost(&hasher, "right", Some(&stored)).await;
        assert_eq!(work, everything, "the new hash takes the place of one for nothing");
        assert_eq!(matches!(verified, Verified::YesRehash(_)), made_with != now);
        assert_ne!(verified, Verified::No);
    }
    let unlisted = hashed(parameters(32, 2, 1), "right").await;
    assert_eq!(cost(&hasher, "wrong", Some(&unlisted)).await, (Verified::No, everything));
}

#[tokio::test]
async fn a_real_rise_from_the_cheapest_recommendation_to_the_default() {
    let stored = hashed(Parameters::new(7168, 5, 1).unwrap(), "right").await;
    let hasher = hasher(&config(Parameters::default()));
    assert_eq!(cost(&hasher, "wrong", Some(&stored)).await.1, Parameters::default().work());
    assert_eq!(cost(&hasher, "wrong", None).await.1, Parameters::default().work());
}
