//! What a lock holds of a router: also by a router that is not built yet, and by one that is.

use palisade::{lock::Lockable as _, prelude::*};

use crate::support::{lock, requiring};

#[test]
fn a_router_can_be_described_and_goes_on() {
    let api = requiring(scope("a"));
    let table = api.access_table().unwrap();
    assert_eq!(palisade::lock::Lock::of(&table), lock(requiring(scope("a"))));
    let built = api.build().unwrap();
    assert_eq!(built.access_table().unwrap().to_string(), table.to_string());
    assert_eq!(table.access_table().unwrap().to_string(), table.to_string());
}

#[test]
fn a_router_that_is_wrong_says_so() {
    let faults = requiring(!signed_in()).access_table().unwrap_err();
    assert!(faults.to_string().contains("cannot be checked"), "{faults}");
}

#[test]
fn head_goes_with_get() {
    let api = requiring(scope("a")).route("/items", get(async || "all").requires(scope("b")));
    assert!(!lock(api).to_string().contains("HEAD"));
}
