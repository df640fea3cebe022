//! Per-address limits, seen from outside.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::{net::IpAddr, sync::Arc, time::Duration};

use palisade::clock::ManualClock;
use palisade_identity::limits::{Allowance, Attempt, Limited, SignInLimit, SignUpLimit};

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn sign_in(allowance: Allowance) -> (SignInLimit, Arc<ManualClock>) {
    let clock = ManualClock::at(0);
    (SignInLimit::new(allowance, clock.clone()), clock)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Fails until refused, if ever; says how often that was possible.
fn exhaust(limit: &SignInLimit, from: IpAddr) -> usize {
    std::iter::repeat_with(|| limit.check(from).map(drop)).take(1000).take_while(Result::is_ok).count()
}

#[test]
fn a_hundred_failures_at_once_then_one_each_second() {
    let (limit, clock) = sign_in(Allowance::default());
    let from = address("192.0.2.1");
    assert_eq!(exhaust(&limit, from), 100);
    assert_eq!(limit.check(from).unwrap_err(), Limited { retry_after: seconds(1) });
    clock.advance(Duration::from_millis(600));
    assert_eq!(limit.check(from).unwrap_err().retry_after, Duration::from_millis(400));
    clock.advance(Duration::from_millis(400));
    assert_eq!(exhaust(&limit, from), 1);
    clock.advance(seconds(100));
    assert_eq!(exhaust(&limit, from), 100);
}

#[test]
fn a_thousand_successful_sign_ins_in_a_row_cost_nothing() {
    let (limit, _) = sign_in(Allowance::default());
    let from = address("192.0.2.1");
    for _ in 0..1000 {
        limit.check(from).unwrap().free();
    }
    assert_eq!(exhaust(&limit, from), 100);
}

#[test]
fn successes_do_not_pay_back_failures() {
    let (limit, _) = sign_in(Allowance { burst: 3, ..Allowance::default() });
    let from = address("192.0.2.1");
    drop(limit.check(from).unwrap());
    drop(limit.check(from).unwrap());
    for _ in 0..10 {
        limit.check(from).unwrap().free();
    }
    assert_eq!(exhaust(&limit, from), 1);
}

#[test]
fn attack_slow_successes_pay_back_failures() {
    let (limit, clock) = sign_in(Allowance { burst: 3, ..Allowance::default() });
    let from = address("192.0.2.1");
    let slow = limit.check(from).unwrap();
    clock.advance(seconds(50));
    drop(limit.check(from).unwrap());
    drop(limit.check(from).unwrap());
    slow.free();
    assert_eq!(exhaust(&limit, from), 1);
}

#[test]
fn attack_parallel_attempts_do_not_outrun_the_limit() {
    let (limit, _) = sign_in(Allowance { burst: 5, ..Allowance::default() });
    let from = address("192.0.2.1");
    let under_way: Vec<Attempt> = std::iter::from_fn(|| limit.check(from).ok()).take(1000).collect();
    assert_eq!(under_way.len(), 5);
    assert!(limit.check(from).is_err());
    drop(under_way);
    assert!(limit.check(from).is_err(), "all five failed");
}

#[test]
fn attack_hanging_up_before_the_answer_is_a_failure_too() {
    let (limit, _) = sign_in(Allowance { burst: 1, ..Allowance::default() });
    let from = address("192.0.2.1");
    let abandoned = limit.check(from).unwrap();
    drop(abandoned);
    assert!(limit.check(from).is_err());
}

#[test]
fn addresses_do_not_share_a_limit() {
    let (limit, _) = sign_in(Allowance { burst: 1, ..Allowance::default() });
    assert_eq!(exhaust(&limit, address("192.0.2.1")), 1);
    assert_eq!(exhaust(&limit, address("192.0.2.2")), 1);
}

#[test]
fn attack_moving_within_an_ipv6_64() {
    let (limit, _) = sign_in(Allowance { burst: 1, ..Allowance::default() });
    assert_eq!(exhaust(&limit, address("2001:db8:1:2::1")), 1);
    assert_eq!(exhaust(&limit, address("2001:db8:1:2:ffff::9")), 0);
    assert_eq!(exhaust(&limit, address("2001:db8:1:3::1")), 1);
}

#[test]
fn attack_writing_an_ipv4_address_as_ipv6() {
    let (limit, _) = sign_in(Allowance { burst: 1, ..Allowance::default() });
    assert_eq!(exhaust(&limit, address("192.0.2.1")), 1);
    assert_eq!(exhaust(&limit, address("::ffff:192.0.2.1")), 0);
    assert_eq!(exhaust(&limit, address("::ffff:192.0.2.2")), 1, "mapped addresses are not one /64");
}

#[test]
fn attack_filling_the_table_to_be_forgotten() {
    let (limit, _) = sign_in(Allowance { burst: 10, addresses: 4, ..Allowance::default() });
    let attacker = address("192.0.2.1");
    assert_eq!(exhaust(&limit, attacker), 10);
    for other in 0..=255 {
        drop(limit.check(IpAddr::from([198, 51, 100, other])));
    }
    assert_eq!(exhaust(&limit, attacker), 0, "those who owed less made room");
}

#[test]
fn attack_taking_turns_in_a_full_table() {
    let (limit, _) = sign_in(Allowance { burst: 3, addresses: 2, ..Allowance::default() });
    assert_eq!(exhaust(&limit, address("192.0.2.1")), 3);
    let turns =
        (0..100u8).filter(|turn| limit.check(IpAddr::from([198, 51, 100, turn % 2])).map(drop).is_ok());
    assert_eq!(turns.count(), 3, "who takes a place takes over its debt");
}

#[test]
fn in_a_full_table_a_newcomer_takes_over_the_smallest_debt() {
    let (limit, _) = sign_in(Allowance { burst: 3, addresses: 2, ..Allowance::default() });
    assert_eq!(exhaust(&limit, address("192.0.2.1")), 3);
    drop(limit.check(address("192.0.2.2")).unwrap());
    assert_eq!(exhaust(&limit, address("192.0.2.3")), 2);
    assert_eq!(exhaust(&limit, address("192.0.2.1")), 0);
}

#[test]
fn whoever_has_recovered_makes_room_first() {
    let (limit, clock) = sign_in(Allowance { burst: 3, addresses: 2, ..Allowance::default() });
    drop(limit.check(address("192.0.2.1")).unwrap());
    assert_eq!(exhaust(&limit, address("192.0.2.2")), 3);
    clock.advance(seconds(1));
    assert_eq!(exhaust(&limit, address("192.0.2.3")), 3, "a place without debt");
    assert_eq!(exhaust(&limit, address("192.0.2.2")), 1);
}

#[test]
fn every_sign_up_counts() {
    let clock = ManualClock::at(0);
    let limit = SignUpLimit::new(Allowance::default(), clock.clone());
    let from = address("192.0.2.1");
    assert_eq!(std::iter::repeat_with(|| limit.check(from)).take_while(Result::is_ok).count(), 100);
    assert_eq!(limit.check(from), Err(Limited { retry_after: seconds(1) }));
    clock.advance(seconds(2));
    assert_eq!(std::iter::repeat_with(|| limit.check(from)).take_while(Result::is_ok).count(), 2);
}
