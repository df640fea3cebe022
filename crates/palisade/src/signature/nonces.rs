//! The nonces that were used, each remembered for as long as its signature could still be accepted, in bounded memory.
//!
//! Nothing is forgotten early: a request for whose nonce there is no room is refused. So that no key takes the room of all
//! others, each has at most a certain part of what is free: a hundred keys that use all they can leave a twentieth.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

use aws_lc_rs::digest;

use super::{LEEWAY, LONGEST_AGE, Refused};
use crate::{api_key::KeyId, clock::Timestamp};

/// How long a nonce is remembered: from a caller whose clock is ahead to the end of what is accepted.
const REMEMBERED: Duration = Duration::from_secs(LONGEST_AGE.as_secs() + 2 * LEEWAY.as_secs() + 1);

/// The part of what is free that a key may have.
const SHARE: usize = 32;

/// Half a SHA-256 of a nonce: nonces are their key's own, and nobody gains by two of one hash.
type Hash = [u8; 16];

/// Whose nonce it is: a key's own, or that of one of the keys derived from it. So those who were given a derived key
/// cannot take the room of who gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Signer {
    pub(super) key: KeyId,
    pub(super) is_derived: bool,
}

#[derive(Debug)]
pub(super) struct Nonces {
    used: HashMap<Signer, HashSet<Hash>>,
    /// Oldest first, each with the moment when it can be forgotten.
    order: VecDeque<(Timestamp, Signer, Hash)>,
    capacity: usize,
    /// The latest moment that was seen. Time that goes back brings back no nonce that was forgotten.
    latest: Timestamp,
}

impl Nonces {
    /// A memory for `capacity` nonces, which knows nothing of what was before `now`.
    pub(super) fn new(capacity: usize, now: Timestamp) -> Self {
        Self { used: HashMap::new(), order: VecDeque::new(), capacity, latest: now }
    }

    /// The time, which never goes back.
    pub(super) fn time(&mut self, now: Timestamp) -> Timestamp {
        self.latest = self.latest.max(now);
        self.latest
    }

    /// Takes note of a nonce.
    pub(super) fn use_once(&mut self, signer: Signer, nonce: &str, now: Timestamp) -> Result<(), Refused> {
        let now = self.time(now);
        self.forget(now);
        let free = self.capacity.saturating_sub(self.order.len());
        let hash = hash(nonce);
        let of_signer = self.used.get(&signer);
        if of_signer.is_some_and(|used| used.contains(&hash)) {
            return Err(Refused::Replayed);
        }
        if of_signer.map_or(0, HashSet::len) >= free / SHARE {
            return Err(Refused::MemoryFull);
        }
        self.used.entry(signer).or_default().insert(hash);
        self.order.push_back((now.after(REMEMBERED), signer, hash));
        Ok(())
    }

    fn forget(&mut self, now: Timestamp) {
        while let Some((_, signer, hash)) = self.order.pop_front_if(|(until, ..)| *until <= now) {
            if let Some(used) = self.used.get_mut(&signer) {
                used.remove(&hash);
                if used.is_empty() {
                    self.used.remove(&signer);
                }
            }
        }
    }
}

fn hash(nonce: &str) -> Hash {
    let digest = digest::digest(&digest::SHA256, nonce.as_bytes());
    let mut hash = [0; 16];
    hash.copy_from_slice(&digest.as_ref()[..16]);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1000);

    fn key(number: u8) -> Signer {
        Signer { key: KeyId::from_bytes([number; 16]), is_derived: false }
    }

    /// How many nonces a key can use at once.
    fn fill(nonces: &mut Nonces, number: u8, now: Timestamp) -> usize {
        (0..).take_while(|nonce: &u32| nonces.use_once(key(number), &nonce.to_string(), now).is_ok()).count()
    }

    #[test]
    fn a_nonce_is_used_once_by_each_key() {
        let mut nonces = Nonces::new(100, NOW);
        assert_eq!(nonces.use_once(key(1), "a", NOW), Ok(()));
        assert_eq!(nonces.use_once(key(1), "a", NOW), Err(Refused::Replayed));
        assert_eq!(nonces.use_once(key(2), "a", NOW), Ok(()));
    }

    #[test]
    fn attack_one_key_takes_all_the_room() {
        let mut nonces = Nonces::new(1000, NOW);
        assert_eq!(fill(&mut nonces, 1, NOW), 30);
        assert_eq!(nonces.use_once(key(1), "one more", NOW), Err(Refused::MemoryFull));
        assert_eq!(nonces.use_once(key(1), "0", NOW), Err(Refused::Replayed), "a used one is still known");
        assert_eq!(nonces.use_once(key(2), "another key", NOW), Ok(()));
    }

    #[test]
    fn attack_a_derived_key_takes_the_room_of_the_one_it_comes_from() {
        let mut nonces = Nonces::new(1000, NOW);
        let derived = Signer { is_derived: true, ..key(1) };
        while nonces.use_once(derived, &nonces.order.len().to_string(), NOW).is_ok() {}
        assert_eq!(nonces.use_once(key(1), "0", NOW), Ok(()));
    }

    #[test]
    fn attack_many_keys_take_all_the_room() {
        let mut nonces = Nonces::new(10_000, NOW);
        for number in 0..100 {
            assert!(fill(&mut nonces, number, NOW) > 0, "{number}: a newcomer finds room");
        }
        assert!(nonces.order.len() < 9_600);
    }

    #[test]
    fn what_can_no_longer_be_accepted_is_forgotten() {
        let mut nonces = Nonces::new(64, NOW);
        assert!(fill(&mut nonces, 1, NOW) > 0);
        assert_eq!(nonces.use_once(key(1), "one more", NOW), Err(Refused::MemoryFull));
        let later = NOW.after(REMEMBERED);
        assert_eq!(nonces.use_once(key(1), "one more", later), Ok(()));
        assert_eq!((nonces.order.len(), nonces.used.len()), (1, 1));
    }

    #[test]
    fn attack_the_clock_is_set_back() {
        let mut nonces = Nonces::new(64, NOW);
        let later = NOW.after(REMEMBERED);
        assert_eq!(nonces.use_once(key(1), "a", NOW), Ok(()));
        assert_eq!(nonces.use_once(key(2), "b", later), Ok(()), "which forgets `a`");
        assert_eq!(nonces.time(NOW), later, "so a signature of then stays too old");
    }
}
