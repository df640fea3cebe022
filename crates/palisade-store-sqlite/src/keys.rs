//! Signing keys.

use palisade::clock::Timestamp;
use palisade_identity::{
    audit::AuditEntry,
    store::{KeyChange, KeyRecord, KeyStore, StoreError, StoreFuture},
};
use rusqlite::{Connection, Row, params};

use crate::{SqliteStore, audit, fault::Fault, rows};

impl KeyStore for SqliteStore {
    fn keys(&self) -> StoreFuture<Vec<KeyRecord>> {
        const SQL: &str = "SELECT kid, algorithm, sealed, public_jwk, created_at, active_from, accepted_until
            FROM signing_key ORDER BY active_from, created_at, kid";
        self.read(|connection| rows::all(connection, SQL, [], key))
    }

    fn change_keys(&self, change: KeyChange, audit: AuditEntry) -> StoreFuture<()> {
        self.write(move |connection| {
            match &change {
                KeyChange::Rotate { new, accept_old_until, replacing } => {
                    check_signing(connection, replacing.as_deref())?;
                    rotate(connection, new, *accept_old_until)?;
                }
                KeyChange::Remove { kid } => remove(connection, kid)?,
            }
            audit::insert(connection, &audit)
        })
    }
}

fn key(row: &Row<'_>) -> Result<KeyRecord, Fault> {
    Ok(KeyRecord {
        kid: row.get(0)?,
        algorithm: row.get(1)?,
        sealed: row.get(2)?,
        public_jwk: row.get(3)?,
        created_at: rows::timestamp(row, 4)?,
        active_from: rows::timestamp(row, 5)?,
        accepted_until: row.get::<_, Option<i64>>(6)?.map(Timestamp::from_unix),
    })
}

fn check_signing(connection: &Connection, expected: Option<&str>) -> Result<(), Fault> {
    const SQL: &str = "SELECT kid FROM signing_key WHERE accepted_until IS NULL";
    let signing: Option<String> = rows::first(connection, SQL, [], |row| Ok(row.get(0)?))?;
    if signing.as_deref() == expected { Ok(()) } else { Err(StoreError::Stale.into()) }
}

fn rotate(connection: &Connection, new: &KeyRecord, accept_old_until: Timestamp) -> Result<(), Fault> {
    connection
        .prepare_cached("DELETE FROM signing_key WHERE accepted_until < ?1")?
        .execute([new.created_at.as_unix()])?;
    connection
        .prepare_cached("UPDATE signing_key SET accepted_until = ?1 WHERE accepted_until IS NULL")?
        .execute([accept_old_until.as_unix()])?;
    connection
        .prepare_cached(
            "INSERT INTO signing_key (kid, algorithm, sealed, public_jwk, created_at, active_from, accepted_until)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            new.kid,
            new.algorithm,
            new.sealed,
            new.public_jwk,
            new.created_at.as_unix(),
            new.active_from.as_unix(),
            new.accepted_until.map(Timestamp::as_unix),
        ])?;
    Ok(())
}

fn remove(connection: &Connection, kid: &str) -> Result<(), Fault> {
    let removed = connection.prepare_cached("DELETE FROM signing_key WHERE kid = ?1")?.execute([kid])?;
    if removed == 0 { Err(StoreError::NotFound.into()) } else { Ok(()) }
}
