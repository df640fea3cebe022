//! What is given back really goes back to the operating system. Alone in its process, which it measures.
#![expect(clippy::unwrap_used, reason = "a test may stop")]
#![cfg(target_os = "linux")]

use std::time::Duration;

use palisade::{clock::ManualClock, random::SeededRandom, secret::SecretString};
use palisade_identity::password::{Config, PasswordHasher, Queue};

/// Resident pages of this process, in KiB.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn an_idle_hasher_leaves_nothing_resident() {
    let config = Config { keep_memory: Duration::ZERO, most_threads: Some(2), ..Config::default() };
    let hasher = PasswordHasher::new(&config, ManualClock::at(0), SeededRandom::shared(1)).unwrap();
    let before = resident_kib();
    // More than once: an allocator may return the first block and keep the later ones.
    for _ in 0..4 {
        let hash = || hasher.hash(Queue::SignIn, SecretString::new("correct horse"));
        let (one, two) = tokio::join!(hash(), hash());
        one.and(two).unwrap();
        while hasher.statistics().held_kib > 0 {
            std::thread::yield_now();
        }
        let left = resident_kib().saturating_sub(before);
        assert!(left < 8 * 1024, "{left} KiB of 19 MiB stay resident");
    }
}
