//! The secret a browser holds: where it comes from, when it changes, and what others are worth.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use palisade::clock::Clock as _;
use palisade_identity::{
    audit::Actor,
    role::{Role, Roles},
    sessions::{GRACE, SessionSecret},
};

use crate::{
    browser::{MILLISECOND, assert_worth, begin, request, worth},
    world::{World, applicant, world},
};

#[tokio::test]
async fn attack_session_fixation() {
    let (world, ada) = World::with_user("ada").await;
    let eve = world.accounts.sign_up(applicant("eve")).await.unwrap();
    // Eve plants the cookie of a session of hers, and one she made up, in Ada's browser; Ada signs in.
    let (planted, _) = begin(&world, &eve).await;
    let (begun, _) = begin(&world, &ada).await;
    assert_ne!(begun.id(), planted.id());
    let (signed_in, _) = request(&world.sessions, &planted).await.unwrap();
    assert_eq!(signed_in.account().id, eve.id, "it is nobody's but Eve's");
    let (signed_in, _) = request(&world.sessions, &begun).await.unwrap();
    assert_eq!(signed_in.account().id, ada.id);
}

#[tokio::test]
async fn attack_session_of_another_deployment() {
    let (here, ada) = World::with_user("ada").await;
    let (secret, _) = begin(&here, &ada).await;
    assert_worth(&here, &secret, "live").await;
    assert_worth(&world(), &secret, "ended").await;
}

#[tokio::test]
async fn attack_a_secret_that_is_off_by_a_bit() {
    let (world, ada) = World::with_user("ada").await;
    let (secret, _) = begin(&world, &ada).await;
    let right = URL_SAFE_NO_PAD.decode(secret.to_text().expose()).unwrap();
    for bit in 0..right.len() * 8 {
        let mut altered = right.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        // An id that is none any more is no secret at all.
        if let Some(altered) = SessionSecret::parse(URL_SAFE_NO_PAD.encode(altered).as_bytes()) {
            assert_eq!(worth(&world.sessions, &altered).await, "ended", "bit {bit}");
        }
    }
    assert_worth(&world, &secret, "live").await;
}

#[tokio::test]
async fn neither_the_secret_nor_its_text_is_in_the_store() {
    let (world, ada) = World::with_user("ada").await;
    let (secret, _) = begin(&world, &ada).await;
    let text = secret.to_text();
    let bytes = URL_SAFE_NO_PAD.decode(text.expose()).unwrap();
    for file in std::fs::read_dir(world.folder.path()).unwrap() {
        let content = std::fs::read(file.unwrap().path()).unwrap();
        for needle in [&bytes[16..], &text.expose().as_bytes()[22..]] {
            assert!(!content.windows(needle.len()).any(|window| window == needle));
        }
    }
    assert!(!format!("{secret:?} {:?}", world.sessions).contains(&text.expose()[22..]));
}

#[tokio::test]
async fn other_roles_bring_another_secret_at_the_next_request() {
    let (world, ada) = World::with_user("ada").await;
    let (before, session) = begin(&world, &ada).await;
    assert_eq!(request(&world.sessions, &before).await.unwrap().1, None);
    world.beside.set_roles(Actor::Operator, ada.id, Role::Admin.into()).await.unwrap();
    world.clock.advance(MILLISECOND);

    let (signed_in, renewed) = request(&world.sessions, &before).await.unwrap();
    assert!(signed_in.account().roles.include(Role::Admin));
    let after = renewed.unwrap();
    assert_eq!(after.id(), session.id);
    assert_eq!(request(&world.sessions, &after).await.unwrap().1, None, "once");
    assert_eq!(signed_in.authenticated_at(), session.authenticated_at, "nobody has proved anything again");

    // Requests under way carry the one before, and do not renew again.
    assert_eq!(request(&world.sessions, &before).await.unwrap().1, None);
    world.clock.advance(GRACE - Duration::from_secs(1));
    assert_worth(&world, &before, "live").await;
    world.clock.advance(Duration::from_secs(1));
    assert_worth(&world, &before, "replaced").await;
    assert_worth(&world, &after, "live").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_two_requests_at_once_after_other_roles() {
    let (world, ada) = World::with_user("ada").await;
    let (mut secret, _) = begin(&world, &ada).await;
    for n in 0..10 {
        let role = if n % 2 == 0 { Role::Admin } else { Role::User };
        let roles = Roles::new([Role::User, role]).unwrap();
        // Another admin, so that this one can be demoted.
        if n == 0 {
            world.admin("root").await;
        }
        world.accounts.set_roles(Actor::Operator, ada.id, roles).await.unwrap();
        world.clock.advance(MILLISECOND);
        let both: Vec<_> = [&world.sessions, &world.sessions_beside, &world.sessions]
            .into_iter()
            .map(|sessions| {
                let (sessions, secret) = (sessions.clone(), secret.clone());
                tokio::spawn(async move { request(&sessions, &secret).await.unwrap().1 })
            })
            .collect();
        let mut renewed = Vec::new();
        for request in both {
            renewed.extend(request.await.unwrap());
        }
        assert_eq!(renewed.len(), 1, "all are let in, one gets the new secret");
        secret = renewed.remove(0);
        assert_worth(&world, &secret, "live").await;
    }
}

#[tokio::test]
async fn attack_a_secret_stolen_before_the_account_proved_itself_again() {
    let (world, ada) = World::with_user("ada").await;
    let (stolen, begun) = begin(&world, &ada).await;
    assert_worth(&world, &stolen, "live").await;
    world.clock.advance(Duration::from_secs(3600));
    let (secret, session) = world.sessions.reauthenticated(&ada, stolen.id()).await.unwrap();
    assert_eq!((session.id, session.created_at), (begun.id, begun.created_at));
    assert_eq!(session.authenticated_at, world.clock.now());
    // Without grace: it is about somebody who may have it. But the browser's new cookie is left alone.
    assert_worth(&world, &stolen, "replaced").await;
    let (signed_in, _) = request(&world.sessions, &secret).await.unwrap();
    assert_eq!(signed_in.session(), session);
    let (next, _) = world.sessions.reauthenticated(&ada, stolen.id()).await.unwrap();
    assert_worth(&world, &stolen, "ended").await;
    assert_worth(&world, &secret, "replaced").await;
    assert_worth(&world, &next, "live").await;
}
