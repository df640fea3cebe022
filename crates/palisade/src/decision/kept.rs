//! The newest decisions, in memory.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{Decision, DecisionId};
use crate::authority::Subject;

/// How many decisions are kept unless something else is said.
const USUAL: usize = 1024;

/// The share of one caller: a sixteenth.
const SHARES: usize = 16;

/// How large one decision may be, in bytes, as it is written down.
const LARGEST: usize = 8 * 1024;

/// How many bytes there are for each decision, over all of them: most are much smaller than the largest may be.
const USUAL_BYTES: usize = 4 * 1024;

/// The newest decisions. Cheap to clone; all clones are the same.
///
/// They are bounded: 1,024 unless [`bounded`](Self::bounded) says otherwise, each of at most 8 KiB and all together of 4 KiB for
/// each. One caller has at most a sixteenth of them, so that nobody alone pushes out the decisions of others by being refused
/// again and again; sixteen accounts together can. They are kept as they are written down; a lock is held to look one up, and
/// to add one, and never for a request that is allowed.
#[derive(Clone)]
pub struct Decisions(Arc<Shared>);

struct Shared {
    bound: usize,
    also_allowed: bool,
    anonymous: AtomicU64,
    ring: Mutex<Ring>,
}

#[derive(Default)]
struct Ring {
    next: u64,
    by_age: BTreeMap<u64, Kept>,
    by_id: HashMap<DecisionId, u64>,
    callers: HashMap<Subject, Share>,
    bytes: usize,
}

struct Kept {
    id: DecisionId,
    caller: Subject,
    /// The decision as JSON.
    written: Arc<[u8]>,
}

/// What one caller has: the numbers of its decisions, the oldest first, and their bytes.
#[derive(Default)]
struct Share {
    numbers: VecDeque<u64>,
    bytes: usize,
}

impl Decisions {
    /// Keeps the newest 1,024.
    pub fn new() -> Self {
        Self::bounded(USUAL)
    }

    /// Keeps the newest `decisions`, at least one.
    pub fn bounded(decisions: usize) -> Self {
        Self::of(decisions.max(1), false)
    }

    fn of(bound: usize, also_allowed: bool) -> Self {
        Self(Arc::new(Shared { bound, also_allowed, anonymous: AtomicU64::new(0), ring: Mutex::default() }))
    }

    /// An empty list of the same bound that also gets the decisions by which callers were allowed: to see by a
    /// [`replay`](super::replay()) who a change would shut out. For a machine for tests: each request then costs as much as a
    /// refused one, and a caller's own refusals are pushed out by what it was allowed.
    #[must_use]
    pub fn also_allowed(self) -> Self {
        Self::of(self.0.bound, true)
    }

    /// The decision with this id, if it is still kept.
    pub fn find(&self, id: DecisionId) -> Option<Decision> {
        let written = {
            let ring = self.ring();
            let number = ring.by_id.get(&id)?;
            Arc::clone(&ring.by_age.get(number)?.written)
        };
        serde_json::from_slice(&written).ok()
    }

    /// The newest decisions, the newest first.
    pub fn list(&self, at_most: usize) -> Vec<Decision> {
        let written: Vec<Arc<[u8]>> = {
            let ring = self.ring();
            ring.by_age.values().rev().take(at_most).map(|kept| Arc::clone(&kept.written)).collect()
        };
        written.iter().filter_map(|written| serde_json::from_slice(written).ok()).collect()
    }

    /// How many requests were refused with 401 since the start: of these nothing else is known.
    pub fn anonymous_refusals(&self) -> u64 {
        self.0.anonymous.load(Ordering::Relaxed)
    }

    pub(crate) fn records_allowed(&self) -> bool {
        self.0.also_allowed
    }

    pub(crate) fn count_anonymous(&self) {
        self.0.anonymous.fetch_add(1, Ordering::Relaxed);
    }

    /// Keeps `decision`; whether it did, as one that is too large even without its explanation is not kept.
    pub(crate) fn keep(&self, mut decision: Decision) -> bool {
        let mut written = serde_json::to_vec(&decision).unwrap_or_default();
        if written.len() > LARGEST {
            decision.explanation = None;
            written = serde_json::to_vec(&decision).unwrap_or_default();
        }
        if written.is_empty() || written.len() > LARGEST {
            return false;
        }
        let kept = Kept { id: decision.id, caller: decision.subject, written: written.into() };
        self.ring().add(kept, self.0.bound);
        true
    }

    /// A panic while the lock was held leaves at worst a decision that is not found: the ring stays usable.
    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.0.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    fn add(&mut self, kept: Kept, bound: usize) {
        // Only a source of randomness that is none draws one twice; the later counts.
        if let Some(number) = self.by_id.get(&kept.id).copied() {
            self.remove(number);
        }
        let size = kept.written.len();
        // Never less than one decision of the largest size.
        let bytes = (bound * USUAL_BYTES).max(LARGEST);
        let (share, share_bytes) = ((bound / SHARES).max(1), (bytes / SHARES).max(LARGEST));
        while let Some(oldest) =
            self.callers.get(&kept.caller).and_then(|own| own.beyond(share, share_bytes, size))
        {
            self.remove(oldest);
        }
        while self.by_age.len() >= bound || self.bytes + size > bytes {
            let Some(oldest) = self.by_age.keys().next().copied() else { break };
            self.remove(oldest);
        }
        let number = self.next;
        self.next += 1;
        let own = self.callers.entry(kept.caller.clone()).or_default();
        own.numbers.push_back(number);
        own.bytes += size;
        self.bytes += size;
        self.by_id.insert(kept.id, number);
        self.by_age.insert(number, kept);
    }

    fn remove(&mut self, number: u64) {
        let Some(kept) = self.by_age.remove(&number) else { return };
        self.by_id.remove(&kept.id);
        self.bytes -= kept.written.len();
        if let Some(own) = self.callers.get_mut(&kept.caller) {
            // It is the oldest of its caller, unless an id was drawn twice.
            own.numbers.retain(|other| *other != number);
            own.bytes -= kept.written.len();
            if own.numbers.is_empty() {
                self.callers.remove(&kept.caller);
            }
        }
    }
}

impl Share {
    /// The oldest of them, if there is no room for one of `size` more.
    fn beyond(&self, most: usize, most_bytes: usize, size: usize) -> Option<u64> {
        let full = self.numbers.len() >= most || self.bytes + size > most_bytes;
        self.numbers.front().copied().filter(|_| full)
    }
}

impl Default for Decisions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Decisions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decisions").field("bound", &self.0.bound).finish_non_exhaustive()
    }
}
