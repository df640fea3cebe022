//! How long a session lasts, and what is written down of it.

use std::time::Duration;

use palisade::clock::{Clock as _, Timestamp};
use palisade_identity::{
    account::Account,
    audit::{Action, Actor, Trail},
    sessions::{SessionSecret, SessionSettings},
};

use crate::{
    browser::{MILLISECOND, assert_worth, begin, device, request, worth},
    world::{World, applicant, world_with},
};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_hours(24);

async fn with_ada() -> (World, Account, SessionSecret) {
    let (world, ada) = World::with_user("ada").await;
    let (secret, _) = begin(&world, &ada).await;
    (world, ada, secret)
}

/// When the store was told that the session was last seen.
async fn noted(world: &World, secret: &SessionSecret) -> Timestamp {
    world.settle().await;
    world.store_beside.session(secret.id()).await.unwrap().unwrap().last_seen
}

#[tokio::test]
async fn a_session_begins_and_tells_what_is_known_of_it() {
    let (world, ada) = World::with_user("ada").await;
    let (secret, session) = begin(&world, &ada).await;
    let now = world.clock.now();
    let (signed_in, renewed) = request(&world.sessions, &secret).await.unwrap();
    assert_eq!(signed_in.session(), session);
    assert_eq!((signed_in.id(), signed_in.account().id), (secret.id(), ada.id));
    assert_eq!((session.created_at, session.authenticated_at, session.last_seen), (now, now, now));
    assert_eq!((&*session.user_agent, session.address.to_string().as_str()), ("Firefox", "203.0.113.1"));
    assert_eq!(session.ends_at, now.after(90 * DAY));
    assert_eq!(renewed, None);
    assert_worth(&world, &secret, "live").await;
}

#[tokio::test]
async fn a_session_that_is_not_used_for_14_days_has_expired() {
    let (world, ada, secret) = with_ada().await;
    world.clock.advance(14 * DAY - MINUTE);
    assert!(request(&world.sessions, &secret).await.is_some(), "and is used: it slides");
    world.settle().await;
    world.clock.advance(14 * DAY - MINUTE);
    assert_worth(&world, &secret, "live").await;
    assert_eq!(world.sessions.list(&ada).await.unwrap().len(), 1);
    world.clock.advance(MINUTE);
    assert_worth(&world, &secret, "ended").await;
    assert_eq!(world.sessions.list(&ada).await.unwrap(), []);
}

#[tokio::test]
async fn a_session_that_is_used_all_the_time_ends_after_90_days() {
    let (world, _, secret) = with_ada().await;
    for _ in 0..9 {
        world.clock.advance(10 * DAY - MINUTE);
        assert!(request(&world.sessions, &secret).await.is_some());
        world.settle().await;
    }
    assert_worth(&world, &secret, "live").await;
    world.clock.advance(9 * MINUTE);
    assert_worth(&world, &secret, "ended").await;
}

#[tokio::test]
async fn a_session_that_is_used_in_another_process_does_not_expire_here() {
    let (world, _, secret) = with_ada().await;
    assert!(request(&world.sessions, &secret).await.is_some(), "in memory here from now on");
    for _ in 0..3 {
        world.clock.advance(10 * DAY);
        assert!(request(&world.sessions_beside, &secret).await.is_some());
        world.settle().await;
    }
    assert_eq!(worth(&world.sessions, &secret).await, "live");
}

#[tokio::test]
async fn being_in_use_is_written_down_once_a_minute() {
    let (world, ada, secret) = with_ada().await;
    let begun = world.clock.now();
    for second in 1..60 {
        world.clock.advance(Duration::from_secs(1));
        assert!(request(&world.sessions, &secret).await.is_some());
        if second % 20 == 0 {
            assert_eq!(noted(&world, &secret).await, begun);
        }
    }
    // The list knows better than the disk.
    assert_eq!(world.sessions.list(&ada).await.unwrap()[0].last_seen, world.clock.now());
    world.clock.advance(Duration::from_secs(1));
    for _ in 0..10 {
        assert!(request(&world.sessions, &secret).await.is_some());
    }
    assert_eq!(noted(&world, &secret).await, begun.after(MINUTE));
}

#[tokio::test]
async fn looking_whether_a_session_still_counts_does_not_prolong_it() {
    let (world, _, secret) = with_ada().await;
    for _ in 0..28 {
        world.clock.advance(DAY / 2);
        let _found = worth(&world.sessions, &secret).await;
    }
    assert_worth(&world, &secret, "ended").await;
}

#[tokio::test]
async fn attack_one_account_fills_the_table_with_sessions() {
    let (world, ada, first) = with_ada().await;
    let eve = world.accounts.sign_up(applicant("eve")).await.unwrap();
    let (eves, _) = begin(&world, &eve).await;
    assert_worth(&world, &first, "live").await;
    for _ in 0..50 {
        world.clock.advance(Duration::from_secs(1));
        begin(&world, &ada).await;
    }
    assert_worth(&world, &first, "ended").await;
    assert_worth(&world, &eves, "live").await;
    assert_eq!(world.sessions.list(&ada).await.unwrap().len(), 50);
    world.settle().await;
    let crowded_out =
        world.trail(Trail::SignIns).await.into_iter().find(|e| e.action == Action::SessionEnded);
    let crowded_out = crowded_out.unwrap();
    assert_eq!(crowded_out.detail["session"], first.id().to_string());
    assert_eq!(crowded_out.detail["reason"], "too many");
}

#[tokio::test]
async fn the_newest_session_is_there_even_if_just_one_is_allowed() {
    let world = world_with(SessionSettings { per_account: 1, ..SessionSettings::default() });
    let ada = world.accounts.sign_up(applicant("ada")).await.unwrap();
    let mut before = begin(&world, &ada).await.0;
    for _ in 0..10 {
        let (secret, _) = begin(&world, &ada).await;
        assert_worth(&world, &before, "ended").await;
        assert_worth(&world, &secret, "live").await;
        before = secret;
    }
}

#[tokio::test]
async fn expired_sessions_are_cleared_away_by_those_that_begin() {
    let (world, ada, first) = with_ada().await;
    for _ in 0..20 {
        begin(&world, &ada).await;
    }
    world.clock.advance(15 * DAY);
    let stored = async || world.store_beside.sessions(ada.id).await.unwrap().len();
    begin(&world, &ada).await;
    world.settle().await;
    assert_eq!(stored().await, 21 + 1 - 16);
    begin(&world, &ada).await;
    world.settle().await;
    assert_eq!(stored().await, 2);
    assert_worth(&world, &first, "ended").await;
}

#[tokio::test]
async fn what_becomes_of_a_session_stands_in_the_trail() {
    let (world, ada, secret) = with_ada().await;
    let (other, _) = world.sessions.begin(&ada, device("curl")).await.unwrap();
    world.sessions.reauthenticated(&ada, other.id()).await.unwrap();
    world.sessions.end(ada.id, other.id()).await.unwrap();
    world.clock.advance(MILLISECOND);
    assert_eq!(world.sessions.end_others(ada.id, None).await, Ok(1));
    let trail = world.trail(Trail::SignIns).await;
    let ended_all = trail.first().unwrap();
    assert_eq!(ended_all.action, Action::SessionEnded);
    let told: Vec<_> =
        trail[1..].iter().map(|entry| (entry.action, entry.detail["session"].clone())).collect();
    let [first, other] = [&secret, &other].map(|secret| secret.id().to_string());
    assert_eq!(
        told,
        [
            (Action::SessionEnded, other.clone().into()),
            (Action::SessionRotated, other.clone().into()),
            (Action::SessionBegun, other.into()),
            (Action::SessionBegun, first.into()),
        ]
    );
    for entry in &trail {
        assert_eq!((entry.actor, entry.target.clone()), (Actor::Account(ada.id), ada.id.to_string()));
        assert!(!format!("{entry:?}").contains(secret.to_text().expose()));
    }
}
