//! More parts and more checks in one requirement than are told apart one by one, or kept without allocating.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use palisade::prelude::*;

use crate::support::status;

/// Checks that say yes, but for that at `no`, and how often one was asked.
fn checks(count: usize, no: usize) -> (Vec<Requirement>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let one = |at: usize| {
        let asked = asked.clone();
        check(Box::leak(format!("check-{at}").into_boxed_str()), move |_| {
            asked.fetch_add(1, Ordering::SeqCst);
            at != no
        })
    };
    ((0..count).map(one).collect(), asked.clone())
}

fn all(parts: Vec<Requirement>) -> Requirement {
    parts.into_iter().reduce(|all, one| all & one).unwrap()
}

#[tokio::test]
async fn each_of_many_parts_counts() {
    for no in [0, 63, 64, 65, 69] {
        assert_eq!(status(all(checks(70, no).0), "account").await, 403, "{no}");
    }
    assert_eq!(status(all(checks(70, 70).0), "account").await, 200);
}

#[tokio::test]
async fn each_of_many_checks_is_asked_once() {
    let (mut parts, asked) = checks(7, 6);
    let last = parts.pop().unwrap();
    let twice = (all(parts.clone()) & last) | all(parts);
    assert_eq!(status(twice, "account").await, 200);
    assert_eq!(asked.load(Ordering::SeqCst), 7);
}
