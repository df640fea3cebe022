//! The change feed, which triggers fill.

use palisade_identity::{
    id::{AccountId, ApiKeyId, SessionId},
    store::{ChangeFeed, Changed, ChangedRecords, StoreError},
};
use rusqlite::{Connection, Row, types::ValueRef};

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

/// One change: its number, and what changed.
struct Change {
    number: u64,
    what: What,
}

enum What {
    Account(AccountId),
    Session(SessionId),
    ApiKey(ApiKeyId),
    Roles,
    SigningKeys,
}

/// The change `version` itself is read too: if it is still there, or was never one, nothing is missing behind it.
/// If it is not, then so much has happened that it was dropped, or the file was replaced by an older one.
fn changed_since(connection: &Connection, version: u64) -> Result<Changed, Fault> {
    const SQL: &str =
        "SELECT number, account, session, api_key, roles FROM change WHERE number >= ?1 ORDER BY number";
    let from = i64::try_from(version).unwrap_or(i64::MAX);
    let changes = rows::all(connection, SQL, [from], change)?;
    let complete = match changes.first() {
        Some(first) => first.number == version.max(1),
        None => version == 0,
    };
    if !complete {
        const NEWEST: &str = "SELECT coalesce(max(number), 0) FROM change";
        let version = rows::first(connection, NEWEST, [], |row| rows::unsigned(row, 0))?.unwrap_or(0);
        return Ok(Changed { version, records: None, keys: true, roles: true });
    }
    let newest = changes.last().map_or(version, |change| change.number);
    let mut told = Changed { version: newest, records: None, keys: false, roles: false };
    let mut records = ChangedRecords::default();
    for change in changes.into_iter().filter(|change| change.number > version) {
        match change.what {
            What::Account(id) => records.accounts.push(id),
            What::Session(id) => records.sessions.push(id),
            What::ApiKey(id) => records.api_keys.push(id),
            What::Roles => told.roles = true,
            What::SigningKeys => told.keys = true,
        }
    }
    Ok(Changed { records: Some(records), ..told })
}

fn change(row: &Row<'_>) -> Result<Change, Fault> {
    let is = |column| Ok::<_, Fault>(row.get_ref(column)? != ValueRef::Null);
    let what = if is(1)? {
        What::Account(rows::account_id(row, 1)?)
    } else if is(2)? {
        What::Session(rows::id(row, 2, SessionId::from_uuid)?)
    } else if is(3)? {
        What::ApiKey(rows::id(row, 3, ApiKeyId::from_uuid)?)
    } else if is(4)? {
        What::Roles
    } else {
        What::SigningKeys
    };
    Ok(Change { number: rows::unsigned(row, 0)?, what })
}
