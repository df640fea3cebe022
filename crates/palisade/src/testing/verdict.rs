//! A requirement on its own, without a route.

use std::{any::Any, time::Duration};

use http::request::Parts;

use crate::{
    authority::Principal,
    clock::{Clock, Timestamp},
    requirement::{Facts, RequestTime, Requirement, Verdict},
};

/// What `requirement` comes to for `principal`, in a request with this head at this time: a requirement that is a value
/// can be tested as one.
///
/// ```
/// use palisade::{prelude::*, clock::Timestamp, testing::verdict};
///
/// # #[derive(Clone)] struct User(Authority);
/// # impl Principal for User { fn authority(&self) -> &Authority { &self.0 } }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let user = User(Authority::account("ada").scopes("items:read".parse().unwrap()));
/// let (head, ()) = http::Request::new(()).into_parts();
/// let now = Timestamp::from_unix(0);
/// assert_eq!(verdict(&scope("items:read"), &user, &head, now).await, Verdict::True);
/// assert_eq!(verdict(&scope("items:write"), &user, &head, now).await, Verdict::False);
/// # });
/// ```
pub async fn verdict<P: Principal>(
    requirement: &Requirement,
    principal: &P,
    head: &Parts,
    now: Timestamp,
) -> Verdict {
    let still = Still(now);
    let time = RequestTime::of(&still);
    requirement.evaluate(facts(principal, head, &time)).await
}

/// As [`verdict`], without waiting: `None` when the requirement hangs on a check that waits for a back end.
pub fn verdict_now<P: Principal>(
    requirement: &Requirement,
    principal: &P,
    head: &Parts,
    now: Timestamp,
) -> Option<Verdict> {
    let still = Still(now);
    let time = RequestTime::of(&still);
    requirement.evaluate_now(facts(principal, head, &time))
}

fn facts<'a, P: Principal>(principal: &'a P, head: &'a Parts, time: &'a RequestTime<'a>) -> Facts<'a> {
    let (authority, principal) = (principal.authority(), principal as &(dyn Any + Send + Sync));
    Facts { authority, principal, head, time, path: None, resource: None }
}

/// A clock that stands still.
#[derive(Debug)]
struct Still(Timestamp);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}
