//! Stored roles, and who holds them. What goes together is the domain's to say, inside the transaction.

use std::{collections::BTreeSet, str::FromStr};

use palisade_identity::{
    account::AccountId,
    audit::AuditEntry,
    roles::{GrantChange, Grants, InvalidName, RoleBook, RoleDefinition, RoleName, RoleRefused, TenantName},
    store::{Member, PageSize, RoleStore, StoreError, StoreFuture},
};
use rusqlite::{Connection, Row, params};

use crate::{SqliteStore, accounts, audit, fault::Fault, rows};

impl RoleStore for SqliteStore {
    fn roles(&self) -> StoreFuture<Vec<RoleDefinition>> {
        self.read(definitions)
    }

    fn define_role(&self, role: RoleDefinition, audit: AuditEntry) -> StoreFuture<()> {
        self.write(move |connection| {
            book(connection)?.with(role.clone()).map_err(StoreError::Role)?;
            connection
                .prepare_cached(
                    "INSERT INTO role (name, includes, scopes) VALUES (?1, ?2, ?3)
                     ON CONFLICT (name) DO UPDATE SET includes = excluded.includes, scopes = excluded.scopes",
                )?
                .execute(params![role.name.as_str(), joined(&role.includes), role.scopes.to_string()])?;
            audit::insert(connection, &audit)
        })
    }

    fn remove_role(&self, name: RoleName, audit: AuditEntry) -> StoreFuture<()> {
        self.write(move |connection| {
            book(connection)?.check_removal(&name).map_err(StoreError::Role)?;
            if name.built_in().is_none() {
                held_by_nobody(connection, &name)?;
            }
            connection.prepare_cached("DELETE FROM role WHERE name = ?1")?.execute([name.as_str()])?;
            audit::insert(connection, &audit)
        })
    }

    fn grants(&self, id: AccountId) -> StoreFuture<Grants> {
        self.read(|connection| grants(connection, id))
    }

    fn change_grants(&self, id: AccountId, change: GrantChange, audit: AuditEntry) -> StoreFuture<Grants> {
        self.write(move |connection| {
            accounts::find(connection, id)?.ok_or(StoreError::NotFound)?;
            let (before, book) = (grants(connection, id)?, book(connection)?);
            let tenant = change.tenant.clone();
            let after = before.clone().changed(change, &book).map_err(StoreError::Role)?;
            match tenant {
                Some(tenant) => set_member(connection, id, &tenant, &before, &after)?,
                None => set_everywhere(connection, id, &before.everywhere, &after.everywhere)?,
            }
            audit::insert(connection, &audit)?;
            Ok(after)
        })
    }

    fn members(
        &self,
        tenant: TenantName,
        after: Option<AccountId>,
        at_most: PageSize,
    ) -> StoreFuture<Vec<Member>> {
        const SQL: &str = "SELECT account.id, username,
                (SELECT group_concat(role, ' ') FROM member_role
                 WHERE member_role.tenant = member.tenant AND member_role.account_id = member.account_id)
            FROM member JOIN account ON account.id = member.account_id
            WHERE tenant = ?1 AND member.account_id > ?2 ORDER BY member.account_id LIMIT ?3";
        // The empty value comes before every id.
        let after = after.map(|id| id.as_bytes().to_vec()).unwrap_or_default();
        let parameters = params![tenant.as_str(), after, at_most.records()];
        self.read(|connection| rows::all(connection, SQL, parameters, member))
    }
}

fn book(connection: &Connection) -> Result<RoleBook, Fault> {
    RoleBook::new(definitions(connection)?).map_err(|error| Fault::corrupt(error.to_string()))
}

fn definitions(connection: &Connection) -> Result<Vec<RoleDefinition>, Fault> {
    rows::all(connection, "SELECT name, includes, scopes FROM role ORDER BY name", [], |row| {
        let includes: String = row.get(1)?;
        Ok(RoleDefinition {
            name: rows::parsed(row, 0)?,
            includes: split(&includes)?.into_iter().collect(),
            scopes: rows::parsed(row, 2)?,
        })
    })
}

/// All of it in one statement, so at one moment. A membership without a role has a row without one.
fn grants(connection: &Connection, id: AccountId) -> Result<Grants, Fault> {
    const SQL: &str = "SELECT NULL, role FROM account_role WHERE account_id = ?1
        UNION ALL
        SELECT member.tenant, role FROM member LEFT JOIN member_role
            ON member_role.tenant = member.tenant AND member_role.account_id = member.account_id
        WHERE member.account_id = ?1";
    let found = rows::all(connection, SQL, [id.as_bytes()], |row| {
        Ok((optional::<TenantName>(row, 0)?, optional::<RoleName>(row, 1)?))
    })?;
    let mut grants = Grants::default();
    for (tenant, role) in found {
        match tenant {
            Some(tenant) => grants.tenants.entry(tenant).or_default().extend(role),
            None => grants.everywhere.extend(role),
        }
    }
    Ok(grants)
}

fn set_everywhere(
    connection: &Connection,
    id: AccountId,
    before: &BTreeSet<RoleName>,
    after: &BTreeSet<RoleName>,
) -> Result<(), Fault> {
    let mut remove =
        connection.prepare_cached("DELETE FROM account_role WHERE account_id = ?1 AND role = ?2")?;
    for role in before.difference(after) {
        remove.execute(params![id.as_bytes(), role.as_str()])?;
    }
    let mut add = connection.prepare_cached("INSERT INTO account_role (account_id, role) VALUES (?1, ?2)")?;
    for role in after.difference(before) {
        add.execute(params![id.as_bytes(), role.as_str()])?;
    }
    Ok(())
}

fn set_member(
    connection: &Connection,
    id: AccountId,
    tenant: &TenantName,
    before: &Grants,
    after: &Grants,
) -> Result<(), Fault> {
    let key = params![tenant.as_str(), id.as_bytes()];
    let Some(roles) = after.tenants.get(tenant) else {
        let sql = "DELETE FROM member WHERE tenant = ?1 AND account_id = ?2";
        connection.prepare_cached(sql)?.execute(key)?;
        return Ok(());
    };
    let nothing = BTreeSet::new();
    let held = before.tenants.get(tenant).unwrap_or(&nothing);
    if !before.tenants.contains_key(tenant) {
        let sql = "INSERT INTO member (tenant, account_id) VALUES (?1, ?2)";
        connection.prepare_cached(sql)?.execute(key)?;
    }
    let sql = "DELETE FROM member_role WHERE tenant = ?1 AND account_id = ?2 AND role = ?3";
    let mut remove = connection.prepare_cached(sql)?;
    for role in held.difference(roles) {
        remove.execute(params![tenant.as_str(), id.as_bytes(), role.as_str()])?;
    }
    let sql = "INSERT INTO member_role (tenant, account_id, role) VALUES (?1, ?2, ?3)";
    let mut add = connection.prepare_cached(sql)?;
    for role in roles.difference(held) {
        add.execute(params![tenant.as_str(), id.as_bytes(), role.as_str()])?;
    }
    Ok(())
}

/// A constraint would refuse some of it too, but not say who holds the role. Of all that do it is read how many they are,
/// and who is the first found: whoever holds it everywhere, if anybody.
fn held_by_nobody(connection: &Connection, name: &RoleName) -> Result<(), Fault> {
    const EVERYWHERE: &str = "SELECT username, NULL FROM account_role JOIN account ON account.id = account_id
        WHERE role = ?1 LIMIT 1";
    const IN_A_TENANT: &str =
        "SELECT username, tenant FROM member_role JOIN account ON account.id = account_id
        WHERE role = ?1 LIMIT 1";
    const NUMBER: &str = "SELECT (SELECT count(*) FROM account_role WHERE role = ?1)
        + (SELECT count(*) FROM member_role WHERE role = ?1)";
    let number =
        rows::first(connection, NUMBER, [name.as_str()], |row| rows::unsigned(row, 0))?.unwrap_or_default();
    for sql in [EVERYWHERE, IN_A_TENANT] {
        let held = rows::first(connection, sql, [name.as_str()], |row| {
            let by: String = row.get(0)?;
            let (role, others) = (name.clone(), number.saturating_sub(1));
            Ok(RoleRefused::Held { role, by: by.into(), tenant: optional(row, 1)?, others })
        })?;
        if let Some(held) = held {
            return Err(StoreError::Role(held).into());
        }
    }
    Ok(())
}

fn member(row: &Row<'_>) -> Result<Member, Fault> {
    let roles: Option<String> = row.get(2)?;
    let mut roles = split(&roles.unwrap_or_default())?;
    roles.sort();
    Ok(Member { id: rows::account_id(row, 0)?, username: rows::parsed(row, 1)?, roles })
}

fn joined(names: &BTreeSet<RoleName>) -> String {
    names.iter().map(RoleName::as_str).collect::<Vec<_>>().join(" ")
}

fn split(names: &str) -> Result<Vec<RoleName>, Fault> {
    let names: Result<_, InvalidName> =
        names.split(' ').filter(|_| !names.is_empty()).map(str::parse).collect();
    names.map_err(|error| Fault::corrupt(error.to_string()))
}

fn optional<T: FromStr<Err: std::fmt::Display>>(row: &Row<'_>, column: usize) -> Result<Option<T>, Fault> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse()).transpose().map_err(|error: T::Err| Fault::corrupt(error.to_string()))
}
