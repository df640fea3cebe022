//! Rows read into the domain's types, strictly: what no write of ours could have put there is an error, not a guess.

use std::str::FromStr;

use palisade::clock::Timestamp;
use palisade_identity::{
    account::{Account, AccountId, Kind, Status},
    id::InvalidId,
    role::{Role, Roles},
};
use rusqlite::{Connection, Params, Row};
use uuid::Uuid;

use crate::fault::Fault;

/// The first row of a query, if it has one.
pub(crate) fn first<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    rows.next()?.map(read).transpose()
}

/// All rows of a query.
pub(crate) fn all<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(read(row)?);
    }
    Ok(records)
}

/// The columns [`account`] reads, in its order.
macro_rules! account_columns {
    () => {
        "account.id, username, email, status, roles, generation, kept_token, created_at, updated_at, kind, \
         email_verified_at"
    };
}
pub(crate) use account_columns;

/// Reads [`account_columns`], which come first.
pub(crate) fn account(row: &Row<'_>) -> Result<Account, Fault> {
    Ok(Account {
        id: account_id(row, 0)?,
        username: parsed(row, 1)?,
        email: parsed(row, 2)?,
        status: status(row.get_ref(3)?.as_str().unwrap_or_default())?,
        roles: roles(row, 4)?,
        generation: unsigned(row, 5)?,
        kept_token: row.get::<_, Option<String>>(6)?.map(Into::into),
        created_at: timestamp(row, 7)?,
        updated_at: timestamp(row, 8)?,
        kind: kind(row.get_ref(9)?.as_str().unwrap_or_default())?,
        email_verified_at: row.get::<_, Option<i64>>(10)?.map(Timestamp::from_unix),
    })
}

pub(crate) fn account_id(row: &Row<'_>, column: usize) -> Result<AccountId, Fault> {
    id(row, column, AccountId::from_uuid)
}

/// An id of any kind, by the kind's `from_uuid`.
pub(crate) fn id<T>(
    row: &Row<'_>,
    column: usize,
    from_uuid: impl FnOnce(Uuid) -> Result<T, InvalidId>,
) -> Result<T, Fault> {
    let bytes: [u8; 16] = row.get(column)?;
    from_uuid(Uuid::from_bytes(bytes)).map_err(|error| Fault::corrupt(error.to_string()))
}

/// Reads text whose written form is its only one.
pub(crate) fn parsed<T: FromStr<Err: std::fmt::Display>>(row: &Row<'_>, column: usize) -> Result<T, Fault> {
    let text: String = row.get(column)?;
    text.parse().map_err(|error: T::Err| Fault::corrupt(error.to_string()))
}

pub(crate) fn timestamp(row: &Row<'_>, column: usize) -> Result<Timestamp, Fault> {
    Ok(Timestamp::from_unix(row.get(column)?))
}

pub(crate) fn unsigned(row: &Row<'_>, column: usize) -> Result<u64, Fault> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| Fault::corrupt("a number below zero"))
}

/// How roles are stored: their names, separated by single spaces.
pub(crate) fn roles_text(roles: Roles) -> String {
    roles.iter().map(Role::name).collect::<Vec<_>>().join(" ")
}

pub(crate) fn roles(row: &Row<'_>, column: usize) -> Result<Roles, Fault> {
    let text = row.get_ref(column)?.as_str().unwrap_or_default();
    let given: Result<Vec<Role>, _> = text.split(' ').map(str::parse).collect();
    let given = given.map_err(|error| Fault::corrupt(error.to_string()))?;
    Roles::new(given).map_err(|error| Fault::corrupt(error.to_string()))
}

fn status(text: &str) -> Result<Status, Fault> {
    [Status::Active, Status::Disabled]
        .into_iter()
        .find(|status| status.name() == text)
        .ok_or_else(|| Fault::corrupt("an account's status"))
}

fn kind(text: &str) -> Result<Kind, Fault> {
    [Kind::Person, Kind::Service]
        .into_iter()
        .find(|kind| kind.name() == text)
        .ok_or_else(|| Fault::corrupt("an account's kind"))
}
