//! More passwords than can be hashed: refused early, served in turn, and not hashed for nobody.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use palisade::clock::ManualClock;
use palisade_identity::password::{Config, HashError, PasswordHash, PasswordHasher, Queue};
use tokio::task::{JoinHandle, yield_now};

use crate::{
    cheap, config,
    gate::{Answer, Gate},
    secret,
};

const SECOND: Duration = Duration::from_secs(1);

/// A hasher of one thread, whose hashes wait at a gate, and a clock that a test moves.
struct Jam {
    hasher: PasswordHasher,
    gate: Arc<Gate>,
    clock: Arc<ManualClock>,
}

type Hashing = JoinHandle<Result<PasswordHash, HashError>>;

impl Jam {
    fn new(config: &Config) -> Self {
        let (gate, clock) = (Arc::new(Gate::open()), ManualClock::at(0));
        let hasher = PasswordHasher::new(config, clock.clone(), gate.clone()).unwrap();
        Self { hasher, gate, clock }
    }

    /// The thread is busy with a first password until the gate opens.
    async fn jammed(config: &Config) -> (Self, Hashing) {
        let jam = Self::new(config);
        let first = jam.block().await;
        (jam, first)
    }

    async fn block(&self) -> Hashing {
        self.gate.set(Answer::Wait);
        let reached = self.gate.reached();
        let first = self.start(Queue::SignIn).await;
        until(|| self.gate.reached() > reached).await;
        first
    }

    /// Has a password hashed, in the background, as far as its place in the queue.
    async fn start(&self, queue: Queue) -> Hashing {
        let hasher = self.hasher.clone();
        let hashing = tokio::spawn(async move { hasher.hash(queue, secret("correct horse")).await });
        yield_now().await;
        hashing
    }

    async fn hash(&self, queue: Queue) -> Result<PasswordHash, HashError> {
        self.hasher.hash(queue, secret("correct horse")).await
    }

    /// The refusal of a password, which must not wait for anything.
    async fn refusal(&self, queue: Queue) -> HashError {
        tokio::select! {
            biased;
            refused = self.hash(queue) => refused.unwrap_err(),
            () = async {} => panic!("was admitted"),
        }
    }

    fn waiting(&self) -> usize {
        self.hasher.statistics().waiting
    }
}

/// Lets the other threads and tasks run until `holds`.
async fn until(holds: impl Fn() -> bool) {
    while !holds() {
        yield_now().await;
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let (jam, first) = Jam::jammed(&Config { queue_length: 2, ..config(cheap()) }).await;
    let (second, third) = (jam.start(Queue::SignUp).await, jam.start(Queue::SignUp).await);
    assert_eq!(jam.refusal(Queue::SignUp).await, HashError::Busy { retry_after: SECOND });
    assert_eq!(jam.hasher.statistics().shed, 1);
    let other = jam.start(Queue::SignIn).await;
    jam.gate.set(Answer::Fill);
    for hashing in [first, second, third, other] {
        hashing.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn without_a_queue_a_free_thread_still_hashes() {
    let jam = Jam::new(&Config { queue_length: 0, ..config(cheap()) });
    jam.hash(Queue::SignIn).await.unwrap();
    until(|| jam.hasher.statistics().running == 0).await;
    let running = jam.block().await;
    for queue in [Queue::SignIn, Queue::SignUp] {
        assert_eq!(jam.refusal(queue).await, HashError::Busy { retry_after: SECOND });
    }
    jam.gate.set(Answer::Fill);
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn whoever_would_wait_past_the_deadline_is_refused_at_once() {
    let jam = Jam::new(&config(cheap()));
    // One hash takes eight seconds, so the average becomes one.
    let slow = jam.block().await;
    jam.clock.advance(8 * SECOND);
    jam.gate.set(Answer::Fill);
    slow.await.unwrap().unwrap();
    until(|| jam.hasher.statistics().running == 0).await;

    let running = jam.block().await;
    let mut waiting = Vec::new();
    for _ in 0..2 {
        waiting.push(jam.start(Queue::SignUp).await);
    }
    assert_eq!(jam.waiting(), 2, "one and two seconds are within the three allowed");
    waiting.push(jam.start(Queue::SignIn).await);
    assert_eq!(jam.waiting(), 3, "a sign-in passes all sign-ups but one");
    let HashError::Busy { retry_after } = jam.refusal(Queue::SignUp).await else {
        panic!("not for the queue")
    };
    assert!(retry_after > 3 * SECOND && retry_after < 6 * SECOND, "{retry_after:?}");

    jam.gate.set(Answer::Fill);
    running.await.unwrap().unwrap();
    for hashing in waiting {
        hashing.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn whose_turn_comes_too_late_is_not_hashed() {
    let (jam, first) = Jam::jammed(&config(cheap())).await;
    let late = jam.start(Queue::SignIn).await;
    jam.clock.advance(4 * SECOND);
    jam.gate.set(Answer::Fill);
    first.await.unwrap().unwrap();
    assert_eq!(late.await.unwrap(), Err(HashError::Busy { retry_after: SECOND }));
    assert_eq!(jam.hasher.statistics().work, cheap().work());
}

#[tokio::test]
async fn attack_a_flood_of_sign_ups_keeps_nobody_from_signing_in() {
    let (jam, first) = Jam::jammed(&config(cheap())).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut all = vec![first];
    for queue in [Queue::SignUp; 20].into_iter().chain([Queue::SignIn; 3]) {
        let (hasher, order) = (jam.hasher.clone(), order.clone());
        all.push(tokio::spawn(async move {
            let hashed = hasher.hash(queue, secret("correct horse")).await;
            order.lock().unwrap().push(queue);
            hashed
        }));
        yield_now().await;
    }
    jam.gate.set(Answer::Fill);
    for hashing in all {
        hashing.await.unwrap().unwrap();
    }
    let served = order.lock().unwrap().iter().rposition(|queue| *queue == Queue::SignIn).unwrap();
    assert!(served < 6, "the last sign-in was served as number {served}");
}

#[tokio::test]
async fn attack_hanging_up_does_not_keep_the_place() {
    let (jam, first) = Jam::jammed(&Config { queue_length: 1, ..config(cheap()) }).await;
    for _ in 0..100 {
        let gone = jam.start(Queue::SignIn).await;
        assert_eq!(jam.waiting(), 1);
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled());
        assert_eq!(jam.waiting(), 0);
    }
    jam.gate.set(Answer::Fill);
    first.await.unwrap().unwrap();
    jam.hash(Queue::SignIn).await.unwrap();
    assert_eq!(jam.hasher.statistics().work, 2 * cheap().work(), "nothing was hashed for nobody");
}

#[tokio::test]
async fn a_panic_costs_one_answer_and_no_thread() {
    let jam = Jam::new(&config(cheap()));
    jam.gate.set(Answer::Panic);
    for _ in 0..3 {
        assert_eq!(jam.hash(Queue::SignIn).await, Err(HashError::Unavailable));
    }
    jam.gate.set(Answer::Fill);
    jam.hash(Queue::SignIn).await.unwrap();
    assert_eq!(jam.hasher.statistics().shed, 0);
}

#[tokio::test]
async fn the_threads_end_with_the_last_handle() {
    let Jam { hasher, gate, clock } = Jam::new(&config(cheap()));
    let clone = hasher.clone();
    drop(hasher);
    clone.hash(Queue::SignIn, secret("correct horse")).await.unwrap();
    drop(clone);
    until(|| Arc::strong_count(&clock) == 1 && Arc::strong_count(&gate) == 1).await;
}
