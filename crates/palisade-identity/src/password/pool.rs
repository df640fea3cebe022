//! The hash threads: work is admitted to a queue or refused at once, done in turn, and answered to whoever is
//! still waiting.
//!
//! Refusing early is what keeps the server up: whoever would wait longer than the deadline is told when to come
//! back instead of making everybody behind it late as well. The wait is estimated from what the last jobs took.

use std::{
    fmt, io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use palisade::clock::SharedClock;
use tokio::sync::oneshot;

use super::{
    HashError, Queue,
    error::unavailable,
    memory::Memory,
    queue::{Queues, Ticket},
};

/// The shortest time after which anybody is asked to come back: `Retry-After` counts whole seconds.
const SHORTEST_RETRY: Duration = Duration::from_secs(1);

/// How a pool is run.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) threads: usize,
    pub(super) queue_length: usize,
    pub(super) longest_wait: Duration,
    pub(super) keep_memory: Duration,
    /// What a job takes, until one has been measured.
    pub(super) expected: Duration,
}

/// Hash threads that live as long as this value.
#[derive(Debug)]
pub(super) struct Pool(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    work_waits: Condvar,
    clock: SharedClock,
    rules: Rules,
    shed: AtomicU64,
}

struct State {
    queues: Queues<Job>,
    running: usize,
    /// What a job takes: a moving average.
    pace: Duration,
    closed: bool,
}

/// Work that waits for a thread.
struct Job {
    /// Until when its turn must have come.
    deadline: Duration,
    run: Box<dyn FnOnce(Turn<'_>) + Send>,
}

/// How the waiting of a job ended.
enum Turn<'a> {
    Come(&'a mut Memory),
    TooLate(HashError),
}

impl Pool {
    /// Starts the threads, each with the memory that `memory` makes for it.
    ///
    /// # Errors
    ///
    /// When the operating system does not start one.
    pub(super) fn start(rules: Rules, clock: SharedClock, memory: impl Fn() -> Memory) -> io::Result<Self> {
        let state = State { queues: Queues::new(), running: 0, pace: rules.expected, closed: false };
        let pool = Self(Arc::new(Shared {
            state: Mutex::new(state),
            work_waits: Condvar::new(),
            clock,
            rules,
            shed: AtomicU64::new(0),
        }));
        for _ in 0..pool.0.rules.threads {
            let (shared, memory) = (Arc::clone(&pool.0), memory());
            // Were this to fail half-way, dropping the pool stops those already started.
            thread::Builder::new().name("password-hash".into()).spawn(move || shared.serve(memory))?;
        }
        Ok(pool)
    }

    /// Has `work` done by a hash thread when its turn comes. Dropping the future gives its place back.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        queue: Queue,
        work: impl FnOnce(&mut Memory) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let (answer, answered) = oneshot::channel();
        let run = Box::new(move |turn: Turn<'_>| {
            if answer.is_closed() {
                return;
            }
            let result = match turn {
                Turn::Come(memory) => work(memory),
                Turn::TooLate(busy) => Err(busy),
            };
            // Nobody may be waiting any more, which is as well.
            let _ = answer.send(result);
        });
        let _place = Place { shared: &self.0, ticket: self.0.admit(queue, run)? };
        // A job that panics drops its end of the channel.
        answered.await.map_err(unavailable)?
    }

    pub(super) fn threads(&self) -> usize {
        self.0.rules.threads
    }

    pub(super) fn shed(&self) -> u64 {
        self.0.shed.load(Ordering::Relaxed)
    }

    /// How many wait, and how many are being served.
    pub(super) fn occupancy(&self) -> (usize, usize) {
        let state = self.0.lock();
        (state.queues.len(Queue::SignIn) + state.queues.len(Queue::SignUp), state.running)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.work_waits.notify_all();
    }
}

/// Somebody's place in a queue, given back when they stop waiting.
struct Place<'a> {
    shared: &'a Shared,
    ticket: Ticket,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        // Bound to a name, so that the job is dropped after the lock has been given back.
        let _abandoned = self.shared.lock().queues.leave(self.ticket);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No job runs under the lock, so a panic leaves the state as it was.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self, queue: Queue, run: Box<dyn FnOnce(Turn<'_>) + Send>) -> Result<Ticket, HashError> {
        let mut state = self.lock();
        let rounds = state.rounds(queue, self.rules.threads);
        let wait = state.pace.saturating_mul(rounds);
        let full = state.queues.len(queue) >= self.rules.queue_length;
        if rounds > 0 && (full || wait > self.rules.longest_wait) {
            drop(state);
            return Err(self.busy(wait));
        }
        let deadline = self.clock.monotonic() + self.rules.longest_wait;
        let ticket = state.queues.join(queue, Job { deadline, run });
        drop(state);
        self.work_waits.notify_one();
        Ok(ticket)
    }

    fn busy(&self, wait: Duration) -> HashError {
        self.shed.fetch_add(1, Ordering::Relaxed);
        HashError::Busy { retry_after: wait.max(SHORTEST_RETRY) }
    }

    /// The life of a hash thread.
    fn serve(&self, mut memory: Memory) {
        while let Some(job) = self.next(&mut memory) {
            let began = self.clock.monotonic();
            let turn = if began > job.deadline {
                Turn::TooLate(self.busy(SHORTEST_RETRY))
            } else {
                Turn::Come(&mut memory)
            };
            let punctual = matches!(turn, Turn::Come(_));
            // The memory is overwritten by whoever uses it next, so a panic leaves nothing half-done in it.
            let finished = catch_unwind(AssertUnwindSafe(|| (job.run)(turn))).is_ok();
            let took = self.clock.monotonic().saturating_sub(began);
            let mut state = self.lock();
            state.running -= 1;
            if finished && punctual {
                state.pace = (state.pace * 7 + took) / 8;
            }
        }
    }

    /// Waits for the next job; gives the memory back when none comes for a while. `None` once the pool is gone.
    fn next(&self, memory: &mut Memory) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(job) = state.queues.next() {
                state.running += 1;
                return Some(job);
            }
            if !memory.is_held() {
                state = self.work_waits.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let (woken, waited) = self
                .work_waits
                .wait_timeout(state, self.rules.keep_memory)
                .unwrap_or_else(PoisonError::into_inner);
            state = woken;
            if waited.timed_out() && state.queues.is_empty() {
                drop(state);
                memory.release();
                state = self.lock();
            }
        }
    }
}

impl State {
    /// How many jobs each thread will do before it is the turn of somebody who joins `queue` now: none when a
    /// thread is free.
    fn rounds(&self, queue: Queue, threads: usize) -> u32 {
        let ahead = self.running + self.queues.ahead(queue);
        u32::try_from(ahead / threads).unwrap_or(u32::MAX)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("rules", &self.rules).finish_non_exhaustive()
    }
}
