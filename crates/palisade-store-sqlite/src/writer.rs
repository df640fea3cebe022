//! The one thread that writes. It takes whatever has queued up, runs each job in a savepoint of one transaction,
//! commits once, and only then acknowledges: many acknowledged writes share one `fsync`.
//!
//! A job that fails undoes its own savepoint and nothing else. A commit that fails, fails all its jobs.

use std::{
    fmt,
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread::{self, JoinHandle},
};

use palisade_identity::store::{StoreError, StoreFuture};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::fault::Fault;

/// How many writes may wait; the next one is answered "busy" at once.
const QUEUE: usize = 1024;

/// How many writes share a transaction at most, so that the first of them does not wait for long.
const GROUP: usize = 256;

pub(crate) struct Writer {
    queue: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(connection: Connection) -> Result<Self, Fault> {
        let (queue, waiting) = sync_channel(QUEUE);
        let thread = thread::Builder::new()
            .name("palisade-store".into())
            .spawn(move || work_off(&connection, &waiting))
            .map_err(|error| Fault::unavailable("the writing thread cannot be started", error))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Hands `work` over, at once. Whether anybody waits for the answer makes no difference to it.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> StoreFuture<T> {
        let (answer, answered) = oneshot::channel();
        let job = Box::new(Write { work: Some(work), outcome: None, answer });
        let handed_over = match self.queue.as_ref().map(|queue| queue.try_send(job)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => Err(StoreError::Busy),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(stopped()),
        };
        Box::pin(async move {
            handed_over?;
            answered.await.unwrap_or_else(|_| Err(stopped()))
        })
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("the writing thread has stopped".into())
}

impl Drop for Writer {
    fn drop(&mut self) {
        // The thread ends when it has worked off what was queued.
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

/// A write that waits, whatever it answers.
trait Job: Send {
    /// Does the work inside the group's transaction.
    fn run(&mut self, connection: &Connection);
    /// Answers, once it is known whether the group was committed.
    fn acknowledge(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Write<T, F> {
    work: Option<F>,
    outcome: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, F: FnOnce(&Connection) -> Result<T, Fault> + Send> Job for Write<T, F> {
    fn run(&mut self, connection: &Connection) {
        if let Some(work) = self.work.take() {
            self.outcome = Some(in_savepoint(connection, work).map_err(Fault::into_store_error));
        }
    }

    fn acknowledge(self: Box<Self>, committed: Result<(), StoreError>) {
        let Self { outcome, answer, .. } = *self;
        let outcome = committed.and_then(|()| outcome.unwrap_or_else(|| Err(stopped())));
        // Nobody has to wait for the answer.
        let _unheard = answer.send(outcome);
    }
}

fn work_off(connection: &Connection, waiting: &Receiver<Box<dyn Job>>) {
    while let Ok(first) = waiting.recv() {
        let mut group = vec![first];
        group.extend(waiting.try_iter().take(GROUP - 1));
        let committed = commit(connection, &mut group).map_err(Fault::into_store_error);
        if let Err(error) = &committed {
            tracing::error!(%error, writes = group.len(), "writes were not committed");
        }
        for job in group {
            job.acknowledge(committed.clone());
        }
    }
}

fn commit(connection: &Connection, group: &mut [Box<dyn Job>]) -> Result<(), Fault> {
    execute(connection, "BEGIN IMMEDIATE")?;
    let committed = run_all(connection, group).and_then(|()| execute(connection, "COMMIT"));
    if committed.is_err() && !connection.is_autocommit() {
        execute(connection, "ROLLBACK")?;
    }
    committed
}

fn run_all(connection: &Connection, group: &mut [Box<dyn Job>]) -> Result<(), Fault> {
    for job in group {
        job.run(connection);
        // A full disk makes the engine undo the whole transaction by itself. Going on would make each further job
        // a transaction of its own, and the jobs before it would be acknowledged without having happened.
        if connection.is_autocommit() {
            return Err(Fault::unavailable("the transaction was undone", "by the engine"));
        }
    }
    Ok(())
}

fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, Fault>,
) -> Result<T, Fault> {
    execute(connection, "SAVEPOINT job")?;
    let outcome = work(connection);
    if outcome.is_err() && !connection.is_autocommit() {
        execute(connection, "ROLLBACK TO job")?;
    }
    if !connection.is_autocommit() {
        execute(connection, "RELEASE job")?;
    }
    outcome
}

fn execute(connection: &Connection, sql: &str) -> Result<(), Fault> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT").unwrap();
        connection
    }

    fn insert(n: i64) -> (Box<dyn Job>, oneshot::Receiver<Result<usize, StoreError>>) {
        let (answer, answered) = oneshot::channel();
        let work = move |connection: &Connection| Ok(connection.execute("INSERT INTO t VALUES (?1)", [n])?);
        (Box::new(Write { work: Some(work), outcome: None, answer }), answered)
    }

    fn insert_twice(n: i64) -> (Box<dyn Job>, oneshot::Receiver<Result<usize, StoreError>>) {
        let (answer, answered) = oneshot::channel();
        let work = move |connection: &Connection| {
            let taken: i64 = connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?;
            connection.execute("INSERT INTO t VALUES (?1)", [-1 - taken])?;
            Ok(connection.execute("INSERT INTO t VALUES (?1)", [n])?)
        };
        (Box::new(Write { work: Some(work), outcome: None, answer }), answered)
    }

    fn count(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_job_that_fails_undoes_itself_and_nothing_else() {
        let connection = table();
        // Each inserts a number nobody has, then its own, which the second finds taken.
        let (mut group, answers): (Vec<_>, Vec<_>) = [1, 1, 2].into_iter().map(insert_twice).unzip();
        commit(&connection, &mut group).unwrap();
        group.into_iter().for_each(|job| job.acknowledge(Ok(())));
        let fine: Vec<_> = answers.into_iter().map(|mut answer| answer.try_recv().unwrap().is_ok()).collect();
        assert_eq!(fine, [true, false, true]);
        assert_eq!(count(&connection), 4);
    }

    #[test]
    fn a_commit_that_fails_fails_all_its_jobs() {
        let connection = table();
        connection
            .execute_batch(
                "PRAGMA foreign_keys = ON;
                 CREATE TABLE u (n REFERENCES t (n) DEFERRABLE INITIALLY DEFERRED);",
            )
            .unwrap();
        let (answer, _answered) = oneshot::channel::<Result<usize, StoreError>>();
        let dangling = |connection: &Connection| Ok(connection.execute("INSERT INTO u VALUES (99)", [])?);
        let (fine, _) = insert(1);
        let mut group: Vec<Box<dyn Job>> =
            vec![fine, Box::new(Write { work: Some(dangling), outcome: None, answer })];
        assert!(commit(&connection, &mut group).is_err());
        assert!(connection.is_autocommit());
        assert_eq!(count(&connection), 0);
    }

    #[test]
    fn a_transaction_the_engine_undid_is_not_acknowledged() {
        let connection = table();
        let (before, _) = insert(1);
        let (answer, _answered) = oneshot::channel::<Result<(), StoreError>>();
        let undo = |connection: &Connection| Ok(connection.execute_batch("ROLLBACK")?);
        let (after, _) = insert(2);
        let mut group: Vec<Box<dyn Job>> =
            vec![before, Box::new(Write { work: Some(undo), outcome: None, answer }), after];
        assert!(commit(&connection, &mut group).is_err());
        assert_eq!(count(&connection), 0);
    }
}
