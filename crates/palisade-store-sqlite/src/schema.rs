//! The schema's versions: each migration runs once, all that are missing in one transaction.

use palisade_identity::store::StoreError;
use rusqlite::{Connection, TransactionBehavior};

use crate::fault::Fault;

/// The migrations, the first one first. One that has been released is never edited: the next one is added.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_accounts_keys_audit.sql"),
    include_str!("../migrations/0002_changes_of_sessions_and_api_keys.sql"),
    include_str!("../migrations/0003_service_accounts.sql"),
    include_str!("../migrations/0004_sessions.sql"),
    include_str!("../migrations/0005_api_keys.sql"),
    include_str!("../migrations/0006_proofs.sql"),
    include_str!("../migrations/0007_proofs_handed_over.sql"),
    include_str!("../migrations/0008_roles_and_tenants.sql"),
];

/// Marks the file as this program's ("pals"), for `file` and for us.
const APPLICATION_ID: i32 = 0x7061_6c73;

/// Brings the schema up to date. Another process that does the same is waited for, and has then done it.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = check(&transaction)?;
    let missing = MIGRATIONS.get(found..).unwrap_or_default();
    if missing.is_empty() {
        return Ok(());
    }
    for migration in missing {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", known())?;
    transaction.commit()?;
    Ok(())
}

/// The number of migrations that have run, if the file is ours or empty.
fn check(connection: &Connection) -> Result<usize, Fault> {
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let objects: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let empty = application == 0 && found == 0 && objects == 0;
    if application != APPLICATION_ID && !empty {
        return Err(Fault::corrupt("the file is a database of another program"));
    }
    if found > known() {
        return Err(StoreError::SchemaTooNew { found, known: known() }.into());
    }
    usize::try_from(found).map_err(|_| Fault::corrupt("schema version"))
}

fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}
