//! An acknowledged write survives the death of the process that wrote it.
//!
//! The test starts its own binary once more, which writes and tells what has been acknowledged, and kills it.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
};

use palisade::clock::Timestamp;
use palisade_identity::{
    audit::{Action, Actor, AuditEntry, Trail},
    store::{AuditStore as _, PageSize},
};
use palisade_store_sqlite::SqliteStore;

/// Set in the process that is to be killed: where its store is.
const VICTIM: &str = "PALISADE_TEST_VICTIM_STORE";

#[tokio::test]
async fn acknowledged_writes_survive_a_killed_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "victim", "--nocapture"])
        .env(VICTIM, &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let told = BufReader::new(victim.stdout.take().unwrap());
    // Killed in the midst of its writing; what it had told until then may still be in the pipe.
    let mut acknowledged = Vec::new();
    for line in told.lines().map_while(Result::ok) {
        acknowledged.extend(line.strip_prefix("acknowledged ").map(str::to_owned));
        if acknowledged.len() == 50 {
            victim.kill().unwrap();
        }
    }
    victim.wait().unwrap();
    assert!(acknowledged.len() >= 50);

    let store = SqliteStore::open(&path).unwrap();
    let (mut kept, mut before) = (Vec::new(), None);
    loop {
        let page = store.audit(Trail::Changes, before, PageSize::LARGEST).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.number);
        kept.extend(page.into_iter().map(|row| row.entry.target));
    }
    kept.reverse();
    // At most the groups that were under way are there beyond what was told.
    assert_eq!(kept[..acknowledged.len()], acknowledged);
}

/// Not a test: what the killed process does.
#[tokio::test]
async fn victim() {
    let Some(path) = std::env::var_os(VICTIM) else { return };
    let store = SqliteStore::open(path).unwrap();
    for n in 0_u64.. {
        let at = Timestamp::from_unix(0);
        store.record(AuditEntry::new(at, Actor::Operator, Action::AccountCreated, n)).await.unwrap();
        // Past the test harness, which would keep it.
        writeln!(std::io::stdout(), "acknowledged {n}").unwrap();
        std::io::stdout().flush().unwrap();
    }
}
