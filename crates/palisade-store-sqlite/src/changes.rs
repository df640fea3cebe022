//! The change feed, which triggers fill.

use palisade_identity::{
    account::AccountId,
    store::{ChangeFeed, Changed, StoreError},
};
use rusqlite::{Connection, Row};

use crate::{SqliteStore, fault::Fault, rows};

impl ChangeFeed for SqliteStore {
    fn version(&self) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT coalesce(max(number), 0) FROM change";
        self.readers.read(|connection| {
            Ok(rows::first(connection, SQL, [], |row| rows::unsigned(row, 0))?.unwrap_or(0))
        })
    }

    fn changed_since(&self, version: u64) -> Result<Changed, StoreError> {
        self.readers.read(|connection| changed_since(connection, version))
    }
}

/// One change: its number, and the account, or the keys.
struct Change {
    number: u64,
    account: Option<AccountId>,
}

/// The change `version` itself is read too: if it is still there, or was never one, nothing is missing behind it.
/// If it is not, then so much has happened that it was dropped, or the file was replaced by an older one.
fn changed_since(connection: &Connection, version: u64) -> Result<Changed, Fault> {
    const SQL: &str = "SELECT number, account FROM change WHERE number >= ?1 ORDER BY number";
    let from = i64::try_from(version).unwrap_or(i64::MAX);
    let changes = rows::all(connection, SQL, [from], change)?;
    let complete = match changes.first() {
        Some(first) => first.number == version.max(1),
        None => version == 0,
    };
    if !complete {
        const NEWEST: &str = "SELECT coalesce(max(number), 0) FROM change";
        let version = rows::first(connection, NEWEST, [], |row| rows::unsigned(row, 0))?.unwrap_or(0);
        return Ok(Changed { version, accounts: None, keys: true });
    }
    let newest = changes.last().map_or(version, |change| change.number);
    let later = || changes.iter().filter(|change| change.number > version);
    Ok(Changed {
        version: newest,
        accounts: Some(later().filter_map(|change| change.account).collect()),
        keys: later().any(|change| change.account.is_none()),
    })
}

fn change(row: &Row<'_>) -> Result<Change, Fault> {
    let keys = row.get::<_, Option<[u8; 16]>>(1)?.is_none();
    let account = if keys { None } else { Some(rows::account_id(row, 1)?) };
    Ok(Change { number: rows::unsigned(row, 0)?, account })
}
