//! `palisade routes --effective`: which roles can call what, by the roles as they are stored now.
//!
//! The requirement is the route's own value, and what a role brings is worked out as for a caller; nothing is decided here.

use anyhow::Result;
use palisade::{
    AccessTable, Factor, Requirement, Row, clock::Timestamp, decision::RecordedFacts, requirement::Verdict,
};
use palisade_identity::{
    role::{Role, Roles},
    roles::{Grants, Holdings, RoleBook, RoleName},
};
use serde_json::json;

use super::{say, table::Table};
use crate::{
    app::{self, Services},
    config::Config,
    data_folder::DataFolder,
};

pub(super) async fn run(config: &Config, as_json: bool) -> Result<()> {
    let (table, _) = app::routes().describe()?;
    let services = Services::open(config, &DataFolder::existing(&config.server.data)?)?;
    let book = services.accounts.role_book().await?;
    let everybody = everybody(&book, services.clock.now());
    if as_json {
        let rows: Vec<_> = table.rows().iter().map(|row| json(row, &everybody)).collect();
        return say(serde_json::to_string_pretty(&rows)?);
    }
    say(text(&table, &everybody))
}

/// An account that has just signed in with its password and holds one role: a stored one beside the smallest built-in one,
/// since every account has a built-in one.
struct Holder {
    role: RoleName,
    facts: RecordedFacts,
}

fn everybody(book: &RoleBook, now: Timestamp) -> Vec<Holder> {
    let holder = |role: RoleName| {
        let built_in = role.built_in().unwrap_or(Role::User);
        let mut grants = Grants::default();
        if role.built_in().is_none() {
            grants.everywhere.insert(role.clone());
        }
        let holdings = Holdings::of(Roles::only(built_in), &grants, book);
        let authority = holdings.whole(role.as_str()).authenticated_at(now).factors([Factor::Password]);
        Holder { role, facts: RecordedFacts::of_authority(&authority, now) }
    };
    book.effective().into_iter().map(|role| holder(role.name)).collect()
}

/// Who can call, and who can if more holds than is known of a role: a tenant, where the request comes from.
fn callers<'e>(requirement: &Requirement, everybody: &'e [Holder]) -> (Vec<&'e RoleName>, Vec<&'e RoleName>) {
    let (mut can, mut perhaps) = (Vec::new(), Vec::new());
    for Holder { role, facts } in everybody {
        match requirement.verdict_of(facts) {
            Ok(Verdict::True) => can.push(role),
            Ok(Verdict::False) => {}
            Ok(Verdict::Unknown) | Err(_) => perhaps.push(role),
        }
    }
    (can, perhaps)
}

fn json(row: &Row, everybody: &[Holder]) -> serde_json::Value {
    let mut value = json!({ "method": row.method, "path": row.path });
    match &row.requirement {
        None => value["public"] = json!(row.public),
        Some(requirement) => {
            let (can, perhaps) = callers(requirement, everybody);
            value["requires"] = json!(row.requires);
            value["roles"] = json!(can);
            value["perhaps"] = json!(perhaps);
        }
    }
    value
}

fn text(table: &AccessTable, everybody: &[Holder]) -> Table<3> {
    let heading = ["METHOD", "PATH", "WHO, SIGNED IN JUST NOW"].map(str::to_owned);
    // `HEAD` is what its `GET` is.
    let rows = table.rows().iter().filter(|row| row.method != "HEAD");
    let rows = rows.map(|row| [row.method.clone(), row.path.clone(), who(row, everybody)]);
    Table(std::iter::once(heading).chain(rows).collect())
}

fn who(row: &Row, everybody: &[Holder]) -> String {
    let Some(requirement) = &row.requirement else { return "anybody".to_owned() };
    let (can, perhaps) = callers(requirement, everybody);
    if can.len() == everybody.len() {
        return "every role".to_owned();
    }
    let can = can.into_iter().map(RoleName::to_string);
    let perhaps = perhaps.into_iter().map(|role| format!("{role} (if more holds)"));
    let all: Vec<String> = can.chain(perhaps).collect();
    if all.is_empty() { "no role".to_owned() } else { all.join(", ") }
}
