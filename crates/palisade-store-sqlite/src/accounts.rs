//! Accounts and passwords.

use palisade::clock::Timestamp;
use palisade_identity::{
    account::{Account, AccountId, Status},
    audit::AuditEntry,
    email::Email,
    password::PasswordHash,
    role::Role,
    store::{
        AccountChange, AccountStore, NewAccount, PageSize, Rehash, SignInRecord, StoreError, StoreFuture,
    },
    username::Username,
};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore, audit,
    fault::Fault,
    rows::{self, account_columns},
};

impl AccountStore for SqliteStore {
    fn insert_account(&self, new: NewAccount, audit: AuditEntry) -> StoreFuture<()> {
        self.write(move |connection| {
            insert(connection, &new)?;
            audit::insert(connection, &audit)
        })
    }

    fn account(&self, id: AccountId) -> StoreFuture<Option<Account>> {
        self.read(|connection| find(connection, id))
    }

    fn account_named(&self, username: &Username) -> StoreFuture<Option<Account>> {
        const SQL: &str = concat!("SELECT ", account_columns!(), " FROM account WHERE username = ?1");
        self.read(|connection| rows::first(connection, SQL, [username.as_str()], rows::account))
    }

    fn sign_in_record(&self, username: &Username) -> StoreFuture<Option<SignInRecord>> {
        const SQL: &str = concat!(
            "SELECT ",
            account_columns!(),
            ", hash FROM account JOIN password ON password.account_id = account.id WHERE username = ?1"
        );
        self.read(|connection| {
            rows::first(connection, SQL, [username.as_str()], |row| {
                Ok(SignInRecord { account: rows::account(row)?, password: rows::parsed(row, 11)? })
            })
        })
    }

    fn password_hash(&self, id: AccountId) -> StoreFuture<Option<PasswordHash>> {
        self.read(|connection| {
            rows::first(connection, "SELECT hash FROM password WHERE account_id = ?1", [key(&id)], |row| {
                rows::parsed(row, 0)
            })
        })
    }

    fn accounts(&self, after: Option<AccountId>, at_most: PageSize) -> StoreFuture<Vec<Account>> {
        const SQL: &str =
            concat!("SELECT ", account_columns!(), " FROM account WHERE id > ?1 ORDER BY id LIMIT ?2");
        // The empty value comes before every id.
        let after = after.map(|id| key(&id).to_vec()).unwrap_or_default();
        self.read(|connection| rows::all(connection, SQL, params![after, at_most.records()], rows::account))
    }

    fn active_admins(&self) -> StoreFuture<u64> {
        self.read(active_admins)
    }

    fn change_account(
        &self,
        id: AccountId,
        change: AccountChange,
        audit: AuditEntry,
    ) -> StoreFuture<Account> {
        self.write(move |connection| {
            let before = find(connection, id)?.ok_or(StoreError::NotFound)?;
            if let AccountChange::Email { generation: Some(generation), .. } = change
                && generation != before.generation
            {
                return Err(StoreError::Stale.into());
            }
            apply(connection, id, &change, audit.at)?;
            let after = find(connection, id)?.ok_or(StoreError::NotFound)?;
            // Writes are one after the other, in all processes, so nobody else can be doing the same just now.
            if is_active_admin(&before) && !is_active_admin(&after) && active_admins(connection)? == 0 {
                return Err(StoreError::LastAdmin.into());
            }
            audit::insert(connection, &audit)?;
            Ok(after)
        })
    }

    fn rehash(&self, rehash: Rehash) -> StoreFuture<bool> {
        self.write(move |connection| {
            let changed = connection
                .prepare_cached("UPDATE password SET hash = ?3 WHERE account_id = ?1 AND hash = ?2")?
                .execute(params![key(&rehash.id), rehash.old.as_phc(), rehash.new.as_phc()])?;
            Ok(changed == 1)
        })
    }
}

/// Adds an account inside a transaction.
pub(crate) fn insert(connection: &Connection, new: &NewAccount) -> Result<(), Fault> {
    let account = &new.account;
    if account.email_verified_at.is_some() {
        proven_by_nobody_else(connection, key(&account.id), account.email.as_str())?;
    }
    let inserted = connection
        .prepare_cached(
            "INSERT INTO account (id, username, email, status, roles, generation, created_at, updated_at, kind,
                                  email_verified_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (username) DO NOTHING",
        )?
        .execute(params![
            key(&account.id),
            account.username.as_str(),
            account.email.as_str(),
            account.status.name(),
            rows::roles_text(account.roles),
            i64::try_from(account.generation).map_err(|_| Fault::corrupt("a generation"))?,
            account.created_at.as_unix(),
            account.updated_at.as_unix(),
            account.kind.name(),
            account.email_verified_at.map(Timestamp::as_unix),
        ])?;
    if inserted == 0 {
        return Err(StoreError::UsernameTaken.into());
    }
    if let Some(password) = &new.password {
        connection
            .prepare_cached("INSERT INTO password (account_id, hash) VALUES (?1, ?2)")?
            .execute(params![key(&account.id), password.as_phc()])?;
    }
    Ok(())
}

pub(crate) fn find(connection: &Connection, id: AccountId) -> Result<Option<Account>, Fault> {
    const SQL: &str = concat!("SELECT ", account_columns!(), " FROM account WHERE id = ?1");
    rows::first(connection, SQL, [key(&id)], rows::account)
}

fn apply(connection: &Connection, id: AccountId, change: &AccountChange, at: Timestamp) -> Result<(), Fault> {
    let (id, at) = (key(&id), at.as_unix());
    match change {
        AccountChange::Email { address, verified, .. } => set_email(connection, id, address, *verified, at)?,
        AccountChange::Status(status) => connection
            .prepare_cached(
                "UPDATE account SET status = ?2, generation = generation + ?4, updated_at = ?3,
                 kept_token = CASE ?4 WHEN 0 THEN kept_token END WHERE id = ?1",
            )?
            .execute(params![id, status.name(), at, i64::from(*status == Status::Disabled)])?,
        AccountChange::Roles(roles) => connection
            .prepare_cached("UPDATE account SET roles = ?2, updated_at = ?3 WHERE id = ?1")?
            .execute(params![id, rows::roles_text(*roles), at])?,
        AccountChange::Password { new, replacing, keeping } => {
            set_password(connection, id, new, replacing.as_ref())?;
            raise_generation(connection, id, at, keeping.as_deref())?
        }
        AccountChange::EndTokens => raise_generation(connection, id, at, None)?,
    };
    Ok(())
}

/// Sets an address, which counts as proven from `at` on if it is `verified`.
pub(crate) fn set_email(
    connection: &Connection,
    id: &[u8],
    address: &Email,
    verified: bool,
    at: i64,
) -> Result<usize, Fault> {
    if verified {
        proven_by_nobody_else(connection, id, address.as_str())?;
    }
    Ok(connection
        .prepare_cached(
            "UPDATE account SET email = ?2, email_verified_at = ?3, updated_at = ?4 WHERE id = ?1",
        )?
        .execute(params![id, address.as_str(), verified.then_some(at), at])?)
}

/// An index would refuse it too, but not say why. Writes are one after the other, so nothing comes between.
fn proven_by_nobody_else(connection: &Connection, id: &[u8], address: &str) -> Result<(), Fault> {
    const SQL: &str = "SELECT 1 FROM account
        WHERE email = ?1 COLLATE NOCASE AND email_verified_at IS NOT NULL AND id <> ?2";
    match rows::first(connection, SQL, params![address, id], |_| Ok(()))? {
        Some(()) => Err(StoreError::AddressTaken.into()),
        None => Ok(()),
    }
}

/// Sets a password, if the one before is still `replacing` or that does not matter.
pub(crate) fn set_password(
    connection: &Connection,
    id: &[u8],
    new: &PasswordHash,
    replacing: Option<&PasswordHash>,
) -> Result<(), Fault> {
    let replaced = connection
        .prepare_cached("UPDATE password SET hash = ?2 WHERE account_id = ?1 AND (?3 IS NULL OR hash = ?3)")?
        .execute(params![id, new.as_phc(), replacing.map(PasswordHash::as_phc)])?;
    if replaced == 0 { Err(StoreError::Stale.into()) } else { Ok(()) }
}

/// The value of an id in a column.
pub(crate) fn key(id: &AccountId) -> &[u8] {
    id.as_bytes()
}

/// Ends all tokens but the one named `keeping`.
pub(crate) fn raise_generation(
    connection: &Connection,
    id: &[u8],
    at: i64,
    keeping: Option<&str>,
) -> Result<usize, Fault> {
    Ok(connection
        .prepare_cached(
            "UPDATE account SET generation = generation + 1, kept_token = ?3, updated_at = ?2 WHERE id = ?1",
        )?
        .execute(params![id, at, keeping])?)
}

fn is_active_admin(account: &Account) -> bool {
    account.is_active() && account.roles.include(Role::Admin)
}

fn active_admins(connection: &Connection) -> Result<u64, Fault> {
    const SQL: &str = "SELECT count(*) FROM account WHERE status = 'active' AND is_admin";
    Ok(rows::first(connection, SQL, [], |row| rows::unsigned(row, 0))?.unwrap_or(0))
}
