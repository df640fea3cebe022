//! Randomness that keeps a hash thread waiting, fails or panics: each hash draws its salt, so a test decides when.

use std::sync::{
    Condvar, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use palisade::random::{Random, RandomUnavailable};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Fill,
    Wait,
    Fail,
    Panic,
}

/// A source that answers as it was last told to.
#[derive(Debug)]
pub(crate) struct Gate {
    answer: Mutex<Answer>,
    changed: Condvar,
    reached: AtomicUsize,
}

impl Gate {
    pub(crate) const fn open() -> Self {
        Self { answer: Mutex::new(Answer::Fill), changed: Condvar::new(), reached: AtomicUsize::new(0) }
    }

    pub(crate) fn set(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
        self.changed.notify_all();
    }

    /// How many salts have been asked for.
    pub(crate) fn reached(&self) -> usize {
        self.reached.load(Ordering::SeqCst)
    }
}

impl Random for Gate {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomUnavailable> {
        self.reached.fetch_add(1, Ordering::SeqCst);
        let waiting = |answer: &mut Answer| *answer == Answer::Wait;
        let answer = *self.changed.wait_while(self.answer.lock().unwrap(), waiting).unwrap();
        bytes.fill(7);
        match answer {
            Answer::Fail => Err(RandomUnavailable),
            Answer::Panic => panic!("as the test asked"),
            Answer::Fill | Answer::Wait => Ok(()),
        }
    }
}
