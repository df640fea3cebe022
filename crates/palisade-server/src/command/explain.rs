//! `palisade explain --route`: whether an account would be allowed, and why, without a server.
//!
//! The requirement is the route's own value, and the account is the store's; nothing is decided here.

use std::time::Duration;

use anyhow::{Result, anyhow};
use palisade::{
    AccessTable, Authority, Factor, Row, clock::Timestamp, decision::RecordedFacts, requirement::Verdict,
};
use palisade_identity::{
    account::{Account, Status},
    roles::Holdings,
};

use super::{account::named, say};
use crate::{
    app::{self, Services},
    cli::Explain,
    config::{Config, nearest},
    data_folder::DataFolder,
};

pub(super) async fn run(asked: Explain, config: &Config) -> Result<()> {
    let (table, _) = app::routes().describe()?;
    let row = row(&table, asked.route.as_deref().unwrap_or_default())?;
    let services = Services::open(config, &DataFolder::existing(&config.server.data)?)?;
    let account = named(&services.accounts, asked.account.as_deref().unwrap_or_default()).await?;
    let route = format!("{} {}", row.method, row.path);
    let Some(requirement) = &row.requirement else {
        let reason = row.public.as_deref().unwrap_or_default();
        return say(format_args!("{route} is public ({reason}): anybody may call it."));
    };
    if account.status != Status::Active {
        return say(format_args!(
            "{} is disabled: whatever it calls is answered 401. `palisade account enable {}` ends that.",
            account.username, account.username
        ));
    }
    let now = services.clock.now();
    let holdings = services.accounts.holdings(&account).await?;
    let facts = RecordedFacts::of_authority(&authority(&asked, &account, &holdings, now), now);
    let answer = match requirement.verdict_of(&facts) {
        Ok(Verdict::True) => "would be allowed".to_owned(),
        Ok(Verdict::False) => "would be refused (403)".to_owned(),
        Ok(Verdict::Unknown) => "could not be decided about (503)".to_owned(),
        Err(unrecorded) => format!("may be allowed or not: {unrecorded}"),
    };
    say(format_args!("{route} by {}, {}: it {answer}.", account.username, credential(&asked)))?;
    say(requirement.explain(&facts).to_string().trim_end())
}

/// What the account may do with the credential that is asked about, as the routes would find it.
fn authority(asked: &Explain, account: &Account, holdings: &Holdings, now: Timestamp) -> Authority {
    let id = account.id.to_string();
    let authority = match &asked.scopes {
        Some(given) => holdings.narrowed(id, given),
        None if asked.delegated => holdings.narrowed(id, &holdings.issuable()),
        None => holdings.whole(id),
    };
    let age = Duration::from_secs(asked.age.unwrap_or_default());
    authority.authenticated_at(now.before(age)).factors([Factor::Password])
}

fn credential(asked: &Explain) -> String {
    let age = asked.age.unwrap_or_default();
    match &asked.scopes {
        Some(given) => format!("with a credential that was given `{given}`"),
        None if asked.delegated => "with a credential that does not act for it".to_owned(),
        None if age == 0 => "signed in just now".to_owned(),
        None => format!("signed in {age} seconds ago"),
    }
}

/// The route that `asked` means: as the table has it, or a path that it matches.
fn row<'t>(table: &'t AccessTable, asked: &str) -> Result<&'t Row> {
    let (method, path) = asked.trim().split_once(' ').unwrap_or(("GET", asked.trim()));
    let (method, path) = (method.to_ascii_uppercase(), path.trim());
    let by_method = |row: &&Row| row.method == method || row.method == "*";
    let exactly = || table.rows().iter().filter(by_method).find(|row| row.path == path);
    // What stands in a path comes before what a parameter takes.
    let matching = || {
        let rows = table.rows().iter().filter(by_method).filter(|row| matches(&row.path, path));
        rows.min_by_key(|row| row.path.matches('{').count() + 9 * row.path.matches("{*").count())
    };
    let unmatched = |row: &&Row| !row.path.ends_with("{*unmatched}");
    exactly().or_else(matching).filter(unmatched).ok_or_else(|| no_such_route(table, &method, path))
}

fn matches(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(rest), Some(_)) if rest.starts_with("{*") => return true,
            (Some(known), Some(part)) if known == part || (known.starts_with('{') && !part.is_empty()) => {}
            _ => return false,
        }
    }
}

fn no_such_route(table: &AccessTable, method: &str, path: &str) -> anyhow::Error {
    let asked = format!("{method} {path}");
    let known: Vec<String> = table.rows().iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    let of_this_path: Vec<&str> =
        table.rows().iter().filter(|row| row.path == path).map(|row| row.method.as_str()).collect();
    match nearest(&asked, known.iter().map(String::as_str)) {
        _ if !of_this_path.is_empty() => {
            anyhow!("there is no route `{asked}`: this path has {}", of_this_path.join(", "))
        }
        Some(nearest) => anyhow!("there is no route `{asked}`: did you mean `{nearest}`?"),
        None => anyhow!("there is no route `{asked}`: `palisade routes` lists all there are"),
    }
}
