//! What reading a credential and an allowed check cost the allocator: nothing. A test of its own, since it counts for the whole process.

use std::{alloc::System, pin::pin, sync::Arc, task};

use http::{HeaderValue, header};
use palisade::{
    clock::Timestamp,
    credential::{
        ApiKeyHeader, ApiKeyScheme, Authenticate, BearerToken, FromCredential, OneOf3, PresentedKey,
        SessionCookie, SessionText,
    },
    prelude::*,
    requirement::{TimeWindow, hours},
    testing::verdict,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
enum Staff {
    User,
    #[role(includes(User))]
    Admin,
}

#[derive(Clone)]
struct Caller(Authority);

impl Principal for Caller {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

struct Key;

impl ApiKeyScheme for Key {
    const NAME: &'static str = "Key";
    const PARAMETER: &'static str = "__Host-key";
}

/// What a verifier has verified before, and keeps.
struct Kept;

macro_rules! kept {
    ($($read:ty),*) => {$(
        impl FromCredential<$read, Arc<Kept>> for Kept {
            async fn verify(_: $read, _: &Parts, kept: &Arc<Kept>) -> Result<Arc<Self>, Denied> {
                Ok(kept.clone())
            }
        }
    )*};
}

kept!(BearerToken, PresentedKey, SessionText);

#[test]
fn neither_reading_nor_checking_allocates() {
    a_credential_is_read();
    a_requirement_is_checked();
}

fn a_credential_is_read() {
    type Who = AnyOf<(SessionCookie<Key, Kept>, ApiKeyHeader<Key, Kept>, Bearer<Kept>)>;
    let (mut head, ()) = http::Request::new(()).into_parts();
    // As a server has it: a part of a buffer that is shared.
    head.headers
        .insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer eyJhbGciOiJFZERTQSJ9.e30.c2ln"));
    head.headers.insert(header::COOKIE, HeaderValue::from_static("theme=dark; language=en"));
    let kept = Arc::new(Kept);

    let context = &mut task::Context::from_waker(task::Waker::noop());
    let region = Region::new(ALLOCATOR);
    let polled = pin!(Who::authenticate(&mut head, &kept)).poll(context);
    let change = region.change();
    assert!(matches!(polled, task::Poll::Ready(Ok(Some(AnyOf(OneOf3::C(_)))))));
    assert_eq!((change.allocations, change.reallocations), (0, 0));
}

fn a_requirement_is_checked() {
    let now = Timestamp::from_unix(1_000);
    let scopes = "items:read items:write".parse().expect("these are scopes");
    let authority = Authority::account("ada").scopes(scopes).roles([Staff::Admin]).authenticated_at(now);
    let authority = authority.factors([Factor::Password]);
    let caller = Caller(authority);
    let (head, ()) = http::Request::new(()).into_parts();
    let minute = std::time::Duration::from_secs(60);
    let requirement = (scope("absent") | client("absent") | scope("items:read") | role(Staff::Admin))
        & (role(Staff::User) & signed_in() & undelegated() & recent(minute) & factor(Factor::Password))
        & (check("no", |_| false) | check("clock", |facts| facts.now().as_unix() == 1_000))
        & scope("items:write")
        & hours("by-day", TimeWindow::daily((0, 0), (23, 59)));

    let context = &mut task::Context::from_waker(task::Waker::noop());
    let region = Region::new(ALLOCATOR);
    let polled = pin!(verdict(&requirement, &caller, &head, now)).poll(context);
    let change = region.change();
    assert_eq!(polled, task::Poll::Ready(Verdict::True), "and it waits for nothing");
    assert_eq!((change.allocations, change.reallocations), (0, 0));
}
