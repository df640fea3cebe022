//! The offer to become the first admin. That an admin voids it is a trigger's work.

use palisade::clock::Timestamp;
use palisade_identity::{
    audit::AuditEntry,
    store::{Claimed, FirstAdminSecretHash, FirstAdminStore, NewAccount, Offer, StoreFuture},
};
use rusqlite::{Connection, params};

use crate::{SqliteStore, accounts, audit, fault::Fault, rows};

impl FirstAdminStore for SqliteStore {
    fn offer_first_admin(&self, offer: Offer) -> StoreFuture<bool> {
        self.write(move |connection| {
            if admin_exists(connection)? {
                return Ok(false);
            }
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO first_admin_offer (only, secret, created_at) VALUES (1, ?1, ?2)",
                )?
                .execute(params![offer.secret.as_bytes(), offer.created_at.as_unix()])?;
            Ok(true)
        })
    }

    fn first_admin_offer(&self) -> StoreFuture<Option<Offer>> {
        self.read(offer)
    }

    fn claim_first_admin(
        &self,
        secret: FirstAdminSecretHash,
        new: NewAccount,
        audit: AuditEntry,
    ) -> StoreFuture<Claimed> {
        self.write(move |connection| {
            let granted =
                offer(connection)?.is_some_and(|offer| offer.secret == secret && offer.stands(audit.at));
            if !granted || admin_exists(connection)? {
                return Ok(Claimed::Refused);
            }
            accounts::insert(connection, &new)?;
            connection.prepare_cached("DELETE FROM first_admin_offer")?.execute([])?;
            audit::insert(connection, &audit)?;
            Ok(Claimed::Granted)
        })
    }
}

fn offer(connection: &Connection) -> Result<Option<Offer>, Fault> {
    rows::first(connection, "SELECT secret, created_at FROM first_admin_offer", [], |row| {
        let secret = FirstAdminSecretHash::from_bytes(row.get(0)?);
        Ok(Offer { secret, created_at: Timestamp::from_unix(row.get(1)?) })
    })
}

fn admin_exists(connection: &Connection) -> Result<bool, Fault> {
    Ok(rows::first(connection, "SELECT 1 FROM account WHERE is_admin LIMIT 1", [], |_| Ok(()))?.is_some())
}
