//! Browsers, for these tests.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use palisade_identity::{
    account::Account,
    sessions::{Device, Presented, Session, SessionSecret, Sessions, SignedIn},
};

use crate::world::World;

pub(crate) const MILLISECOND: Duration = Duration::from_millis(1);

pub(crate) fn device(name: &str) -> Device {
    Device::new(name.as_bytes(), IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1)))
}

pub(crate) async fn begin(world: &World, account: &Account) -> (SessionSecret, Session) {
    world.sessions.begin(account, device("Firefox")).await.unwrap()
}

/// What the secret is worth, in a word.
pub(crate) async fn worth(sessions: &Sessions, secret: &SessionSecret) -> &'static str {
    match sessions.find(secret).await.unwrap() {
        Presented::Live(_) => "live",
        Presented::Replaced => "replaced",
        Presented::Ended => "ended",
    }
}

/// A request with `secret`: who it is, and the new secret the browser is given, if any.
pub(crate) async fn request(
    sessions: &Sessions,
    secret: &SessionSecret,
) -> Option<(SignedIn, Option<SessionSecret>)> {
    let Presented::Live(signed_in) = sessions.find(secret).await.unwrap() else { return None };
    let renewed = sessions.used(&signed_in).await.unwrap();
    Some((signed_in, renewed))
}

/// Asserts what a secret is worth here, and a millisecond later in the process beside.
pub(crate) async fn assert_worth(world: &World, secret: &SessionSecret, expected: &str) {
    assert_eq!(worth(&world.sessions, secret).await, expected, "here");
    world.clock.advance(MILLISECOND);
    assert_eq!(worth(&world.sessions_beside, secret).await, expected, "beside");
}
