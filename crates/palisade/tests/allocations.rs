//! What an allowed check costs the allocator: nothing. A test of its own, since it counts for the whole process.

use std::{alloc::System, pin::pin, task};

use palisade::{clock::Timestamp, prelude::*, testing::verdict};
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

#[test]
fn an_allowed_check_allocates_nothing() {
    let now = Timestamp::from_unix(1_000);
    let scopes = "items:read items:write".parse().expect("these are scopes");
    let authority = Authority::account("ada").scopes(scopes).roles([Staff::Admin]).authenticated_at(now);
    let caller = Caller(authority);
    let (head, ()) = http::Request::new(()).into_parts();
    let minute = std::time::Duration::from_secs(60);
    let requirement = (scope("absent") | scope("items:read") | role(Staff::Admin))
        & (role(Staff::User) & signed_in() & undelegated() & recent(minute))
        & scope("items:write");

    let context = &mut task::Context::from_waker(task::Waker::noop());
    let region = Region::new(ALLOCATOR);
    let polled = pin!(verdict(&requirement, &caller, &head, now)).poll(context);
    let change = region.change();
    assert_eq!(polled, task::Poll::Ready(Verdict::True), "and it waits for nothing");
    assert_eq!((change.allocations, change.reallocations), (0, 0));
}
