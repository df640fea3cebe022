//! The audit trail.

use serde_json::json;

use super::{NOW, TestStore, entry, id, insert, new};
use crate::{
    account::Status,
    audit::{Action, Actor, AuditEntry, Trail},
    role::Role,
    store::{AccountChange, PageSize, StoreError},
};

/// A change leaves its entry, a refused one none.
pub async fn a_change_and_its_entry_are_one(TestStore { store, beside, keep: _keep }: TestStore) {
    let detail = json!({ "roles": ["admin"], "note": "a \"quoted\" \u{0} text" });
    let created = entry(Action::AccountCreated, 1).with_detail(detail);
    store.insert_account(new(1, "admin", Role::Admin), created.clone()).await.unwrap();
    let disable = AccountChange::Status(Status::Disabled);
    let refused = store.change_account(id(1), disable, entry(Action::AccountDisabled, 1)).await;
    assert_eq!(refused, Err(StoreError::LastAdmin));

    let trail = beside.audit(Trail::Changes, None, PageSize::LARGEST).await.unwrap();
    assert_eq!(trail.into_iter().map(|row| row.entry).collect::<Vec<_>>(), [created]);
}

/// Bounded, and going on where a page ended.
pub async fn entries_read_newest_first_in_pages(TestStore { store, keep: _keep, .. }: TestStore) {
    for n in 1..=10 {
        let by = AuditEntry::new(NOW, Actor::Account(id(n)), Action::ProfileChanged, id(n));
        store.record(by).await.unwrap();
    }
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = store.audit(Trail::Changes, before, PageSize::nearest(4)).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 4);
        before = Some(last.number);
        seen.extend(page.into_iter().map(|row| row.entry.target));
    }
    let expected: Vec<_> = (1..=10).rev().map(|n| id(n).to_string()).collect();
    assert_eq!(seen, expected);
}

/// The two trails are apart.
pub async fn sign_ins_do_not_push_changes_out(TestStore { store, keep: _keep, .. }: TestStore) {
    insert(&store, 1, "ada", Role::User).await;
    for action in [Action::SignedIn, Action::SignInRefused] {
        store.record(AuditEntry::new(NOW, Actor::Nobody, action, id(1))).await.unwrap();
    }
    let changes = store.audit(Trail::Changes, None, PageSize::LARGEST).await.unwrap();
    assert_eq!(changes.len(), 1);
    let sign_ins = store.audit(Trail::SignIns, None, PageSize::LARGEST).await.unwrap();
    assert_eq!(sign_ins[0].entry.action, Action::SignInRefused);
    assert_eq!(sign_ins[1].entry.action, Action::SignedIn);
}
