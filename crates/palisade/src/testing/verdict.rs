//! A requirement on its own, without a route.

use std::any::Any;

use http::request::Parts;

use crate::{
    authority::Principal,
    clock::Timestamp,
    requirement::{Facts, Requirement, Verdict},
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
    requirement.evaluate(facts(principal, head, now)).await
}

/// As [`verdict`], without waiting: `None` when the requirement hangs on a check that waits for a back end.
pub fn verdict_now<P: Principal>(
    requirement: &Requirement,
    principal: &P,
    head: &Parts,
    now: Timestamp,
) -> Option<Verdict> {
    requirement.evaluate_now(facts(principal, head, now))
}

fn facts<'a, P: Principal>(principal: &'a P, head: &'a Parts, now: Timestamp) -> Facts<'a> {
    let (authority, principal) = (principal.authority(), principal as &(dyn Any + Send + Sync));
    Facts { authority, principal, head, now, path: None, resource: None }
}
