//! One password, one hash.

use std::sync::Arc;

use palisade::{clock::ManualClock, random::SeededRandom};
use palisade_identity::password::{
    Config, HashError, MAXIMUM_BYTES, Parameters, PasswordHash, PasswordHasher, Queue, Refused, SetupError,
    Verified,
};

use crate::{
    cheap, config,
    gate::{Answer, Gate},
    hashed, hasher, parameters, secret,
};

#[tokio::test]
async fn the_password_verifies_and_no_other_does() {
    let hasher = hasher(&config(cheap()));
    let stored = hasher.hash(Queue::SignUp, secret("correct horse")).await.unwrap();
    let verify = async |text: &str| hasher.verify(Queue::SignIn, secret(text), Some(stored.clone())).await;
    assert_eq!(verify("correct horse").await, Ok(Verified::Yes));
    assert_eq!(verify("Correct horse").await, Ok(Verified::No));
    assert_eq!(verify("").await, Ok(Verified::No));
    assert_eq!(hasher.verify(Queue::SignIn, secret("correct horse"), None).await, Ok(Verified::No));
}

#[tokio::test]
async fn the_default_is_a_hash_of_the_recommended_cost() {
    let stored = hashed(Parameters::default(), "correct horse").await;
    assert!(stored.as_phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

/// The Argon2id of the reference implementation: `echo -n password | argon2 somesalt -id -v 13 -k 256 -t 2 -p 1`.
#[tokio::test]
async fn a_hash_made_elsewhere_verifies() {
    let stored: PasswordHash =
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
            .parse()
            .unwrap();
    let hasher = hasher(&config(parameters(256, 2, 1)));
    let verified = hasher.verify(Queue::SignIn, secret("password"), Some(stored)).await.unwrap();
    let Verified::YesRehash(renewed) = verified else {
        panic!("{verified:?}: its salt is shorter than ours")
    };
    assert_eq!(hasher.verify(Queue::SignIn, secret("password"), Some(renewed)).await, Ok(Verified::Yes));
}

#[tokio::test]
async fn two_hashes_of_one_password_differ() {
    let hasher = hasher(&config(cheap()));
    let one = hasher.hash(Queue::SignUp, secret("correct horse")).await.unwrap();
    let two = hasher.hash(Queue::SignUp, secret("correct horse")).await.unwrap();
    assert_ne!(one.as_phc(), two.as_phc());
}

#[tokio::test]
async fn the_same_password_from_another_keyboard() {
    let stored = hashed(cheap(), "caf\u{e9} noir").await;
    let hasher = hasher(&config(cheap()));
    for typed in ["cafe\u{301} noir", "caf\u{e9}\u{a0}noir"] {
        let verified = hasher.verify(Queue::SignIn, secret(typed), Some(stored.clone())).await;
        assert_eq!(verified, Ok(Verified::Yes), "{typed:?}");
    }
}

#[tokio::test]
async fn a_text_that_cannot_be_a_password_is_no_error_of_the_server() {
    let hasher = hasher(&config(cheap()));
    let too_long = "x".repeat(MAXIMUM_BYTES + 1);
    for (text, refused) in [
        ("", Refused::Empty),
        ("nul\0inside", Refused::Characters),
        ("a line\nbreak", Refused::Characters),
        ("\u{85}next line", Refused::Characters),
        (too_long.as_str(), Refused::TooLong),
    ] {
        assert_eq!(hasher.hash(Queue::SignUp, secret(text)).await, Err(HashError::Refused(refused)));
        let stored = hashed(cheap(), "something else").await;
        for stored in [None, Some(stored)] {
            assert_eq!(hasher.verify(Queue::SignIn, secret(text), stored).await, Ok(Verified::No));
        }
    }
    assert_eq!(hasher.statistics().work, 0, "nothing of it was hashed");
    hasher.hash(Queue::SignUp, secret(&"x".repeat(MAXIMUM_BYTES))).await.unwrap();
}

#[tokio::test]
async fn without_randomness_there_is_no_hash_but_sign_in_goes_on() {
    let gate = Arc::new(Gate::open());
    let now = PasswordHasher::new(&config(parameters(16, 1, 1)), ManualClock::at(0), gate.clone()).unwrap();
    let old = hashed(cheap(), "correct horse").await;
    gate.set(Answer::Fail);
    assert_eq!(now.hash(Queue::SignUp, secret("correct horse")).await, Err(HashError::Unavailable));
    let verified = now.verify(Queue::SignIn, secret("correct horse"), Some(old.clone())).await.unwrap();
    assert_eq!(verified, Verified::Yes, "the hash is renewed another time");
    gate.set(Answer::Fill);
    let verified = now.verify(Queue::SignIn, secret("correct horse"), Some(old)).await.unwrap();
    assert!(matches!(verified, Verified::YesRehash(_)));
}

#[test]
fn a_budget_without_room_for_one_hash_is_a_start_up_error() {
    let config = Config { memory_budget_kib: 19_455, ..Config::default() };
    let error = PasswordHasher::new(&config, ManualClock::at(0), SeededRandom::shared(1)).unwrap_err();
    assert!(matches!(error, SetupError::NoThread { needed_kib: 19_456 }));
}

#[test]
fn threads_stay_within_the_memory_budget() {
    let config = Config { parameters: parameters(1024, 1, 1), memory_budget_kib: 1500, ..Config::default() };
    assert_eq!(hasher(&config).statistics().threads, 1);
}
