//! A few connections to read with, each for one caller at a time.

use std::{
    fmt,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use palisade_identity::store::StoreError;
use rusqlite::Connection;

use crate::{connection, fault::Fault};

/// More would cost memory and not be faster: a read takes microseconds.
const MOST: usize = 8;

pub(crate) struct Readers {
    connections: Vec<Mutex<Connection>>,
    next: AtomicUsize,
}

impl Readers {
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        let count = thread::available_parallelism().map_or(2, |threads| threads.get().clamp(2, MOST));
        let connections =
            (0..count).map(|_| connection::open_reader(path).map(Mutex::new)).collect::<Result<_, _>>()?;
        Ok(Self { connections, next: AtomicUsize::new(0) })
    }

    /// Runs `query` on a connection that is free, or on the next that will be.
    pub(crate) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let start = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        let (after, before) = (&self.connections[start..], &self.connections[..start]);
        let free = after.iter().chain(before).find_map(|connection| connection.try_lock().ok());
        // A query that panicked has left nothing behind: reading changes no state.
        let connection =
            free.unwrap_or_else(|| self.connections[start].lock().unwrap_or_else(PoisonError::into_inner));
        query(&connection).map_err(Fault::into_store_error)
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").field("connections", &self.connections.len()).finish()
    }
}
