//! Signing up and in, one's own account, and the accounts of others.

mod world;

use std::sync::atomic::Ordering;

use palisade_identity::{
    account::Status,
    accounts::{AccountsError, Applicant},
    audit::{Action, Actor, Trail},
    password::{HashError, Queue, Weakness},
    role::{Role, Roles},
    store::PageSize,
};

use crate::world::{Asked, World, applicant, password, world};

#[tokio::test]
async fn whoever_signs_up_signs_in_as_a_user() {
    let (world, ada) = World::with_user("ada").await;
    assert_eq!((ada.status, ada.roles, ada.generation), (Status::Active, Role::User.into(), 0));
    let signed_in = world.accounts.sign_in("ADA", password("correct horse")).await.unwrap();
    assert_eq!(signed_in, Some(ada.clone()));
    assert_eq!(world.accounts.by_id(ada.id).await, Ok(ada));
}

#[tokio::test]
async fn every_refused_sign_in_costs_one_hash_and_looks_the_same() {
    let (world, ada) = World::with_user("ada").await;
    world.admin("root").await;
    world
        .accounts
        .disable(Actor::Operator, world.accounts.sign_up(applicant("eve")).await.unwrap().id)
        .await
        .unwrap();
    world.hashing.asked();

    for (name, attempt, cost) in [
        ("ada", "wrong", Asked::VerifyKnown),
        ("eve", "correct horse", Asked::VerifyKnown),
        ("nobody", "correct horse", Asked::VerifyUnknown),
        ("no such name", "correct horse", Asked::VerifyUnknown),
        ("ada\0", "correct horse", Asked::VerifyUnknown),
        ("", "correct horse", Asked::VerifyUnknown),
        (&"a".repeat(10_000_000), "correct horse", Asked::VerifyUnknown),
    ] {
        assert_eq!(world.accounts.sign_in(name, password(attempt)).await, Ok(None));
        assert_eq!(world.hashing.asked(), [cost]);
    }
    assert!(world.accounts.sign_in("ada", password("correct horse")).await.unwrap().is_some());
    assert_eq!(world.accounts.by_id(ada.id).await.unwrap().generation, 0);
}

#[tokio::test]
async fn a_name_that_is_taken_costs_no_hash() {
    let (world, _) = World::with_user("ada").await;
    assert_eq!(world.accounts.sign_up(applicant("Ada")).await, Err(AccountsError::UsernameTaken));
    assert_eq!(world.hashing.asked(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_two_sign_up_as_one_at_once() {
    let world = world();
    let (server, command) = (world.accounts.clone(), world.beside.clone());
    let one = tokio::spawn(async move { server.sign_up(applicant("ada")).await });
    let other = tokio::spawn(async move { command.sign_up(applicant("ＡＤＡ")).await });
    let outcomes = [one.await.unwrap(), other.await.unwrap()];
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert!(outcomes.contains(&Err(AccountsError::UsernameTaken)), "{outcomes:?}");
}

#[tokio::test]
async fn a_weak_password_is_refused_wherever_one_is_set_and_costs_no_hash() {
    let (world, ada) = World::with_user("ada").await;
    let weak = Err(AccountsError::WeakPassword(vec![Weakness::Personal]));
    let accounts = &world.accounts;
    let applicant = || Applicant { password: password("eve"), ..applicant("eve") };
    assert_eq!(accounts.sign_up(applicant()).await, weak);
    assert_eq!(accounts.admin_create(Actor::Operator, applicant(), Role::User.into()).await, weak);
    assert_eq!(
        accounts.change_password(ada.id, password("correct horse"), password("ada"), Some("kept")).await,
        weak
    );
    assert_eq!(accounts.set_password_by_operator(ada.id, password("somebody@example.org")).await, weak);
    assert_eq!(world.hashing.asked(), [Asked::VerifyKnown]);
}

#[tokio::test]
async fn overload_is_said_and_is_not_a_wrong_password() {
    let (world, ada) = World::with_user("ada").await;
    world.hashing.overloaded.store(true, Ordering::SeqCst);
    let busy = |error: &AccountsError| matches!(error, AccountsError::Password(HashError::Busy { .. }));
    assert!(busy(&world.accounts.sign_in("ada", password("correct horse")).await.unwrap_err()));
    assert!(busy(&world.accounts.sign_up(applicant("eve")).await.unwrap_err()));
    let refused = world
        .accounts
        .change_password(ada.id, password("correct horse"), password("new"), Some("kept"))
        .await;
    assert!(busy(&refused.unwrap_err()));
}

#[tokio::test]
async fn an_outdated_hash_is_replaced_at_sign_in_and_tokens_stay() {
    let (world, ada) = World::with_user("ada").await;
    let before = world.store.password_hash(ada.id).await.unwrap();
    world.hashing.outdated.store(true, Ordering::SeqCst);
    assert!(world.accounts.sign_in("ada", password("correct horse")).await.unwrap().is_some());
    world.hashing.outdated.store(false, Ordering::SeqCst);
    world.settle().await;
    assert_ne!(world.store.password_hash(ada.id).await.unwrap(), before);
    let again = world.accounts.sign_in("ada", password("correct horse")).await.unwrap();
    assert_eq!(again.unwrap().generation, 0);
}

#[tokio::test]
async fn a_new_password_needs_the_current_one_and_ends_all_tokens() {
    let (world, ada) = World::with_user("ada").await;
    let wrong = world
        .accounts
        .change_password(ada.id, password("wrong"), password("battery staple"), Some("kept"))
        .await;
    assert_eq!(wrong, Err(AccountsError::WrongPassword));
    assert_eq!(world.hashing.asked(), [Asked::VerifyKnown], "the new one is not even hashed");

    let changed = world
        .accounts
        .change_password(ada.id, password("correct horse"), password("battery staple"), Some("kept"))
        .await
        .unwrap();
    assert_eq!(changed.generation, 1);
    assert_eq!(world.hashing.asked(), [Asked::VerifyKnown, Asked::Hash(Queue::SignUp)]);
    assert_eq!(world.accounts.sign_in("ada", password("correct horse")).await, Ok(None));
    assert_eq!(world.accounts.sign_in("ada", password("battery staple")).await, Ok(Some(changed)));
}

#[tokio::test]
async fn attack_a_thief_changes_the_password_while_the_operator_resets_it() {
    let (world, ada) = World::with_user("ada").await;
    let (begun, release) = world.hashing.hold_next_hash();
    let (accounts, id) = (world.accounts.clone(), ada.id);
    let thief = tokio::spawn(async move {
        accounts.change_password(id, password("correct horse"), password("stolen"), Some("kept")).await
    });
    begun.await.unwrap();
    world.beside.set_password_by_operator(ada.id, password("reset")).await.unwrap();
    release.send(()).unwrap();
    assert_eq!(thief.await.unwrap(), Err(AccountsError::ChangedMeanwhile));
    assert_eq!(world.accounts.sign_in("ada", password("stolen")).await, Ok(None));
    assert!(world.accounts.sign_in("ada", password("reset")).await.unwrap().is_some());
}

#[tokio::test]
async fn signing_out_everywhere_raises_the_generation() {
    let (world, ada) = World::with_user("ada").await;
    assert_eq!(world.accounts.sign_out_everywhere(ada.id).await.unwrap().generation, 1);
    assert!(world.accounts.sign_in("ada", password("correct horse")).await.unwrap().is_some());
}

#[tokio::test]
async fn another_address_is_not_verified_unless_an_admin_says_so() {
    let (world, ada) = World::with_user("ada").await;
    let set = async |email: Option<&str>, verified: Option<bool>| {
        let email = email.map(|email| email.parse().unwrap());
        let set = world.accounts.set_email(Actor::Operator, ada.id, email, verified).await.unwrap();
        (set.email.to_string(), set.email_verified_at.is_some())
    };
    assert_eq!(set(None, None).await, ("somebody@example.org".to_owned(), false));
    assert_eq!(world.trail(Trail::Changes).await.len(), 1, "nothing was changed");
    assert_eq!(set(None, Some(true)).await, ("somebody@example.org".to_owned(), true));
    assert_eq!(set(Some("somebody@example.org"), None).await, ("somebody@example.org".to_owned(), true));
    assert_eq!(set(Some("ada@example.net"), None).await, ("ada@example.net".to_owned(), false));
    assert_eq!(set(Some("ada@example.com"), Some(true)).await, ("ada@example.com".to_owned(), true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_last_admin_removed_by_two_at_once() {
    let world = world();
    let (one, other) = (world.admin("one").await, world.admin("other").await);
    let (server, command) = (world.accounts.clone(), world.beside.clone());
    let disable = tokio::spawn(async move { server.disable(Actor::Account(other.id), one.id).await });
    let demote =
        tokio::spawn(async move { command.set_roles(Actor::Operator, other.id, Role::User.into()).await });
    let outcomes = [disable.await.unwrap(), demote.await.unwrap()];
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert!(outcomes.contains(&Err(AccountsError::LastAdmin)), "{outcomes:?}");
    assert_eq!(world.store.active_admins().await, Ok(1));
}

#[tokio::test]
async fn a_disabled_account_signs_in_again_when_enabled_and_its_old_tokens_stay_ended() {
    let (world, ada) = World::with_user("ada").await;
    world.accounts.disable(Actor::Operator, ada.id).await.unwrap();
    assert_eq!(world.accounts.sign_in("ada", password("correct horse")).await, Ok(None));
    world.accounts.enable(Actor::Operator, ada.id).await.unwrap();
    let signed_in = world.accounts.sign_in("ada", password("correct horse")).await.unwrap().unwrap();
    assert_eq!(signed_in.generation, 1);
}

#[tokio::test]
async fn who_did_what_is_written_down() {
    let (world, ada) = World::with_user("ada").await;
    let root = world.admin("root").await;
    let by_root = Actor::Account(root.id);
    world.accounts.set_roles(by_root, ada.id, Roles::new([Role::User, Role::Editor]).unwrap()).await.unwrap();
    world.accounts.disable(by_root, root.id).await.unwrap_err();
    world.accounts.disable(by_root, ada.id).await.unwrap();
    world.accounts.set_password_by_operator(ada.id, password("reset")).await.unwrap();

    let changes = world.trail(Trail::Changes).await;
    let told: Vec<_> =
        changes.iter().rev().map(|entry| (entry.actor, entry.action, &*entry.target)).collect();
    let (ada, root) = (ada.id.to_string(), root.id.to_string());
    assert_eq!(
        told,
        [
            (Actor::Account(ada.parse().unwrap()), Action::SignedUp, &*ada),
            (Actor::Operator, Action::AccountCreated, &*root),
            (by_root, Action::RolesSet, &*ada),
            (by_root, Action::AccountDisabled, &*ada),
            (Actor::Operator, Action::PasswordSet, &*ada),
        ]
    );
    assert_eq!(changes[2].detail, serde_json::json!({ "roles": ["user", "editor"] }));
}

#[tokio::test]
async fn sign_ins_are_written_down_without_what_was_typed_for_a_name() {
    let (world, ada) = World::with_user("ada").await;
    for (name, attempt) in [("ada", "correct horse"), ("ada", "wrong"), ("correct horse", "ada")] {
        world.accounts.sign_in(name, password(attempt)).await.unwrap();
    }
    world.settle().await;
    let told: Vec<_> =
        world.trail(Trail::SignIns).await.into_iter().map(|entry| (entry.action, entry.target)).collect();
    assert_eq!(
        told,
        [
            (Action::SignInRefused, "unknown".to_owned()),
            (Action::SignInRefused, ada.id.to_string()),
            (Action::SignedIn, ada.id.to_string()),
        ]
    );
}

#[tokio::test]
async fn accounts_are_listed_page_by_page() {
    let world = world();
    for name in ["a", "b", "c"] {
        world.accounts.sign_up(applicant(name)).await.unwrap();
        world.clock.advance(std::time::Duration::from_secs(1));
    }
    let names = |page: &[palisade_identity::account::Account]| -> Vec<String> {
        page.iter().map(|account| account.username.to_string()).collect()
    };
    let first = world.accounts.list(None, PageSize::nearest(2)).await.unwrap();
    assert_eq!(names(&first), ["a", "b"]);
    let second =
        world.accounts.list(first.last().map(|account| account.id), PageSize::nearest(2)).await.unwrap();
    assert_eq!(names(&second), ["c"]);
}
