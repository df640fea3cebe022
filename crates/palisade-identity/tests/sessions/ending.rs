//! What ends a session: at once here, and a millisecond later in every other process.

use palisade_identity::{
    account::Account,
    audit::Actor,
    role::Role,
    sessions::{SessionSecret, SessionsError},
};

use crate::{
    browser::{assert_worth, begin, device, worth},
    world::{World, applicant, password},
};

/// An account with two browsers, both known to both processes.
async fn with_two_browsers() -> (World, Account, SessionSecret, SessionSecret) {
    let (world, ada) = World::with_user("ada").await;
    let ((one, _), (other, _)) = (begin(&world, &ada).await, begin(&world, &ada).await);
    assert_worth(&world, &one, "live").await;
    assert_worth(&world, &other, "live").await;
    (world, ada, one, other)
}

#[tokio::test]
async fn attack_stolen_cookie_after_sign_out() {
    let (world, ada, one, other) = with_two_browsers().await;
    world.sessions.end(ada.id, one.id()).await.unwrap();
    assert_worth(&world, &one, "ended").await;
    assert_worth(&world, &other, "live").await;
}

#[tokio::test]
async fn a_session_ended_in_another_process_ends_here_a_millisecond_later() {
    let (world, ada, one, other) = with_two_browsers().await;
    world.sessions_beside.end(ada.id, one.id()).await.unwrap();
    assert_worth(&world, &one, "ended").await;
    assert_worth(&world, &other, "live").await;
}

#[tokio::test]
async fn two_sessions_are_listed_and_ending_all_others_leaves_one() {
    let (world, ada, one, other) = with_two_browsers().await;
    let listed = world.sessions.list(&ada).await.unwrap();
    let mut ids: Vec<_> = listed.iter().map(|session| session.id).collect();
    ids.sort_unstable();
    let mut expected = [one.id(), other.id()];
    expected.sort_unstable();
    assert_eq!(ids, expected);
    assert_eq!(world.sessions.end_others(ada.id, Some(one.id())).await, Ok(1));
    assert_worth(&world, &one, "live").await;
    assert_worth(&world, &other, "ended").await;
    assert_eq!(world.sessions.list(&ada).await.unwrap().len(), 1);
}

#[tokio::test]
async fn attack_ending_the_session_of_somebody_else() {
    let (world, ada, one, _) = with_two_browsers().await;
    let eve = world.accounts.sign_up(applicant("eve")).await.unwrap();
    assert_eq!(world.sessions.end(eve.id, one.id()).await, Err(SessionsError::NotFound));
    assert_eq!(world.sessions.reauthenticated(&eve, one.id()).await.err(), Some(SessionsError::NotFound));
    assert_eq!(world.sessions.end_others(eve.id, None).await, Ok(0));
    assert_worth(&world, &one, "live").await;
    assert_eq!(world.sessions.list(&ada).await.unwrap().len(), 2);
}

#[tokio::test]
async fn signing_out_everywhere_ends_all_sessions_from_either_process() {
    let (world, ada, one, other) = with_two_browsers().await;
    world.accounts.sign_out_everywhere(ada.id).await.unwrap();
    for secret in [&one, &other] {
        assert_worth(&world, secret, "ended").await;
    }
    let ada = world.accounts.by_id(ada.id).await.unwrap();
    let (again, _) = begin(&world, &ada).await;
    assert_worth(&world, &again, "live").await;
    world.beside.sign_out_everywhere(ada.id).await.unwrap();
    assert_worth(&world, &again, "ended").await;
}

#[tokio::test]
async fn another_password_ends_all_sessions_but_the_one_it_was_changed_in() {
    let (world, ada, one, other) = with_two_browsers().await;
    let change = async |from: &str, to: &str, keeping: &SessionSecret| {
        let keeping = keeping.id().to_string();
        world.accounts.change_password(ada.id, password(from), password(to), Some(&keeping)).await.unwrap()
    };
    let ada = change("correct horse", "battery staple", &one).await;
    assert_worth(&world, &one, "live").await;
    assert_worth(&world, &other, "ended").await;
    let (third, _) = begin(&world, &ada).await;
    change("battery staple", "correct horse", &third).await;
    assert_worth(&world, &one, "ended").await;
    assert_worth(&world, &third, "live").await;
}

#[tokio::test]
async fn disabling_an_account_ends_its_sessions_for_good() {
    let (world, ada, one, _) = with_two_browsers().await;
    world.beside.disable(Actor::Operator, ada.id).await.unwrap();
    assert_worth(&world, &one, "ended").await;
    world.beside.enable(Actor::Operator, ada.id).await.unwrap();
    assert_worth(&world, &one, "ended").await;
    assert_eq!(world.store.sessions(ada.id).await.unwrap(), []);
}

#[tokio::test]
async fn attack_a_session_begun_with_a_password_that_was_changed_meanwhile() {
    let (world, ada) = World::with_user("ada").await;
    let read_before = world.accounts.sign_in("ada", password("correct horse")).await.unwrap().unwrap();
    world.accounts.set_password_by_operator(ada.id, password("battery staple")).await.unwrap();
    let (secret, _) = world.sessions.begin(&read_before, device("thief")).await.unwrap();
    assert_worth(&world, &secret, "ended").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_after_a_sign_out_was_answered_sees_it() {
    let (world, ada) = World::with_user("ada").await;
    for _ in 0..50 {
        let (secret, _) = begin(&world, &ada).await;
        let (sessions, stolen) = (world.sessions.clone(), secret.clone());
        // Somebody else asks all the time, and must not put back what was read before the end.
        let thief = tokio::spawn(async move {
            for _ in 0..200 {
                worth(&sessions, &stolen).await;
            }
        });
        tokio::task::yield_now().await;
        world.sessions.end(ada.id, secret.id()).await.unwrap();
        assert_eq!(worth(&world.sessions, &secret).await, "ended");
        thief.await.unwrap();
        assert_eq!(worth(&world.sessions, &secret).await, "ended");
    }
}

#[tokio::test]
async fn other_roles_do_not_end_a_session() {
    let (world, ada, one, _) = with_two_browsers().await;
    world.accounts.set_roles(Actor::Operator, ada.id, Role::Editor.into()).await.unwrap();
    assert_worth(&world, &one, "live").await;
}
