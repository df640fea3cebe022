//! Opening the file: its modes, and what every connection to it is set to.

use std::{fs, io::ErrorKind, path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use crate::fault::Fault;

/// How long to wait for another process that writes, before answering "busy".
const PATIENCE: Duration = Duration::from_secs(5);

/// Room for every statement there is.
const STATEMENTS: usize = 64;

/// Keeps others out who open the same file, in this process or another, until it is dropped.
pub(crate) struct Opening {
    _lock: fs::File,
}

/// Waits for its turn to open the file, and creates it and its folder if they are missing, for the owner alone.
/// The engine gives the files it puts beside it the same mode.
///
/// One at a time, in a file of its own: the engine does not wait for its turn to turn the log on, and closing a
/// file releases every lock the process has on it, also those of the engine (fcntl(2)).
pub(crate) fn begin_opening(path: &Path) -> Result<Opening, Fault> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        create_folder(folder)
            .map_err(|error| Fault::unavailable("the store's folder cannot be made", error))?;
    }
    let cannot = |error| Fault::unavailable("the store's file cannot be made or locked", error);
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push("-lock");
    let lock = for_the_owner().create(true).open(lock_path).map_err(cannot)?;
    lock.lock().map_err(cannot)?;
    match for_the_owner().create_new(true).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(cannot(error)),
        _ => Ok(Opening { _lock: lock }),
    }
}

fn for_the_owner() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn create_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The connection all writes of this process go through.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, Fault> {
    let connection = open(path)?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        return Err(Fault::unavailable("write-ahead logging is not possible here, journal mode is", mode));
    }
    // An acknowledged write has been synced.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // A log that once grew large gives its space back.
    connection.pragma_update(None, "journal_size_limit", 16 * 1024 * 1024)?;
    // What is replaced or deleted, hashes and keys among it, does not stay readable in free pages.
    connection.pragma_update(None, "secure_delete", "ON")?;
    Ok(connection)
}

/// A connection that cannot write.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, Fault> {
    let connection = open(path)?;
    connection.pragma_update(None, "query_only", "ON")?;
    Ok(connection)
}

fn open(path: &Path) -> Result<Connection, Fault> {
    // Each connection has a lock of ours around it, or a thread of its own.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    // In KiB: what is read often is cached above the store, as what it means.
    connection.pragma_update(None, "cache_size", -1024)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}
