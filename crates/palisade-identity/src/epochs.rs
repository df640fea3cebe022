//! When something last ended, so that what is cached of it is not used any more.
//!
//! Whoever caches something that was worked out from accounts, roles, sessions or keys notes the [`Epoch`] before it looks
//! anything up, and the [`Stripe`] of each [`Subject`] it rests on. Whatever ends or changes one of these raises the epoch of its
//! stripe. So a cached value is current as long as none of its stripes was raised after its epoch: a comparison of two numbers
//! when nothing at all has changed, and of a few more when something else has.
//!
//! Subjects share 4096 stripes by a keyed hash. Two on one stripe cost a look-up more, and hide nothing.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::id::{AccountId, ApiKeyId, SessionId};

const STRIPES: usize = 4096;

/// What can end, or change what a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// An account: its status, its generation, its roles, what else is known of it.
    Account(AccountId),
    /// A browser session.
    Session(SessionId),
    /// An API key.
    ApiKey(ApiKeyId),
}

/// A moment in the order of all that ended or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Epoch(u64);

/// Where the epoch of a subject stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stripe(u16);

/// The epochs of one process.
pub(crate) struct Epochs {
    latest: AtomicU64,
    /// When everything ended at once.
    all: AtomicU64,
    stripes: Box<[AtomicU64]>,
    hasher: RandomState,
    raising: Mutex<()>,
}

impl Epochs {
    pub(crate) fn new() -> Self {
        Self {
            latest: AtomicU64::new(0),
            all: AtomicU64::new(0),
            stripes: (0..STRIPES).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
            raising: Mutex::default(),
        }
    }

    /// The epoch of the last change. To be asked before anything is looked up that a cached value rests on.
    pub(crate) fn latest(&self) -> Epoch {
        Epoch(self.latest.load(Ordering::Acquire))
    }

    /// Where `subject` stands.
    pub(crate) fn stripe(&self, subject: Subject) -> Stripe {
        // Less than 4096.
        Stripe(u16::try_from(self.hasher.hash_one(subject) % STRIPES as u64).unwrap_or_default())
    }

    /// `subjects` have ended or changed. Call it after the change is committed and removed from other caches, so that what is
    /// looked up from here on is new.
    pub(crate) fn raise(&self, subjects: impl IntoIterator<Item = Subject>) {
        let mut subjects = subjects.into_iter().peekable();
        if subjects.peek().is_none() {
            return;
        }
        self.next(|epoch| {
            for subject in subjects {
                self.at(self.stripe(subject)).store(epoch, Ordering::Release);
            }
        });
    }

    /// Everything has ended or changed, or may have.
    pub(crate) fn raise_all(&self) {
        self.next(|epoch| self.all.store(epoch, Ordering::Release));
    }

    /// The latest epoch, if nothing on `stripes` ended or changed after `since`.
    pub(crate) fn unchanged(&self, since: Epoch, stripes: &[Stripe]) -> Option<Epoch> {
        let latest = self.latest();
        if latest == since {
            return Some(latest);
        }
        let until_now = |epoch: &AtomicU64| epoch.load(Ordering::Acquire) <= since.0;
        let unchanged = until_now(&self.all) && stripes.iter().all(|stripe| until_now(self.at(*stripe)));
        unchanged.then_some(latest)
    }

    /// Stripes are raised before the new epoch can be seen: who sees it sees them, too.
    fn next(&self, raise: impl FnOnce(u64)) {
        let _raising = self.raising.lock().unwrap_or_else(PoisonError::into_inner);
        let epoch = self.latest.load(Ordering::Acquire) + 1;
        raise(epoch);
        self.latest.store(epoch, Ordering::Release);
    }

    fn at(&self, stripe: Stripe) -> &AtomicU64 {
        &self.stripes[usize::from(stripe.0)]
    }
}

impl fmt::Debug for Epochs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Epochs").field("latest", &self.latest()).finish_non_exhaustive()
    }
}

/// What a cached value rests on, and up to when that is known not to have changed.
#[derive(Debug)]
pub(crate) struct Basis<const N: usize> {
    epoch: AtomicU64,
    stripes: [Stripe; N],
}

impl<const N: usize> Basis<N> {
    /// `as_of` was asked before `subjects` were looked up.
    pub(crate) fn new(epochs: &Epochs, as_of: Epoch, subjects: [Subject; N]) -> Self {
        let stripes = subjects.map(|subject| epochs.stripe(subject));
        Self { epoch: AtomicU64::new(as_of.0), stripes }
    }

    /// Whether nothing it rests on has ended or changed.
    pub(crate) fn holds(&self, epochs: &Epochs) -> bool {
        let since = self.epoch.load(Ordering::Relaxed);
        let Some(latest) = epochs.unchanged(Epoch(since), &self.stripes) else { return false };
        if latest.0 != since {
            // Only to be quicker next time. An older epoch, of a check beside this one, asks more than it had to.
            self.epoch.store(latest.0, Ordering::Relaxed);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use palisade::{clock::SystemClock, random::SystemRandom};
    use proptest::prelude::*;

    use super::*;

    fn accounts(number: usize) -> Vec<Subject> {
        let (clock, random) = (SystemClock::shared(), SystemRandom::shared());
        let account = |_| Subject::Account(AccountId::draw(&*clock, &*random).unwrap());
        (0..number).map(account).collect()
    }

    #[test]
    fn what_rests_on_a_subject_ends_with_it_and_with_everything() {
        let (epochs, accounts) = (Epochs::new(), accounts(2));
        let basis = |subject| Basis::new(&epochs, epochs.latest(), [subject]);
        let (one, other) = (basis(accounts[0]), basis(accounts[1]));
        assert!(one.holds(&epochs) && other.holds(&epochs));
        epochs.raise([accounts[0]]);
        assert!(!one.holds(&epochs), "it has ended");
        let again = basis(accounts[0]);
        assert!(again.holds(&epochs), "worked out after the change");
        epochs.raise_all();
        assert!(!again.holds(&epochs) && !other.holds(&epochs));
    }

    #[test]
    fn attack_a_value_worked_out_while_its_subject_changes_is_not_used() {
        let (epochs, accounts) = (Epochs::new(), accounts(1));
        let as_of = epochs.latest();
        // The account is read here, and changes before the value is cached.
        epochs.raise([accounts[0]]);
        assert!(!Basis::new(&epochs, as_of, [accounts[0]]).holds(&epochs));
    }

    #[test]
    fn other_subjects_changes_leave_it_cached_but_for_those_on_its_stripe() {
        let (epochs, accounts) = (Epochs::new(), accounts(1000));
        let bases: Vec<_> =
            accounts[1..].iter().map(|one| Basis::new(&epochs, epochs.latest(), [*one])).collect();
        epochs.raise([accounts[0]]);
        let ended = bases.iter().filter(|basis| !basis.holds(&epochs)).count();
        assert!(ended < 20, "{ended} of 999 share one of 4096 stripes");
    }

    #[derive(Clone, Debug)]
    enum Step {
        Raise(usize),
        RaiseAll,
        Check(usize),
        WorkOut(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            3 => (0..6_usize).prop_map(Step::Raise),
            1 => Just(Step::RaiseAll),
            6 => (0..6_usize).prop_map(Step::Check),
            3 => (0..6_usize).prop_map(Step::WorkOut),
        ];
        prop::collection::vec(step, 0..60)
    }

    proptest! {
        /// The reference remembers for each subject whether it has changed since its value was worked out.
        #[test]
        fn nothing_that_changed_is_ever_taken_for_current(steps in steps()) {
            let (epochs, accounts) = (Epochs::new(), accounts(6));
            let work_out = |at: usize| Basis::new(&epochs, epochs.latest(), [accounts[at]]);
            let mut cached: Vec<(Basis<1>, bool)> = (0..6).map(|at| (work_out(at), true)).collect();
            for step in steps {
                match step {
                    Step::Raise(at) => {
                        epochs.raise([accounts[at]]);
                        cached[at].1 = false;
                    }
                    Step::RaiseAll => {
                        epochs.raise_all();
                        cached.iter_mut().for_each(|(_, current)| *current = false);
                    }
                    Step::Check(at) => {
                        let (basis, current) = &cached[at];
                        prop_assert!(*current || !basis.holds(&epochs));
                    }
                    Step::WorkOut(at) => cached[at] = (work_out(at), true),
                }
            }
        }
    }

    /// Readers that move their epoch forward beside a writer must not step over what it raises.
    #[test]
    fn attack_checks_beside_a_change_do_not_step_over_it() {
        let (epochs, accounts) = (Epochs::new(), accounts(2));
        for _ in 0..2_000 {
            let basis = Basis::new(&epochs, epochs.latest(), [accounts[0]]);
            let ended = AtomicBool::new(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    epochs.raise([accounts[1]]);
                    epochs.raise([accounts[0]]);
                    ended.store(true, Ordering::SeqCst);
                });
                scope.spawn(|| {
                    loop {
                        let was_ended = ended.load(Ordering::SeqCst);
                        let held = basis.holds(&epochs);
                        assert!(!(was_ended && held), "it had ended before it was asked");
                        if was_ended {
                            break;
                        }
                    }
                });
            });
        }
    }
}
