//! Proven addresses, and the proofs that are still to be given.

use std::time::Duration;

use palisade::clock::Timestamp;

use super::{NOW, TestStore, api_keys, both, entry, hash, id, insert};
use crate::{
    account::{Account, AccountId, Status},
    audit::{Action, Trail},
    email::Email,
    role::Role,
    store::{AccountChange, Deed, PageSize, Proof, ProofHash, Purpose, Redeemed, SharedStore, StoreError},
};

fn address(text: &str) -> Email {
    text.parse().unwrap()
}

const fn secret(n: u8) -> ProofHash {
    ProofHash::from_bytes([n; 32])
}

/// A proof for the account as it is now, good for an hour.
async fn keep(store: &SharedStore, n: u8, of: AccountId, purpose: Purpose, proves: &str) -> Proof {
    let account = store.account(of).await.unwrap().unwrap();
    let proof = Proof {
        hash: secret(n),
        purpose,
        account: of,
        generation: account.generation,
        email: account.email,
        address: address(proves),
        handed_over: false,
        issued_at: NOW,
        expires_at: NOW.after(Duration::from_hours(1)),
    };
    store.keep_proof(proof.clone(), None).await.unwrap();
    proof
}

async fn verification(store: &SharedStore, n: u8, of: AccountId) -> Proof {
    keep(store, n, of, Purpose::VerifyEmail, "somebody@example.org").await
}

async fn reset(store: &SharedStore, n: u8, of: AccountId) -> Proof {
    keep(store, n, of, Purpose::ResetPassword, "somebody@example.org").await
}

async fn stands(store: &SharedStore, n: u8) -> bool {
    store.standing_proof(secret(n), NOW).await.unwrap().is_some()
}

async fn prove(store: &SharedStore, n: u8) -> Result<Option<Redeemed>, StoreError> {
    store.redeem(secret(n), Deed::ProveAddress, entry(Action::EmailVerified, 1)).await
}

async fn set_password(store: &SharedStore, n: u8) -> Result<Option<Redeemed>, StoreError> {
    store.redeem(secret(n), Deed::ResetPassword(hash(9)), entry(Action::PasswordReset, 1)).await
}

/// From the second it was made in until the one it expires in.
pub async fn a_proof_and_its_account_read_back_while_it_stands(made: TestStore) {
    let TestStore { store, beside, keep: _keep } = made;
    let ada = insert(&store, 1, "ada", Role::User).await;
    let proof = keep(&store, 1, ada, Purpose::ChangeEmail, "ada@example.net").await;
    let account = store.account(ada).await.unwrap().unwrap();
    assert_eq!(beside.standing_proof(secret(1), NOW).await.unwrap(), Some((proof.clone(), account)));
    let at = async |seconds: i64| {
        let then = Timestamp::from_unix(NOW.as_unix() + seconds);
        store.standing_proof(secret(1), then).await.unwrap().is_some()
    };
    assert!(at(3599).await);
    assert!(!at(3600).await && !at(-1).await);
    assert!(!stands(&store, 2).await);
    let nobodys = Proof { account: id(9), hash: secret(3), ..proof };
    assert_eq!(store.keep_proof(nobodys, None).await, Err(StoreError::NotFound));
}

/// Whatever it was for: what was true when it was mailed is not any more.
pub async fn a_proof_dies_with_the_password_the_address_and_the_account(made: TestStore) {
    let TestStore { store, keep: _keep, .. } = made;
    let other =
        || AccountChange::Email { address: address("ada@example.net"), verified: false, generation: None };
    let changes = [
        AccountChange::Password { new: hash(2), replacing: None, keeping: None },
        AccountChange::EndTokens,
        other(),
        AccountChange::Status(Status::Disabled),
    ];
    for (n, change) in (1..).zip(changes) {
        let ada = insert(&store, n.into(), &format!("ada{n}"), Role::User).await;
        for (secret, purpose) in (10 * n..).zip(Purpose::ALL) {
            keep(&store, secret, ada, purpose, "ada@example.com").await;
            assert!(stands(&store, secret).await);
        }
        store.change_account(ada, change.clone(), entry(Action::ProfileChanged, 1)).await.unwrap();
        for secret in 10 * n..10 * n + 3 {
            assert!(!stands(&store, secret).await, "{change:?}");
            assert_eq!(prove(&store, secret).await, Ok(None));
            assert_eq!(set_password(&store, secret).await, Ok(None));
        }
    }
}

/// Nobody is found by an address that anybody may name.
pub async fn a_proven_address_is_found_in_any_case_and_an_unproven_one_never(made: TestStore) {
    let TestStore { store, keep: _keep, .. } = made;
    let ada = insert(&store, 1, "ada", Role::User).await;
    insert(&store, 2, "eve", Role::User).await;
    let found = async |text: &str| store.account_proven(&address(text)).await.unwrap();
    assert_eq!(found("somebody@example.org").await, None);
    verification(&store, 1, ada).await;
    let Redeemed { before, after } = prove(&store, 1).await.unwrap().unwrap();
    assert_eq!(before.email_verified_at, None);
    assert_eq!(after, Account { email_verified_at: Some(NOW), updated_at: NOW, ..before });
    for text in ["somebody@example.org", "Somebody@EXAMPLE.org"] {
        assert_eq!(found(text).await, Some(after.clone()));
    }
    assert_eq!(found("somebody@example.com").await, None);
}

/// Two accounts name it, both have a link to it, and both use theirs at once: it is one's.
pub async fn attack_two_prove_one_address(TestStore { store, beside, keep: _keep }: TestStore) {
    let ada = insert(&store, 1, "ada", Role::User).await;
    let eve = insert(&store, 2, "eve", Role::User).await;
    verification(&store, 1, ada).await;
    keep(&store, 2, eve, Purpose::ChangeEmail, "SOMEBODY@example.org").await;
    let outcomes = both(
        store.redeem(secret(1), Deed::ProveAddress, entry(Action::EmailVerified, 1)),
        beside.redeem(secret(2), Deed::ProveAddress, entry(Action::EmailChanged, 2)),
    )
    .await;
    match outcomes {
        (Ok(Some(_)), Err(StoreError::AddressTaken)) | (Err(StoreError::AddressTaken), Ok(Some(_))) => (),
        neither => panic!("exactly one must win: {neither:?}"),
    }
}

/// Neither by an admin's word nor in another case.
pub async fn attack_an_address_set_as_proven_that_is_another_accounts(made: TestStore) {
    let TestStore { store, keep: _keep, .. } = made;
    let ada = insert(&store, 1, "ada", Role::User).await;
    let eve = insert(&store, 2, "eve", Role::User).await;
    let to =
        |verified| AccountChange::Email { address: address("ADA@example.org"), verified, generation: None };
    store.change_account(ada, to(true), entry(Action::ProfileChanged, 1)).await.unwrap();
    let taken = store.change_account(eve, to(true), entry(Action::ProfileChanged, 2)).await;
    assert_eq!(taken, Err(StoreError::AddressTaken));
    // Naming it is everybody's right, and saying again what is so changes nothing.
    assert!(store.change_account(eve, to(false), entry(Action::ProfileChanged, 2)).await.is_ok());
    assert!(store.change_account(ada, to(true), entry(Action::ProfileChanged, 1)).await.is_ok());
}

/// From two processes: the password of one of them is set.
pub async fn attack_a_proof_redeemed_twice_at_once(TestStore { store, beside, keep: _keep }: TestStore) {
    let ada = insert(&store, 1, "ada", Role::User).await;
    for n in 0..10 {
        reset(&store, n, ada).await;
        let deed = |new| Deed::ResetPassword(hash(new));
        let outcomes = both(
            store.redeem(secret(n), deed(2), entry(Action::PasswordReset, 1)),
            beside.redeem(secret(n), deed(3), entry(Action::PasswordReset, 1)),
        )
        .await;
        let done = [outcomes.0.unwrap(), outcomes.1.unwrap()];
        assert_eq!(done.iter().flatten().count(), 1);
        let expected = if done[0].is_some() { hash(2) } else { hash(3) };
        assert_eq!(store.password_hash(ada).await.unwrap(), Some(expected));
        assert_eq!(store.account(ada).await.unwrap().unwrap().generation, u64::from(n) + 1);
    }
    let audit = store.audit(Trail::Changes, None, PageSize::LARGEST).await.unwrap();
    assert_eq!(audit.iter().filter(|row| row.entry.action == Action::PasswordReset).count(), 10);
}

/// Who reads the mail of an address that is to be proven does not get the account by it.
pub async fn attack_a_proof_for_another_deed(TestStore { store, keep: _keep, .. }: TestStore) {
    let ada = insert(&store, 1, "ada", Role::User).await;
    let before = store.account(ada).await.unwrap();
    verification(&store, 1, ada).await;
    keep(&store, 2, ada, Purpose::ChangeEmail, "eve@example.org").await;
    reset(&store, 3, ada).await;
    assert_eq!(set_password(&store, 1).await, Ok(None));
    assert_eq!(set_password(&store, 2).await, Ok(None));
    assert_eq!(prove(&store, 3).await, Ok(None));
    assert_eq!(store.account(ada).await.unwrap(), before);
    assert_eq!(store.password_hash(ada).await.unwrap(), Some(hash(1)));
    assert!(stands(&store, 1).await && stands(&store, 2).await && stands(&store, 3).await);
}

/// All in one, and for this account alone.
pub async fn a_reset_ends_tokens_and_keys_and_what_else_was_mailed(made: TestStore) {
    let TestStore { store, keep: _keep, .. } = made;
    let ada = insert(&store, 1, "ada", Role::User).await;
    let eve = insert(&store, 2, "eve", Role::User).await;
    let keeping = AccountChange::Password { new: hash(2), replacing: None, keeping: Some("kept".into()) };
    store.change_account(ada, keeping, entry(Action::PasswordChanged, 1)).await.unwrap();
    for (n, of) in [(1, ada), (2, eve)] {
        api_keys::add(&store, &api_keys::key(n, of)).await;
    }
    for n in [1, 2] {
        reset(&store, n, ada).await;
    }
    verification(&store, 3, ada).await;
    reset(&store, 4, eve).await;

    let Redeemed { before, after } = set_password(&store, 2).await.unwrap().unwrap();
    assert_eq!((after.generation, &after.kept_token), (before.generation + 1, &None));
    assert_eq!(store.password_hash(ada).await.unwrap(), Some(hash(9)));
    assert_eq!(store.api_keys(ada).await.unwrap(), []);
    assert!(!stands(&store, 1).await && !stands(&store, 2).await && !stands(&store, 3).await);

    assert_eq!(store.password_hash(eve).await.unwrap(), Some(hash(1)));
    assert_eq!(store.api_keys(eve).await.unwrap().len(), 1);
    assert!(stands(&store, 4).await);
}

/// Not before; and then tokens stay, since nothing they were given for has changed.
pub async fn another_address_is_taken_over_when_it_is_proven(made: TestStore) {
    let TestStore { store, keep: _keep, .. } = made;
    let ada = insert(&store, 1, "ada", Role::User).await;
    keep(&store, 1, ada, Purpose::ChangeEmail, "ada@example.net").await;
    let Redeemed { before, after } = prove(&store, 1).await.unwrap().unwrap();
    assert_eq!(before.email, address("somebody@example.org"));
    let email = address("ada@example.net");
    assert_eq!(after, Account { email, email_verified_at: Some(NOW), updated_at: NOW, ..before });
    assert!(!stands(&store, 1).await);
}

/// So that no number of requests fills the store, and the last message is good.
pub async fn the_newest_of_an_account_are_kept_and_what_has_expired_is_not(made: TestStore) {
    let TestStore { store, keep: _keep, .. } = made;
    let ada = insert(&store, 1, "ada", Role::User).await;
    verification(&store, 100, ada).await;
    for n in 1..=10 {
        reset(&store, n, ada).await;
        assert!(stands(&store, n).await, "all of one second: the newest stays");
    }
    let mut standing = 0;
    for n in 1..=10 {
        standing += u32::from(stands(&store, n).await);
    }
    assert_eq!(standing, Proof::KEPT);
    assert!(stands(&store, 100).await, "those for something else are not counted");

    let handed_over = Proof { hash: secret(60), handed_over: true, ..reset(&store, 11, ada).await };
    store.keep_proof(handed_over.clone(), None).await.unwrap();
    for n in 12..=20 {
        reset(&store, n, ada).await;
    }
    let kept = store.standing_proof(secret(60), NOW).await.unwrap().map(|(proof, _)| proof);
    assert_eq!(kept, Some(handed_over), "anybody can have others mailed");

    let eve = insert(&store, 2, "eve", Role::User).await;
    let later = NOW.after(Duration::from_hours(1));
    let new = reset(&store, 50, eve).await;
    let new =
        Proof { hash: secret(51), issued_at: later, expires_at: later.after(Duration::from_secs(1)), ..new };
    store.keep_proof(new, None).await.unwrap();
    assert!(!stands(&store, 100).await, "it is gone, also for a clock that is set back");
}

/// Its owner can use it when the other account has let the address go.
pub async fn a_deed_that_is_refused_leaves_the_proof(TestStore { store, keep: _keep, .. }: TestStore) {
    let ada = insert(&store, 1, "ada", Role::User).await;
    let eve = insert(&store, 2, "eve", Role::User).await;
    for (n, of) in [(1, ada), (2, eve)] {
        verification(&store, n, of).await;
    }
    assert!(prove(&store, 1).await.unwrap().is_some());
    assert_eq!(prove(&store, 2).await, Err(StoreError::AddressTaken));
    let away =
        AccountChange::Email { address: address("ada@example.net"), verified: false, generation: None };
    store.change_account(ada, away, entry(Action::ProfileChanged, 1)).await.unwrap();
    assert!(prove(&store, 2).await.unwrap().is_some());
}

/// Caches hold accounts.
pub async fn what_is_redeemed_is_noticed_beside(TestStore { store, beside, keep: _keep }: TestStore) {
    let ada = insert(&store, 1, "ada", Role::User).await;
    let mut version = store.version().unwrap();
    let mut noticed = || {
        let changed = store.changed_since(version).unwrap();
        version = changed.version;
        changed.records.unwrap().accounts.contains(&ada)
    };
    verification(&beside, 1, ada).await;
    assert!(!noticed(), "a link that waits changes nothing");
    prove(&beside, 1).await.unwrap();
    assert!(noticed());
    keep(&beside, 2, ada, Purpose::ChangeEmail, "ada@example.net").await;
    prove(&beside, 2).await.unwrap();
    assert!(noticed());
    keep(&beside, 3, ada, Purpose::ResetPassword, "ada@example.net").await;
    set_password(&beside, 3).await.unwrap();
    assert!(noticed());
}
