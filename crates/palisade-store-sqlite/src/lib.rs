//! Palisade's embedded store: one SQLite file, behind the traits of [`palisade_identity::store`].
//!
//! A **read** runs on the caller's thread on one of a few connections and takes microseconds: in WAL mode it never
//! waits for a writer. A **write** goes to one thread, which commits everything that has queued up meanwhile at
//! once: one `fsync` for many, and no acknowledgement before it. Several processes may have the file open; the
//! change feed tells each what the others did.

mod accounts;
mod api_keys;
mod audit;
mod changes;
mod connection;
mod fault;
mod first_admin;
mod keys;
mod proofs;
mod readers;
mod roles;
mod rows;
mod schema;
mod sessions;
mod writer;

use std::path::Path;

use palisade_identity::store::{StoreError, StoreFuture};
use rusqlite::Connection;

use crate::{fault::Fault, readers::Readers, writer::Writer};

/// A store in one SQLite file. Dropping it waits for the writes that have been handed over.
#[derive(Debug)]
pub struct SqliteStore {
    readers: Readers,
    writer: Writer,
}

impl SqliteStore {
    /// Opens the store in the file `path`, which is created if missing: with mode 0600, in a folder that is created
    /// with mode 0700 if missing too. Brings an older schema up to date. Blocks for some milliseconds.
    ///
    /// # Errors
    ///
    /// [`StoreError::SchemaTooNew`] when a newer version of this program has used the file,
    /// [`StoreError::Corrupt`] when it is something else than a store of this program, and
    /// [`StoreError::Unavailable`] or [`StoreError::Busy`] when it cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        open(path).map_err(Fault::into_store_error)
    }

    fn read<T: Send + 'static>(&self, query: impl FnOnce(&Connection) -> Result<T, Fault>) -> StoreFuture<T> {
        Box::pin(std::future::ready(self.readers.read(query)))
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> StoreFuture<T> {
        self.writer.write(work)
    }
}

fn open(path: &Path) -> Result<SqliteStore, Fault> {
    let _opening = connection::begin_opening(path)?;
    let mut writing = connection::open_writer(path)?;
    schema::migrate(&mut writing)?;
    Ok(SqliteStore { readers: Readers::open(path)?, writer: Writer::start(writing)? })
}
