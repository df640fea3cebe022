//! Accounts and passwords.

use palisade::clock::Timestamp;

use super::{NOW, TestStore, both, entry, hash, id, insert, new};
use crate::{
    account::{Account, AccountId, Kind, Status},
    audit::Action,
    role::{Role, Roles},
    store::{AccountChange, PageSize, Rehash, SharedStore, StoreError},
};

/// What is written reads back the same, by id and by name, and the hash beside it.
pub async fn an_account_reads_back_as_it_was_written(TestStore { store, keep: _keep, .. }: TestStore) {
    let mut written = new(1, "ada", Roles::new([Role::User, Role::Editor]).unwrap());
    written.account.generation = u64::from(u32::MAX);
    store.insert_account(written.clone(), entry(Action::SignedUp, 1)).await.unwrap();

    assert_eq!(store.account(id(1)).await.unwrap().as_ref(), Some(&written.account));
    let name = "ADA".parse().unwrap();
    assert_eq!(store.account_named(&name).await.unwrap().as_ref(), Some(&written.account));
    let record = store.sign_in_record(&name).await.unwrap().unwrap();
    assert_eq!((record.account, record.password), (written.account, hash(1)));
    assert_eq!(store.password_hash(id(1)).await.unwrap(), Some(hash(1)));
}

/// Once acknowledged, a write is there for whoever else has the store open.
pub async fn an_acknowledged_write_is_seen_beside(TestStore { store, beside, keep: _keep }: TestStore) {
    for n in 1..=20 {
        insert(&store, n, &format!("user{n}"), Role::User).await;
        assert!(beside.account(id(n)).await.unwrap().is_some());
    }
}

/// Who is not there is `None`, not an error.
pub async fn an_unknown_account_is_nobody(TestStore { store, keep: _keep, .. }: TestStore) {
    let name = "nobody".parse().unwrap();
    assert_eq!(store.account(id(1)).await.unwrap(), None);
    assert_eq!(store.account_named(&name).await.unwrap(), None);
    assert!(store.sign_in_record(&name).await.unwrap().is_none());
    assert_eq!(store.password_hash(id(1)).await.unwrap(), None);
    assert_eq!(store.active_admins().await.unwrap(), 0);
}

/// Neither when it is made nor later: whoever tried to sign in to it would be checked against nothing.
pub async fn a_service_has_no_password_and_gets_none(TestStore { store, keep: _keep, .. }: TestStore) {
    let mut made = new(1, "ci", Role::Editor);
    (made.account.kind, made.password) = (Kind::Service, None);
    store.insert_account(made.clone(), entry(Action::AccountCreated, 1)).await.unwrap();
    assert_eq!(store.account(id(1)).await.unwrap().as_ref(), Some(&made.account));
    assert_eq!(store.password_hash(id(1)).await.unwrap(), None);
    assert!(store.sign_in_record(&"ci".parse().unwrap()).await.unwrap().is_none());

    let set = AccountChange::Password { new: hash(1), replacing: None, keeping: None };
    let refused = store.change_account(id(1), set, entry(Action::PasswordSet, 1)).await;
    assert_eq!(refused, Err(StoreError::Stale));
    assert_eq!(store.password_hash(id(1)).await.unwrap(), None);
    let end = AccountChange::EndTokens;
    let ended = store.change_account(id(1), end, entry(Action::SignedOutEverywhere, 1)).await.unwrap();
    assert_eq!((ended.generation, ended.kind), (1, Kind::Service));
}

/// Two sign-ups for one name, from two processes at once: exactly one wins, in every round.
pub async fn attack_two_sign_up_as_one_at_once(made: TestStore) {
    race_for_names(made, |n| (format!("user{n}"), format!("user{n}"))).await;
}

/// The same with names that differ by case and width only.
pub async fn attack_two_sign_up_by_case_and_width_at_once(made: TestStore) {
    race_for_names(made, |n| (format!("ÅSE{n}"), format!("a\u{30a}\u{ff53}e{n}"))).await;
}

async fn race_for_names(made: TestStore, names: impl Fn(u64) -> (String, String)) {
    let TestStore { store, beside, keep: _keep } = made;
    for n in 0..10 {
        let (one, other) = names(n);
        let (first, second) = (2 * n + 1, 2 * n + 2);
        let outcomes = both(
            store.insert_account(new(first, &one, Role::User), entry(Action::SignedUp, first)),
            beside.insert_account(new(second, &other, Role::User), entry(Action::SignedUp, second)),
        )
        .await;
        let winner = match outcomes {
            (Ok(()), Err(StoreError::UsernameTaken)) => first,
            (Err(StoreError::UsernameTaken), Ok(())) => second,
            neither => panic!("exactly one must win: {neither:?}"),
        };
        let name = one.parse().unwrap();
        assert_eq!(store.account_named(&name).await.unwrap().unwrap().id, id(winner));
    }
}

/// Nobody can block an address by naming it.
pub async fn an_address_may_be_named_twice(TestStore { store, keep: _keep, .. }: TestStore) {
    insert(&store, 1, "ada", Role::User).await;
    insert(&store, 2, "eve", Role::User).await;
    let accounts = store.accounts(None, PageSize::LARGEST).await.unwrap();
    assert_eq!(accounts[0].email, accounts[1].email);
}

/// Neither account, nor hash, nor audit entry.
pub async fn a_refused_sign_up_leaves_nothing_behind(TestStore { store, keep: _keep, .. }: TestStore) {
    insert(&store, 1, "ada", Role::User).await;
    let refused = store.insert_account(new(2, "ada", Role::User), entry(Action::SignedUp, 2)).await;
    assert_eq!(refused, Err(StoreError::UsernameTaken));
    assert_eq!(store.account(id(2)).await.unwrap(), None);
    assert_eq!(store.password_hash(id(2)).await.unwrap(), None);
    let trail = store.audit(crate::audit::Trail::Changes, None, PageSize::LARGEST).await.unwrap();
    assert_eq!(trail.len(), 1);
}

/// Writes that are committed together are each acknowledged for themselves; a failing one takes nobody along.
pub async fn many_writes_at_once_are_all_acknowledged_and_all_there(made: TestStore) {
    let TestStore { store, beside, keep: _keep } = made;
    let writes: Vec<_> = (1..=300)
        .map(|n| {
            // Every third takes the name of the one before it.
            let name = format!("user{}", if n % 3 == 0 { n - 1 } else { n });
            (n, store.insert_account(new(n, &name, Role::User), entry(Action::SignedUp, n)))
        })
        .collect();
    for (n, write) in writes {
        let expected = if n % 3 == 0 { Err(StoreError::UsernameTaken) } else { Ok(()) };
        assert_eq!(write.await, expected, "{n}");
        assert_eq!(beside.account(id(n)).await.unwrap().is_some(), n % 3 != 0, "{n}");
    }
}

/// Who gives the answer up has still written.
pub async fn a_dropped_future_does_not_take_the_write_back(TestStore { store, keep: _keep, .. }: TestStore) {
    let mut write = store.insert_account(new(1, "ada", Role::User), entry(Action::SignedUp, 1));
    // Polled once, as the contract allows an engine to begin there.
    std::future::poll_fn(|context| {
        let _begun = write.as_mut().poll(context);
        std::task::Poll::Ready(())
    })
    .await;
    drop(write);
    // A later write is acknowledged after it.
    insert(&store, 2, "eve", Role::User).await;
    assert!(store.account(id(1)).await.unwrap().is_some());
}

/// Each change changes what it names, and when, and nothing else.
pub async fn a_change_answers_what_the_account_is_now(TestStore { store, beside, keep: _keep }: TestStore) {
    let ada = insert(&store, 1, "ada", Role::User).await;
    let before = store.account(ada).await.unwrap().unwrap();
    let mut audit = entry(Action::ProfileChanged, 1);
    audit.at = Timestamp::from_unix(NOW.as_unix() + 60);

    let email: crate::email::Email = "ada@example.net".parse().unwrap();
    let to = |verified| AccountChange::Email { address: email.clone(), verified, generation: None };
    let verified = store.change_account(ada, to(true), audit.clone()).await.unwrap();
    let email_verified_at = Some(audit.at);
    let expected = Account { email: email.clone(), email_verified_at, updated_at: audit.at, ..before };
    assert_eq!(verified, expected);
    let after = store.change_account(ada, to(false), audit.clone()).await.unwrap();
    assert_eq!(after, Account { email_verified_at: None, ..expected });
    assert_eq!(beside.account(ada).await.unwrap(), Some(after.clone()));

    let roles = Roles::new([Role::User, Role::Admin]).unwrap();
    let promoted = store.change_account(ada, AccountChange::Roles(roles), audit.clone()).await.unwrap();
    assert_eq!(promoted, Account { roles, ..after.clone() });

    let ended = store.change_account(ada, AccountChange::EndTokens, audit).await.unwrap();
    assert_eq!(ended.generation, after.generation + 1);
}

/// Whoever asked has been signed out since.
pub async fn attack_an_address_asked_for_in_a_former_generation(made: TestStore) {
    let TestStore { store, keep: _keep, .. } = made;
    let ada = insert(&store, 1, "ada", Role::User).await;
    let change = |generation| AccountChange::Email {
        address: "ada@example.net".parse().unwrap(),
        verified: false,
        generation: Some(generation),
    };
    let after = store
        .change_account(ada, AccountChange::EndTokens, entry(Action::SignedOutEverywhere, 1))
        .await
        .unwrap();
    let refused =
        store.change_account(ada, change(after.generation - 1), entry(Action::ProfileChanged, 1)).await;
    assert_eq!(refused, Err(StoreError::Stale));
    assert_eq!(store.account(ada).await.unwrap(), Some(after.clone()));
    let changed = store.change_account(ada, change(after.generation), entry(Action::ProfileChanged, 1)).await;
    assert!(changed.is_ok());
}

/// No moment exists at which the new password is valid beside tokens of the old one.
pub async fn a_password_and_the_generation_change_in_one(
    TestStore { store, beside, keep: _keep }: TestStore,
) {
    let ada = insert(&store, 1, "ada", Role::User).await;
    for n in 2..20 {
        let change = AccountChange::Password { new: hash(n), replacing: Some(hash(n - 1)), keeping: None };
        let write = tokio::spawn(store.change_account(ada, change, entry(Action::PasswordChanged, 1)));
        let name = "ada".parse().unwrap();
        let seen = beside.sign_in_record(&name).await.unwrap().unwrap();
        assert_eq!(seen.password, hash(1 + u8::try_from(seen.account.generation).unwrap()));
        assert_eq!(write.await.unwrap().unwrap().generation, u64::from(n - 1));
    }
}

/// Somebody who proved the old password does not undo what an operator set meanwhile.
pub async fn a_password_replaced_meanwhile_is_not_replaced_again(made: TestStore) {
    let TestStore { store, keep: _keep, .. } = made;
    let ada = insert(&store, 1, "ada", Role::User).await;
    let by_operator = AccountChange::Password { new: hash(2), replacing: None, keeping: None };
    store.change_account(ada, by_operator, entry(Action::PasswordSet, 1)).await.unwrap();
    let by_thief = AccountChange::Password { new: hash(3), replacing: Some(hash(1)), keeping: None };
    let refused = store.change_account(ada, by_thief, entry(Action::PasswordChanged, 1)).await;
    assert_eq!(refused, Err(StoreError::Stale));
    assert_eq!(store.password_hash(ada).await.unwrap(), Some(hash(2)));
    assert_eq!(store.account(ada).await.unwrap().unwrap().generation, 1);
}

/// Tokens from before do not come back to life when the account does.
pub async fn disabling_raises_the_generation_and_enabling_does_not(made: TestStore) {
    let TestStore { store, keep: _keep, .. } = made;
    let ada = insert(&store, 1, "ada", Role::User).await;
    let disabled = set_status(&store, ada, Status::Disabled).await.unwrap();
    assert_eq!((disabled.status, disabled.generation), (Status::Disabled, 1));
    let enabled = set_status(&store, ada, Status::Active).await.unwrap();
    assert_eq!((enabled.status, enabled.generation), (Status::Active, 1));
}

/// The same password keeps its tokens, and a password changed meanwhile is not set back.
pub async fn a_rehash_leaves_the_generation_and_loses_against_a_new_password(made: TestStore) {
    let TestStore { store, keep: _keep, .. } = made;
    let ada = insert(&store, 1, "ada", Role::User).await;
    let rehash = |old, new| Rehash { id: ada, old: hash(old), new: hash(new) };
    assert_eq!(store.rehash(rehash(1, 2)).await, Ok(true));
    assert_eq!(store.rehash(rehash(1, 3)).await, Ok(false));
    assert_eq!(store.password_hash(ada).await.unwrap(), Some(hash(2)));
    assert_eq!(store.account(ada).await.unwrap().unwrap().generation, 0);
    let unknown = Rehash { id: id(9), ..rehash(1, 2) };
    assert_eq!(store.rehash(unknown).await, Ok(false));
}

/// Every kind of change.
pub async fn changing_an_unknown_account_is_refused(TestStore { store, keep: _keep, .. }: TestStore) {
    for change in [
        AccountChange::Email {
            address: "ada@example.org".parse().unwrap(),
            verified: true,
            generation: None,
        },
        AccountChange::Status(Status::Disabled),
        AccountChange::Roles(Role::Admin.into()),
        AccountChange::Password { new: hash(1), replacing: None, keeping: None },
        AccountChange::EndTokens,
    ] {
        let refused = store.change_account(id(1), change, entry(Action::ProfileChanged, 1)).await;
        assert_eq!(refused, Err(StoreError::NotFound));
    }
    assert!(store.audit(crate::audit::Trail::Changes, None, PageSize::LARGEST).await.unwrap().is_empty());
}

/// Neither demoted nor disabled, and still able to do everything else.
pub async fn the_last_active_admin_stays(TestStore { store, keep: _keep, .. }: TestStore) {
    let admin = insert(&store, 1, "admin", Role::Admin).await;
    insert(&store, 2, "ada", Role::Editor).await;
    assert_eq!(set_status(&store, admin, Status::Disabled).await, Err(StoreError::LastAdmin));
    assert_eq!(set_roles(&store, admin, Role::Editor).await, Err(StoreError::LastAdmin));
    let account = store.account(admin).await.unwrap().unwrap();
    assert!(account.is_active() && account.roles.include(Role::Admin));
    assert_eq!(account.generation, 0);

    insert(&store, 3, "second", Role::Admin).await;
    assert!(set_roles(&store, admin, Role::User).await.is_ok());
    assert_eq!(store.active_admins().await.unwrap(), 1);
}

/// Two admins demote and disable each other from two processes at once: one of them is still admin afterwards.
pub async fn attack_last_admin_removed_by_two_at_once(TestStore { store, beside, keep: _keep }: TestStore) {
    let one = insert(&store, 1, "one", Role::Admin).await;
    let other = insert(&store, 2, "other", Role::Admin).await;
    for _ in 0..10 {
        let disable = AccountChange::Status(Status::Disabled);
        let demote = AccountChange::Roles(Role::User.into());
        let outcomes = both(
            store.change_account(one, disable, entry(Action::AccountDisabled, 1)),
            beside.change_account(other, demote, entry(Action::RolesSet, 2)),
        )
        .await;
        match outcomes {
            (Ok(_), Err(StoreError::LastAdmin)) | (Err(StoreError::LastAdmin), Ok(_)) => (),
            neither => panic!("exactly one must win: {neither:?}"),
        }
        assert_eq!(store.active_admins().await.unwrap(), 1);
        set_status(&store, one, Status::Active).await.unwrap();
        set_roles(&store, other, Role::Admin).await.unwrap();
    }
}

/// An admin who cannot sign in is nobody to rely on.
pub async fn a_disabled_admin_does_not_count(TestStore { store, keep: _keep, .. }: TestStore) {
    let one = insert(&store, 1, "one", Role::Admin).await;
    let other = insert(&store, 2, "other", Role::Admin).await;
    set_status(&store, other, Status::Disabled).await.unwrap();
    assert_eq!(set_status(&store, one, Status::Disabled).await, Err(StoreError::LastAdmin));
    // The disabled one may be demoted: nothing is lost by it.
    assert!(set_roles(&store, other, Role::User).await.is_ok());
}

/// Also while accounts come and change between two pages.
pub async fn pages_neither_repeat_nor_skip(TestStore { store, keep: _keep, .. }: TestStore) {
    for n in (10..=100).step_by(10) {
        insert(&store, n, &format!("user{n}"), Role::User).await;
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.accounts(after, PageSize::nearest(3)).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        seen.extend(page.iter().map(|account| account.id));
        if seen.len() == 3 {
            insert(&store, 5, "before", Role::User).await;
            insert(&store, 105, "behind", Role::User).await;
            set_status(&store, id(50), Status::Disabled).await.unwrap();
        }
    }
    let expected: Vec<_> = (10..=100).step_by(10).chain([105]).map(id).collect();
    assert_eq!(seen, expected);
}

/// Names are values, whatever is in them.
pub async fn unicode_names_are_kept_and_quotes_are_no_syntax(
    TestStore { store, keep: _keep, .. }: TestStore,
) {
    let names = ["日本語", "żółć", "שלום", "o'brien", "a\";drop", "%", "_", "*", "--", "null"];
    for (n, name) in (1..).zip(names) {
        insert(&store, n, name, Role::User).await;
    }
    for (n, name) in (1..).zip(names) {
        let name = name.parse().unwrap();
        assert_eq!(store.account_named(&name).await.unwrap().unwrap().id, id(n), "{name}");
    }
}

async fn set_status(store: &SharedStore, id: AccountId, status: Status) -> Result<Account, StoreError> {
    store.change_account(id, AccountChange::Status(status), entry(Action::AccountDisabled, 1)).await
}

async fn set_roles(store: &SharedStore, id: AccountId, role: Role) -> Result<Account, StoreError> {
    store.change_account(id, AccountChange::Roles(role.into()), entry(Action::RolesSet, 1)).await
}
