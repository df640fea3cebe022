//! Random routers: what is written is read back as it was, and what is the same is no change.

use std::time::Duration;

use palisade::{
    lock::Lock,
    prelude::*,
    requirement::{TimeWindow, address, header, hours},
};
use proptest::prelude::*;

use crate::support::{Api, Staff, done, lock};

fn leaf() -> impl Strategy<Value = Requirement> {
    let text = "[ -~é\n\u{202e}]{1,6}";
    prop_oneof![
        "[!#-\\[\\]-~]{1,4}".prop_map(|name| scope(&name)),
        (0..3_usize).prop_map(|at| role([Staff::User, Staff::Editor, Staff::Admin][at])),
        (0..3_usize).prop_map(|at| !role([Staff::User, Staff::Editor, Staff::Admin][at])),
        Just(signed_in()),
        Just(undelegated()),
        (1..500_u64).prop_map(|seconds| recent(Duration::from_millis(seconds * 250))),
        Just(factor(Factor::HardwareKey)),
        text.prop_map(|id| client(&id)),
        Just(tenant("id")),
        (0..3_usize).prop_map(|at| role([Staff::User, Staff::Editor, Staff::Admin][at]).within("id")),
        Just(scope("docs").within("id")),
        Just(address("office", ["192.0.2.0/24", "2001:db8::1"])),
        Just(!hours("day", TimeWindow::daily((8, 0), (18, 0)))),
        Just(header("partner", "x-partner", "a\n[routes]")),
    ]
}

fn requirement() -> impl Strategy<Value = Requirement> {
    leaf().prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a & b),
            (inner.clone(), inner).prop_map(|(a, b)| a | b),
        ]
    })
}

#[derive(Clone, Debug)]
enum Said {
    Requires(Requirement),
    Public(String),
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        3 => requirement().prop_map(Said::Requires),
        1 => "[ -~\n\u{202e}]{0,8}x".prop_map(Said::Public),
    ]
}

/// A router of these routes, each at a path of its own; none where nobody could ever call one of them.
fn router(routes: &[(String, Said)]) -> Option<Lock> {
    let mut api = Api::new();
    for (at, (path, said)) in routes.iter().enumerate() {
        let path = format!("/{at}{path}/{{id}}");
        api = match said.clone() {
            Said::Requires(requirement) => api.route(&path, post(done).requires(requirement)),
            Said::Public(why) => api.route(&path, get(done).public(Box::leak(why.into_boxed_str()))),
        };
    }
    api.describe().ok().map(|(table, _)| Lock::of(&table))
}

fn routes() -> impl Strategy<Value = Vec<(String, Said)>> {
    proptest::collection::vec(("[a-z :\"\n]{0,4}", said()), 0..5)
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(routes in routes()) {
        let Some(lock) = router(&routes) else { return Ok(()) };
        let text = lock.to_string();
        let read: Lock = text.parse().map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(&read, &lock, "{}", &text);
        prop_assert_eq!(read.to_string(), text);
        prop_assert_eq!(read.changes(&lock), Vec::new());
    }

    #[test]
    fn a_route_that_is_changed_is_told(routes in routes(), other in said()) {
        let Some(lock) = router(&routes).filter(|_| !routes.is_empty()) else { return Ok(()) };
        let mut others = routes.clone();
        others[0].1 = other;
        let Some(new) = router(&others) else { return Ok(()) };
        let back = new.changes(&lock);
        prop_assert_eq!(lock.changes(&new).is_empty(), back.is_empty(), "a change is one both ways");
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(version 1\n)?(\\[[a-z ]{0,9}\\]\n|[ -~é]{0,20}\n|    [a-z]{1,6}: [ -~]{0,9}\n){0,9}") {
        let _ = text.parse::<Lock>();
    }
}

#[test]
fn the_lock_of_nothing_is_one() {
    let nothing = lock(Router::<()>::new());
    assert_eq!(nothing.to_string().parse(), Ok(nothing));
}
