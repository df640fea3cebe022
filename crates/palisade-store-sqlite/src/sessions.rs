//! Browser sessions. That a raised generation ends them is a trigger's work.

use palisade::clock::Timestamp;
use palisade_identity::{
    audit::AuditEntry,
    id::{AccountId, SessionId},
    store::{
        FormerSecret, Rotation, SessionRecord, SessionSecretHash, SessionStore, StoreError, StoreFuture,
    },
};
use rusqlite::{Connection, Row, params};

use crate::{SqliteStore, audit, fault::Fault, rows};

/// The columns [`session`] reads, in its order.
macro_rules! columns {
    () => {
        "id, account_id, secret, former_secret, former_until, roles, generation, created_at, authenticated_at, \
         last_seen, user_agent, address"
    };
}

impl SessionStore for SqliteStore {
    fn insert_session(
        &self,
        new: SessionRecord,
        at_most: u32,
        audit: AuditEntry,
    ) -> StoreFuture<Vec<SessionId>> {
        self.write(move |connection| {
            insert(connection, &new)?;
            audit::insert(connection, &audit)?;
            remove_oldest(connection, &new, at_most)
        })
    }

    fn session(&self, id: SessionId) -> StoreFuture<Option<SessionRecord>> {
        const SQL: &str = concat!("SELECT ", columns!(), " FROM session WHERE id = ?1");
        self.read(|connection| rows::first(connection, SQL, [id.as_bytes()], session))
    }

    fn sessions(&self, account: AccountId) -> StoreFuture<Vec<SessionRecord>> {
        const SQL: &str = concat!(
            "SELECT ",
            columns!(),
            " FROM session WHERE account_id = ?1 ORDER BY created_at DESC, id DESC"
        );
        self.read(|connection| rows::all(connection, SQL, [account.as_bytes()], session))
    }

    fn rotate_session(&self, rotation: Rotation, audit: AuditEntry) -> StoreFuture<()> {
        self.write(move |connection| {
            let rotated = rotate(connection, &rotation, audit.at)?;
            if rotated == 0 {
                return Err(missing(connection, rotation.id)?.into());
            }
            audit::insert(connection, &audit)
        })
    }

    fn end_session(&self, account: AccountId, id: SessionId, audit: AuditEntry) -> StoreFuture<()> {
        self.write(move |connection| {
            let ended = connection
                .prepare_cached("DELETE FROM session WHERE id = ?1 AND account_id = ?2")?
                .execute(params![id.as_bytes(), account.as_bytes()])?;
            if ended == 0 {
                return Err(StoreError::NotFound.into());
            }
            audit::insert(connection, &audit)
        })
    }

    fn end_sessions(
        &self,
        account: AccountId,
        keeping: Option<SessionId>,
        audit: AuditEntry,
    ) -> StoreFuture<u64> {
        self.write(move |connection| {
            let keeping = keeping.as_ref().map(SessionId::as_bytes);
            let ended = connection
                .prepare_cached("DELETE FROM session WHERE account_id = ?1 AND id IS NOT ?2")?
                .execute(params![account.as_bytes(), keeping])?;
            if ended > 0 {
                audit::insert(connection, &audit)?;
            }
            Ok(ended as u64)
        })
    }

    fn sessions_seen(&self, seen: Vec<(SessionId, Timestamp)>) -> StoreFuture<()> {
        self.write(move |connection| {
            let mut note = connection
                .prepare_cached("UPDATE session SET last_seen = ?2 WHERE id = ?1 AND last_seen < ?2")?;
            for (id, at) in &seen {
                note.execute(params![id.as_bytes(), at.as_unix()])?;
            }
            Ok(())
        })
    }

    fn remove_sessions(
        &self,
        seen_before: Timestamp,
        made_before: Timestamp,
        at_most: u32,
    ) -> StoreFuture<u64> {
        self.write(move |connection| {
            let removed = connection
                .prepare_cached(
                    "DELETE FROM session WHERE id IN (
                         SELECT id FROM session WHERE last_seen < ?1 OR created_at < ?2 LIMIT ?3)",
                )?
                .execute(params![seen_before.as_unix(), made_before.as_unix(), at_most])?;
            Ok(removed as u64)
        })
    }
}

fn insert(connection: &Connection, new: &SessionRecord) -> Result<(), Fault> {
    // The account is looked for here, so that its absence is an answer and not a broken constraint.
    let inserted = connection
        .prepare_cached(
            "INSERT INTO session (id, account_id, secret, former_secret, former_until, roles, generation, created_at,
                 authenticated_at, last_seen, user_agent, address)
             SELECT ?1, account.id, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 FROM account WHERE account.id = ?2",
        )?
        .execute(params![
            new.id.as_bytes(),
            new.account.as_bytes(),
            new.secret.as_bytes(),
            new.former.as_ref().map(|former| former.secret.as_bytes()),
            new.former.map(|former| former.accepted_until.as_unix()),
            new.mark.as_str(),
            i64::try_from(new.generation).map_err(|_| Fault::corrupt("a generation"))?,
            new.created_at.as_unix(),
            new.authenticated_at.as_unix(),
            new.last_seen.as_unix(),
            &*new.user_agent,
            new.address.to_string(),
        ])?;
    if inserted == 0 { Err(StoreError::NotFound.into()) } else { Ok(()) }
}

/// Leaves `at_most` sessions of the account of `new`, which is one of them.
fn remove_oldest(
    connection: &Connection,
    new: &SessionRecord,
    at_most: u32,
) -> Result<Vec<SessionId>, Fault> {
    rows::all(
        connection,
        "DELETE FROM session WHERE id IN (
             SELECT id FROM session WHERE account_id = ?1 AND id <> ?2
             ORDER BY created_at DESC, id DESC LIMIT -1 OFFSET ?3)
         RETURNING id",
        params![new.account.as_bytes(), new.id.as_bytes(), at_most.saturating_sub(1)],
        |row| rows::id(row, 0, SessionId::from_uuid),
    )
}

fn rotate(connection: &Connection, rotation: &Rotation, at: Timestamp) -> Result<usize, Fault> {
    Ok(connection
        .prepare_cached(
            "UPDATE session SET former_secret = secret, former_until = ?4, secret = ?2, roles = ?5,
                 authenticated_at = coalesce(?6, authenticated_at), last_seen = max(last_seen, ?7)
             WHERE id = ?1 AND (?3 IS NULL OR secret = ?3)",
        )?
        .execute(params![
            rotation.id.as_bytes(),
            rotation.secret.as_bytes(),
            rotation.replacing.as_ref().map(SessionSecretHash::as_bytes),
            rotation.accept_old_until.as_unix(),
            rotation.mark.as_str(),
            rotation.authenticated_at.map(Timestamp::as_unix),
            at.as_unix(),
        ])?)
}

/// Why a session was not rotated.
fn missing(connection: &Connection, id: SessionId) -> Result<StoreError, Fault> {
    let found = rows::first(connection, "SELECT 1 FROM session WHERE id = ?1", [id.as_bytes()], |_| Ok(()))?;
    Ok(if found.is_some() { StoreError::Stale } else { StoreError::NotFound })
}

fn session(row: &Row<'_>) -> Result<SessionRecord, Fault> {
    let former: Option<[u8; 32]> = row.get(3)?;
    let former_until: Option<i64> = row.get(4)?;
    let user_agent: String = row.get(10)?;
    Ok(SessionRecord {
        id: rows::id(row, 0, SessionId::from_uuid)?,
        account: rows::account_id(row, 1)?,
        secret: SessionSecretHash::from_bytes(row.get(2)?),
        former: former.zip(former_until).map(|(secret, until)| FormerSecret {
            secret: SessionSecretHash::from_bytes(secret),
            accepted_until: Timestamp::from_unix(until),
        }),
        mark: rows::parsed(row, 5)?,
        generation: rows::unsigned(row, 6)?,
        created_at: rows::timestamp(row, 7)?,
        authenticated_at: rows::timestamp(row, 8)?,
        last_seen: rows::timestamp(row, 9)?,
        user_agent: user_agent.into(),
        address: rows::parsed(row, 11)?,
    })
}
