//! The idle timeout of a connection, with one timer for all of its requests.
//!
//! A request sets no timer. Four times in each timeout the timer looks whether the connection was busy since it last
//! looked, and the fourth look in a row that finds nothing ends the connection: after the timeout at the earliest, and
//! a quarter later at the latest. Only a request whose head is complete makes a connection busy, so the timeout also
//! bounds how long a head may take.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use tokio::{
    task::unconstrained,
    time::{Instant, Sleep, sleep},
};

use super::activity::Activity;

/// How many looks a timeout has.
const LOOKS: u32 = 4;

/// Ends a connection that is idle for too long.
pub(super) struct IdleTimer {
    activity: Activity,
    interval: Duration,
    next_look: Pin<Box<Sleep>>,
    /// What `next_look` wakes.
    waker: Option<Waker>,
    /// What had ended at the last look.
    ended: u32,
    /// How many looks in a row found nothing.
    idle: u32,
}

impl IdleTimer {
    pub(super) fn new(activity: Activity, timeout: Duration) -> Self {
        let interval = timeout / LOOKS;
        let ended = activity.ended();
        Self { activity, interval, next_look: Box::pin(sleep(interval)), waker: None, ended, idle: 0 }
    }

    /// Ready once the connection has been idle for the timeout. Between two looks this costs two loads.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.poll_next_look(context));
            if self.is_over() {
                return Poll::Ready(());
            }
            self.next_look.as_mut().reset(Instant::now() + self.interval);
            self.waker = None;
        }
    }

    fn poll_next_look(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.next_look.is_elapsed() {
            return Poll::Ready(());
        }
        let registered = self.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker()));
        if registered {
            return Poll::Pending;
        }
        self.waker = Some(context.waker().clone());
        // A task that has used up its budget would register no waker.
        pin!(unconstrained(self.next_look.as_mut())).poll(context)
    }

    fn is_over(&mut self) -> bool {
        let ended = self.activity.ended();
        let was_busy = self.activity.is_busy() || ended != self.ended;
        self.ended = ended;
        self.idle = if was_busy { 0 } else { self.idle + 1 };
        self.idle == LOOKS
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::poll_fn,
        sync::{
            Arc,
            atomic::{AtomicU32, Ordering},
        },
        task::Wake,
    };

    use tokio::{task::coop::poll_proceed, time::timeout};

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(8);
    /// A timer of the runtime may be so much late, and there are five looks.
    const ROUNDING: Duration = Duration::from_millis(10);

    async fn time_until_over(timer: &mut IdleTimer) -> Duration {
        let start = Instant::now();
        timeout(TIMEOUT * 2, poll_fn(|context| timer.poll(context))).await.unwrap();
        start.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_was_never_busy_ends_after_the_timeout() {
        let mut timer = IdleTimer::new(Activity::default(), TIMEOUT);
        let time = time_until_over(&mut timer).await;
        assert!(time >= TIMEOUT && time <= TIMEOUT + ROUNDING, "{time:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_timeout_counts_from_the_last_end_wherever_that_falls_between_two_looks() {
        for (begun, ended) in (0..40).flat_map(|begun| (0..20).map(move |length| (begun, begun + length))) {
            let activity = Activity::default();
            let mut timer = IdleTimer::new(activity.clone(), TIMEOUT);
            let run = async {
                sleep(TIMEOUT / 41 * begun).await;
                let busy = activity.begin();
                sleep(TIMEOUT / 41 * (ended - begun)).await;
                drop(busy);
                Instant::now()
            };
            let (end, ()) = tokio::join!(run, poll_fn(|context| timer.poll(context)));
            let time = end.elapsed();
            assert!(time >= TIMEOUT && time <= TIMEOUT * 5 / 4 + ROUNDING, "{begun} to {ended}: {time:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_connection_never_ends() {
        let activity = Activity::default();
        let mut timer = IdleTimer::new(activity.clone(), TIMEOUT);
        let busy = activity.begin();
        timeout(TIMEOUT * 1000, poll_fn(|context| timer.poll(context))).await.unwrap_err();
        drop(busy);
        assert!(time_until_over(&mut timer).await >= TIMEOUT);
    }

    #[tokio::test(start_paused = true)]
    async fn attack_task_without_budget() {
        let mut timer = IdleTimer::new(Activity::default(), TIMEOUT);
        let mut first = true;
        let over = poll_fn(|context| {
            while first && poll_proceed(context).map(|budget| budget.made_progress()).is_ready() {}
            first = false;
            timer.poll(context)
        });
        timeout(TIMEOUT * 2, over).await.unwrap();
    }

    #[derive(Default)]
    struct Count(AtomicU32);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_waker_of_the_last_poll_is_woken_at_each_look() {
        let (first, last) = (Arc::new(Count::default()), Arc::new(Count::default()));
        let mut timer = IdleTimer::new(Activity::default(), TIMEOUT);
        for counter in [&first, &last, &last] {
            let waker = Waker::from(Arc::clone(counter));
            assert!(timer.poll(&mut Context::from_waker(&waker)).is_pending());
        }
        let waker = Waker::from(Arc::clone(&last));
        for look in 1..=LOOKS {
            tokio::time::advance(TIMEOUT / LOOKS + Duration::from_millis(1)).await;
            assert_eq!(last.0.load(Ordering::Relaxed), look);
            assert_eq!(timer.poll(&mut Context::from_waker(&waker)).is_ready(), look == LOOKS);
        }
        assert_eq!(first.0.load(Ordering::Relaxed), 0);
    }
}
