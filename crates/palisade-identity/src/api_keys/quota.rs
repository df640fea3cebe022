//! How often a key may be used.
//!
//! A key has its requests at once and regains them steadily (the generic cell rate algorithm): of 600 in a minute, one
//! each tenth of a second. It is counted in the memory of each process: several processes allow several times as much,
//! and a restart begins anew. A quota keeps a program from taking all there is; it is no budget to bill by.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::id::ApiKeyId;

/// So many keys are counted at once; some megabytes.
const MOST: usize = 65_536;

/// So many requests in an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    requests: u32,
    seconds: u32,
}

/// A quota that allows nothing, or says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a quota is 1 to {} requests in 1 second to 31 days", Quota::MOST_REQUESTS)]
pub struct InvalidQuota;

impl Quota {
    /// The most requests in an interval.
    pub const MOST_REQUESTS: u32 = 1_000_000_000;
    /// The longest interval, in seconds: 31 days.
    pub const LONGEST: u32 = 31 * 24 * 60 * 60;

    /// `requests` in `seconds`.
    ///
    /// # Errors
    ///
    /// [`InvalidQuota`] outside 1 to [`MOST_REQUESTS`](Self::MOST_REQUESTS) and 1 to [`LONGEST`](Self::LONGEST).
    pub fn new(requests: u32, seconds: u32) -> Result<Self, InvalidQuota> {
        let fits = (1..=Self::MOST_REQUESTS).contains(&requests) && (1..=Self::LONGEST).contains(&seconds);
        if fits { Ok(Self { requests, seconds }) } else { Err(InvalidQuota) }
    }

    /// How many requests.
    pub fn requests(self) -> u32 {
        self.requests
    }

    /// In which interval, in seconds.
    pub fn seconds(self) -> u32 {
        self.seconds
    }

    fn interval(self) -> Duration {
        Duration::from_secs(u64::from(self.seconds))
    }
}

/// What the keys have used, in bounded memory.
pub(super) struct Used {
    /// When each will have regained all it used (its "theoretical arrival time").
    whole_at: Mutex<HashMap<ApiKeyId, Duration>>,
    most: usize,
}

impl Used {
    pub(super) fn new() -> Self {
        Self { whole_at: Mutex::default(), most: MOST }
    }

    /// Takes one request of `key`, or says when there will be one.
    pub(super) fn take(&self, key: ApiKeyId, quota: Quota, now: Duration) -> Result<(), Duration> {
        let mut whole_at = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        let before = match whole_at.get(&key) {
            Some(moment) => (*moment).max(now),
            None => make_room(&mut whole_at, self.most, now),
        };
        let after = before.saturating_add(quota.interval() / quota.requests);
        let owed = after.saturating_sub(now);
        // Stored also when it is refused: it may have taken over what another key owed, which must not be forgotten.
        whole_at.insert(key, if owed > quota.interval() { before } else { after });
        owed.checked_sub(quota.interval()).filter(|wait| !wait.is_zero()).map_or(Ok(()), Err)
    }
}

/// Forgets the keys that have regained all and, if there is still no room, the one that owes least: whoever takes its place
/// owes the same. So filling the memory frees nobody.
fn make_room(whole_at: &mut HashMap<ApiKeyId, Duration>, most: usize, now: Duration) -> Duration {
    if whole_at.len() < most {
        return now;
    }
    whole_at.retain(|_, moment| *moment > now);
    if whole_at.len() < most {
        return now;
    }
    let least = whole_at.iter().min_by_key(|(_, moment)| **moment).map(|(key, moment)| (*key, *moment));
    least.map_or(now, |(key, moment)| {
        whole_at.remove(&key);
        moment
    })
}

impl fmt::Debug for Used {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Used").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Builder;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn key(n: u8) -> ApiKeyId {
        ApiKeyId::from_uuid(Builder::from_unix_timestamp_millis(0, &[n; 10]).into_uuid()).unwrap()
    }

    fn three_in_a_minute() -> Quota {
        Quota::new(3, 60).unwrap()
    }

    #[test]
    fn all_can_be_used_at_once_and_come_back_one_by_one() {
        let (used, quota) = (Used::new(), three_in_a_minute());
        for _ in 0..3 {
            assert_eq!(used.take(key(1), quota, SECOND), Ok(()));
        }
        assert_eq!(used.take(key(1), quota, SECOND), Err(20 * SECOND));
        assert_eq!(used.take(key(1), quota, 11 * SECOND), Err(10 * SECOND), "a refusal costs nothing");
        assert_eq!(used.take(key(1), quota, 21 * SECOND), Ok(()));
        assert_eq!(used.take(key(1), quota, 21 * SECOND), Err(20 * SECOND));
        assert_eq!(used.take(key(2), quota, 21 * SECOND), Ok(()), "each key has its own");
    }

    #[test]
    fn attack_a_memory_filled_to_be_forgotten() {
        let (used, quota) = (Used { most: 2, ..Used::new() }, three_in_a_minute());
        for n in [1, 1, 1, 2, 2] {
            assert_eq!(used.take(key(n), quota, SECOND), Ok(()));
        }
        assert_eq!(used.take(key(3), quota, SECOND), Ok(()), "the last of the three that key 2 had");
        assert_eq!(used.take(key(3), quota, SECOND), Err(20 * SECOND));
        assert_eq!(used.take(key(1), quota, SECOND), Err(20 * SECOND));
        assert_eq!(used.whole_at.lock().unwrap().len(), 2);
        assert_eq!(used.take(key(4), quota, 70 * SECOND), Ok(()));
        assert_eq!(used.whole_at.lock().unwrap().len(), 1, "the others have regained all");
    }

    #[test]
    fn a_quota_of_nothing_is_none() {
        for (requests, seconds) in [(0, 1), (1, 0), (Quota::MOST_REQUESTS + 1, 1), (1, Quota::LONGEST + 1)] {
            assert_eq!(Quota::new(requests, seconds), Err(InvalidQuota));
        }
    }
}
