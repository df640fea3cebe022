//! API keys, and which links of derived ones are revoked.

use palisade::{
    api_key::{KeyHash, LinkId, PublicKey},
    clock::Timestamp,
};
use palisade_identity::{
    account::AccountId,
    api_keys::{ApiKey, Quota},
    audit::AuditEntry,
    id::ApiKeyId,
    store::{ApiKeyStore, NewApiKey, Replaced, StoreError, StoreFuture},
};
use rusqlite::{Connection, Row, params};

use crate::{SqliteStore, accounts, audit, fault::Fault, rows};

/// The columns [`key`] reads, in its order.
macro_rules! api_key_columns {
    () => {
        "id, account_id, name, scopes, hash, public_key, quota_requests, quota_seconds, created_at, expires_at, \
         last_used_at, replaced_by"
    };
}

impl ApiKeyStore for SqliteStore {
    fn insert_api_key(&self, new: NewApiKey, audit: AuditEntry) -> StoreFuture<()> {
        self.write(move |connection| {
            let account = new.key.account.as_bytes();
            let owner = accounts::find(connection, new.key.account)?.ok_or(StoreError::NotFound)?;
            if !owner.is_active() || owner.generation != new.generation {
                return Err(StoreError::Stale.into());
            }
            connection
                .prepare_cached("DELETE FROM api_key WHERE account_id = ?1 AND expires_at < ?2")?
                .execute(params![account, new.dead_since.as_unix()])?;
            if let Some(replaced) = new.replacing {
                replace(connection, &new.key, replaced)?;
            }
            const COUNT: &str = "SELECT count(*) FROM api_key WHERE account_id = ?1";
            let count = rows::first(connection, COUNT, [account], |row| rows::unsigned(row, 0))?;
            if count.unwrap_or(0) >= u64::from(new.at_most) {
                return Err(StoreError::Full.into());
            }
            insert(connection, &new.key)?;
            audit::insert(connection, &audit)
        })
    }

    fn api_key(&self, id: ApiKeyId) -> StoreFuture<Option<ApiKey>> {
        const SQL: &str = concat!("SELECT ", api_key_columns!(), " FROM api_key WHERE id = ?1");
        self.read(|connection| {
            let key = rows::first(connection, SQL, [id.as_bytes()], key)?;
            key.map(|key| with_links(connection, key)).transpose()
        })
    }

    fn api_keys(&self, of: AccountId) -> StoreFuture<Vec<ApiKey>> {
        const SQL: &str =
            concat!("SELECT ", api_key_columns!(), " FROM api_key WHERE account_id = ?1 ORDER BY id");
        self.read(|connection| {
            let keys = rows::all(connection, SQL, [of.as_bytes()], key)?;
            keys.into_iter().map(|key| with_links(connection, key)).collect()
        })
    }

    fn remove_api_key(&self, of: AccountId, id: ApiKeyId, audit: AuditEntry) -> StoreFuture<()> {
        self.write(move |connection| {
            let removed = connection
                .prepare_cached("DELETE FROM api_key WHERE id = ?1 AND account_id = ?2")?
                .execute(params![id.as_bytes(), of.as_bytes()])?;
            if removed == 0 {
                return Err(StoreError::NotFound.into());
            }
            audit::insert(connection, &audit)
        })
    }

    fn remove_api_keys(&self, of: AccountId, audit: AuditEntry) -> StoreFuture<Vec<ApiKeyId>> {
        self.write(move |connection| {
            let removed = remove_all(connection, of)?;
            if !removed.is_empty() {
                audit::insert(connection, &audit)?;
            }
            Ok(removed)
        })
    }

    fn revoke_api_key_link(
        &self,
        of: AccountId,
        id: ApiKeyId,
        link: LinkId,
        at_most: u32,
        audit: AuditEntry,
    ) -> StoreFuture<()> {
        self.write(move |connection| {
            const OWN: &str = "SELECT 1 FROM api_key WHERE id = ?1 AND account_id = ?2";
            rows::first(connection, OWN, params![id.as_bytes(), of.as_bytes()], |_| Ok(()))?
                .ok_or(StoreError::NotFound)?;
            let revoked = connection
                .prepare_cached("INSERT OR IGNORE INTO api_key_revoked_link (api_key, link) VALUES (?1, ?2)")?
                .execute(params![id.as_bytes(), link.as_bytes()])?;
            if revoked == 0 {
                return Ok(());
            }
            const COUNT: &str = "SELECT count(*) FROM api_key_revoked_link WHERE api_key = ?1";
            let count = rows::first(connection, COUNT, [id.as_bytes()], |row| rows::unsigned(row, 0))?;
            if count.unwrap_or(0) > u64::from(at_most) {
                return Err(StoreError::Full.into());
            }
            audit::insert(connection, &audit)
        })
    }

    fn api_key_used(&self, id: ApiKeyId, at: Timestamp) -> StoreFuture<()> {
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "UPDATE api_key SET last_used_at = ?2
                     WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)",
                )?
                .execute(params![id.as_bytes(), at.as_unix()])?;
            Ok(())
        })
    }
}

/// Removes all keys of an account inside a transaction, and answers which.
pub(crate) fn remove_all(connection: &Connection, of: AccountId) -> Result<Vec<ApiKeyId>, Fault> {
    const SQL: &str = "DELETE FROM api_key WHERE account_id = ?1 RETURNING id";
    rows::all(connection, SQL, [of.as_bytes()], |row| rows::id(row, 0, ApiKeyId::from_uuid))
}

fn replace(connection: &Connection, new: &ApiKey, Replaced { id, until }: Replaced) -> Result<(), Fault> {
    const SQL: &str = "SELECT replaced_by IS NULL FROM api_key WHERE id = ?1 AND account_id = ?2";
    let old = params![id.as_bytes(), new.account.as_bytes()];
    match rows::first(connection, SQL, old, |row| Ok(row.get::<_, bool>(0)?))? {
        None => return Err(StoreError::NotFound.into()),
        Some(false) => return Err(StoreError::Stale.into()),
        Some(true) => {}
    }
    connection
        .prepare_cached("UPDATE api_key SET replaced_by = ?2, expires_at = ?3 WHERE id = ?1")?
        .execute(params![id.as_bytes(), new.id.as_bytes(), until.as_unix()])?;
    Ok(())
}

fn insert(connection: &Connection, key: &ApiKey) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO api_key (id, account_id, name, scopes, hash, public_key, quota_requests, quota_seconds,
             created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            key.id.as_bytes(),
            key.account.as_bytes(),
            key.name.as_str(),
            key.scopes.to_string(),
            key.hash.as_ref().map(KeyHash::as_bytes),
            key.public_key.as_bytes(),
            key.quota.map(Quota::requests),
            key.quota.map(Quota::seconds),
            key.created_at.as_unix(),
            key.expires_at.as_unix(),
        ])?;
    Ok(())
}

fn key(row: &Row<'_>) -> Result<ApiKey, Fault> {
    Ok(ApiKey {
        id: rows::id(row, 0, ApiKeyId::from_uuid)?,
        account: rows::account_id(row, 1)?,
        name: rows::parsed(row, 2)?,
        scopes: rows::parsed(row, 3)?,
        hash: row.get::<_, Option<[u8; 32]>>(4)?.map(KeyHash::from_bytes),
        public_key: PublicKey::from_bytes(row.get(5)?),
        quota: quota(row.get(6)?, row.get(7)?)?,
        created_at: rows::timestamp(row, 8)?,
        expires_at: rows::timestamp(row, 9)?,
        last_used_at: row.get::<_, Option<i64>>(10)?.map(Timestamp::from_unix),
        replaced_by: match row.get::<_, Option<[u8; 16]>>(11)? {
            Some(_) => Some(rows::id(row, 11, ApiKeyId::from_uuid)?),
            None => None,
        },
        revoked_links: Vec::new(),
    })
}

fn quota(requests: Option<u32>, seconds: Option<u32>) -> Result<Option<Quota>, Fault> {
    let quota = requests.zip(seconds).map(|(requests, seconds)| Quota::new(requests, seconds)).transpose();
    quota.map_err(|error| Fault::corrupt(error.to_string()))
}

fn with_links(connection: &Connection, mut key: ApiKey) -> Result<ApiKey, Fault> {
    const SQL: &str = "SELECT link FROM api_key_revoked_link WHERE api_key = ?1 ORDER BY link";
    let link = |row: &Row<'_>| Ok(LinkId::from_bytes(row.get(0)?));
    key.revoked_links = rows::all(connection, SQL, [key.id.as_bytes()], link)?;
    Ok(key)
}
