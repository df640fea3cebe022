//! Proven addresses, and the mailed proofs that are still to be given.

use palisade::clock::Timestamp;
use palisade_identity::{
    account::Account,
    audit::AuditEntry,
    email::Email,
    store::{Deed, Proof, ProofHash, ProofStore, Purpose, Redeemed, StoreError, StoreFuture},
};
use rusqlite::{Connection, Row, params};

use crate::{
    SqliteStore, accounts, api_keys, audit,
    fault::Fault,
    rows::{self, account_columns},
};

impl ProofStore for SqliteStore {
    fn account_proven(&self, address: &Email) -> StoreFuture<Option<Account>> {
        const SQL: &str = concat!(
            "SELECT ",
            account_columns!(),
            " FROM account WHERE email = ?1 COLLATE NOCASE AND email_verified_at IS NOT NULL"
        );
        self.read(|connection| rows::first(connection, SQL, [address.as_str()], rows::account))
    }

    fn keep_proof(&self, proof: Proof, audit: Option<AuditEntry>) -> StoreFuture<()> {
        self.write(move |connection| {
            accounts::find(connection, proof.account)?.ok_or(StoreError::NotFound)?;
            insert(connection, &proof)?;
            purge(connection, &proof)?;
            audit.map_or(Ok(()), |audit| audit::insert(connection, &audit))
        })
    }

    fn standing_proof(&self, hash: ProofHash, now: Timestamp) -> StoreFuture<Option<(Proof, Account)>> {
        self.read(|connection| standing(connection, hash, now))
    }

    fn redeem(&self, hash: ProofHash, deed: Deed, audit: AuditEntry) -> StoreFuture<Option<Redeemed>> {
        self.write(move |connection| {
            let Some((proof, before)) = standing(connection, hash, audit.at)? else { return Ok(None) };
            if !deed.is_for(proof.purpose) {
                return Ok(None);
            }
            perform(connection, &proof, &deed, audit.at.as_unix())?;
            for purpose in Purpose::ALL.into_iter().filter(|purpose| deed.is_for(*purpose)) {
                connection
                    .prepare_cached("DELETE FROM proof WHERE account_id = ?1 AND purpose = ?2")?
                    .execute(params![accounts::key(&proof.account), purpose.name()])?;
            }
            audit::insert(connection, &audit)?;
            let after = accounts::find(connection, proof.account)?.ok_or(StoreError::NotFound)?;
            Ok(Some(Redeemed { before, after }))
        })
    }
}

fn perform(connection: &Connection, proof: &Proof, deed: &Deed, at: i64) -> Result<usize, Fault> {
    let id = accounts::key(&proof.account);
    match deed {
        Deed::ProveAddress => accounts::set_email(connection, id, &proof.address, true, at),
        Deed::ResetPassword(new) => {
            accounts::set_password(connection, id, new, None)?;
            api_keys::remove_all(connection, proof.account)?;
            accounts::raise_generation(connection, id, at, None)
        }
    }
}

fn insert(connection: &Connection, proof: &Proof) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO proof (hash, purpose, account_id, generation, email, address, issued_at, expires_at,
                                handed_over)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            proof.hash.as_bytes(),
            proof.purpose.name(),
            accounts::key(&proof.account),
            i64::try_from(proof.generation).map_err(|_| Fault::corrupt("a generation"))?,
            proof.email.as_str(),
            proof.address.as_str(),
            proof.issued_at.as_unix(),
            proof.expires_at.as_unix(),
            proof.handed_over,
        ])?;
    Ok(())
}

/// Removes what has expired, whoever's it is, and what `new` has pushed out.
fn purge(connection: &Connection, new: &Proof) -> Result<(), Fault> {
    connection
        .prepare_cached("DELETE FROM proof WHERE expires_at <= ?1")?
        .execute([new.issued_at.as_unix()])?;
    connection
        .prepare_cached(
            "DELETE FROM proof WHERE account_id = ?1 AND purpose = ?2 AND handed_over = ?5 AND hash NOT IN
             (SELECT hash FROM proof WHERE account_id = ?1 AND purpose = ?2 AND handed_over = ?5
              ORDER BY issued_at DESC, hash = ?3 DESC LIMIT ?4)",
        )?
        .execute(params![
            accounts::key(&new.account),
            new.purpose.name(),
            new.hash.as_bytes(),
            Proof::KEPT,
            new.handed_over
        ])?;
    Ok(())
}

fn standing(
    connection: &Connection,
    hash: ProofHash,
    now: Timestamp,
) -> Result<Option<(Proof, Account)>, Fault> {
    const SQL: &str = "SELECT hash, purpose, account_id, generation, email, address, issued_at, expires_at,
            handed_over
        FROM proof WHERE hash = ?1";
    let Some(proof) = rows::first(connection, SQL, [hash.as_bytes()], proof)? else { return Ok(None) };
    let account = accounts::find(connection, proof.account)?;
    Ok(account.filter(|account| proof.stands(account, now)).map(|account| (proof, account)))
}

fn proof(row: &Row<'_>) -> Result<Proof, Fault> {
    Ok(Proof {
        hash: ProofHash::from_bytes(row.get(0)?),
        purpose: purpose(row.get_ref(1)?.as_str().unwrap_or_default())?,
        account: rows::account_id(row, 2)?,
        generation: rows::unsigned(row, 3)?,
        email: rows::parsed(row, 4)?,
        address: rows::parsed(row, 5)?,
        issued_at: rows::timestamp(row, 6)?,
        expires_at: rows::timestamp(row, 7)?,
        handed_over: row.get(8)?,
    })
}

fn purpose(name: &str) -> Result<Purpose, Fault> {
    Purpose::ALL
        .into_iter()
        .find(|purpose| purpose.name() == name)
        .ok_or_else(|| Fault::corrupt("a proof's purpose"))
}
