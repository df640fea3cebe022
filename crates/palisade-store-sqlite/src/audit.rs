//! The two trails.

use palisade_identity::{
    account::AccountId,
    audit::{Action, Actor, AuditEntry, Trail},
    store::{AuditRow, AuditStore, PageSize, StoreFuture},
};
use rusqlite::{Connection, Row, params};

use crate::{SqliteStore, fault::Fault, rows};

impl AuditStore for SqliteStore {
    fn record(&self, entry: AuditEntry) -> StoreFuture<()> {
        self.write(move |connection| insert(connection, &entry))
    }

    fn audit(&self, trail: Trail, before: Option<u64>, at_most: PageSize) -> StoreFuture<Vec<AuditRow>> {
        let sql = match trail {
            Trail::Changes => {
                "SELECT number, at, actor, action, target, detail FROM audit_change
                 WHERE number < ?1 ORDER BY number DESC LIMIT ?2"
            }
            Trail::SignIns => {
                "SELECT number, at, actor, action, target, detail FROM audit_sign_in
                 WHERE number < ?1 ORDER BY number DESC LIMIT ?2"
            }
        };
        let before = before.and_then(|number| i64::try_from(number).ok()).unwrap_or(i64::MAX);
        self.read(|connection| rows::all(connection, sql, params![before, at_most.records()], audit_row))
    }
}

/// Adds an entry inside the transaction of what it tells.
pub(crate) fn insert(connection: &Connection, entry: &AuditEntry) -> Result<(), Fault> {
    let sql = match entry.action.trail() {
        Trail::Changes => {
            "INSERT INTO audit_change (at, actor, action, target, detail) VALUES (?1, ?2, ?3, ?4, ?5)"
        }
        Trail::SignIns => {
            "INSERT INTO audit_sign_in (at, actor, action, target, detail) VALUES (?1, ?2, ?3, ?4, ?5)"
        }
    };
    connection.prepare_cached(sql)?.execute(params![
        entry.at.as_unix(),
        actor_text(entry.actor),
        entry.action.name(),
        entry.target,
        entry.detail.to_string(),
    ])?;
    Ok(())
}

fn audit_row(row: &Row<'_>) -> Result<AuditRow, Fault> {
    let detail: String = row.get(5)?;
    let entry = AuditEntry {
        at: rows::timestamp(row, 1)?,
        actor: actor(&row.get::<_, String>(2)?)?,
        action: action(&row.get::<_, String>(3)?)?,
        target: row.get(4)?,
        detail: serde_json::from_str(&detail).map_err(|error| Fault::corrupt(error.to_string()))?,
    };
    Ok(AuditRow { number: rows::unsigned(row, 0)?, entry })
}

fn actor_text(actor: Actor) -> String {
    match actor {
        Actor::Nobody => "nobody".into(),
        Actor::Operator => "operator".into(),
        Actor::Account(id) => id.to_string(),
    }
}

fn actor(text: &str) -> Result<Actor, Fault> {
    match text {
        "nobody" => Ok(Actor::Nobody),
        "operator" => Ok(Actor::Operator),
        id => id.parse::<AccountId>().map(Actor::Account).map_err(|error| Fault::corrupt(error.to_string())),
    }
}

fn action(name: &str) -> Result<Action, Fault> {
    Action::ALL
        .into_iter()
        .find(|action| action.name() == name)
        .ok_or_else(|| Fault::corrupt("an action of the audit trail"))
}
