//! Browser sessions.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use palisade::clock::Timestamp;

use super::{NOW, TestStore, both, entry, hash, id, insert};
use crate::{
    account::Status,
    audit::{Action, AuditEntry, Trail},
    id::{AccountId, SessionId},
    role::{Role, Roles},
    roles::AuthorityMark,
    store::{
        AccountChange, ChangedRecords, FormerSecret, PageSize, Rotation, SessionRecord, SessionSecretHash,
        SharedStore, StoreError,
    },
};

/// Written and read, by id and in the list, with and without a former secret.
pub async fn a_session_reads_back_as_it_was_written(made: TestStore) {
    let TestStore { store, beside, keep: _keep } = made;
    let ada = insert(&store, 1, "ada", Role::User).await;
    let mut written = session(1, ada);
    written.generation = u64::from(u32::MAX);
    written.mark = AuthorityMark::shipped(Roles::new([Role::User, Role::Admin]).unwrap());
    written.authenticated_at = later(1);
    written.last_seen = later(2);
    written.user_agent = "Mozilla/5.0 'quoted\" 日本".into();
    written.address = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));
    written.former = Some(FormerSecret { secret: secret(9), accepted_until: later(3) });
    begin(&store, written.clone()).await;
    let plain = begin(&store, session(2, ada)).await;

    assert_eq!(beside.session(written.id).await.unwrap(), Some(written.clone()));
    let listed: Vec<_> = beside.sessions(ada).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed.contains(&written) && listed.contains(&plain));
    assert_eq!(trail(&store).await, [Action::SessionBegun, Action::SessionBegun]);
}

/// Who is not there is `None`, and cannot be changed or ended.
pub async fn an_unknown_session_is_none(TestStore { store, keep: _keep, .. }: TestStore) {
    let ada = insert(&store, 1, "ada", Role::User).await;
    let unknown = session_id(1);
    assert_eq!(store.session(unknown).await.unwrap(), None);
    assert_eq!(store.sessions(ada).await.unwrap(), []);
    let rotated = store.rotate_session(rotation(unknown, 2, None), entry(Action::SessionRotated, 1)).await;
    assert_eq!(rotated, Err(StoreError::NotFound));
    let ended = store.end_session(ada, unknown, entry(Action::SessionEnded, 1)).await;
    assert_eq!(ended, Err(StoreError::NotFound));
    assert_eq!(store.end_sessions(ada, None, entry(Action::SessionEnded, 1)).await, Ok(0));
    assert_eq!(store.sessions_seen(vec![(unknown, NOW)]).await, Ok(()));
    assert_eq!(trail(&store).await, []);
}

/// Nobody's session cannot be.
pub async fn a_session_of_no_account_is_refused(TestStore { store, keep: _keep, .. }: TestStore) {
    let nobodys = session(1, id(1));
    let refused = store.insert_session(nobodys.clone(), 50, entry(Action::SessionBegun, 1)).await;
    assert_eq!(refused, Err(StoreError::NotFound));
    assert_eq!(store.session(nobodys.id).await.unwrap(), None);
    assert_eq!(trail(&store).await, []);
}

/// The new one stays, whatever its id; those of others are not counted.
pub async fn the_oldest_sessions_make_room(TestStore { store, keep: _keep, .. }: TestStore) {
    let (ada, eve) = (insert(&store, 1, "ada", Role::User).await, insert(&store, 2, "eve", Role::User).await);
    begin(&store, session(1, eve)).await;
    for n in 2..=4 {
        begin(&store, SessionRecord { created_at: later(n.into()), ..session(n, ada) }).await;
    }
    let ended = store.insert_session(
        SessionRecord { created_at: later(9), ..session(9, ada) },
        3,
        entry(Action::SessionBegun, 1),
    );
    assert_eq!(ended.await.unwrap(), [session_id(2)]);
    // Within a second ids are in no order.
    let lowest = SessionRecord { created_at: later(9), ..session(0, ada) };
    assert_eq!(
        store.insert_session(lowest, 1, entry(Action::SessionBegun, 1)).await.unwrap().len(),
        3,
        "all but the new one"
    );
    assert_eq!(ids(&store, ada).await, [session_id(0)]);
    assert_eq!(ids(&store, eve).await, [session_id(1)]);
}

/// Those begun last come first.
pub async fn sessions_are_listed_newest_first(TestStore { store, keep: _keep, .. }: TestStore) {
    let ada = insert(&store, 1, "ada", Role::User).await;
    for (n, at) in [(1, 30), (2, 10), (3, 20)] {
        begin(&store, SessionRecord { created_at: later(at), ..session(n, ada) }).await;
    }
    assert_eq!(ids(&store, ada).await, [1, 3, 2].map(session_id));
}

/// Knowing the id of somebody's session is not enough to end it.
pub async fn attack_the_session_of_another_account_is_ended(made: TestStore) {
    let TestStore { store, keep: _keep, .. } = made;
    let (ada, eve) = (insert(&store, 1, "ada", Role::User).await, insert(&store, 2, "eve", Role::User).await);
    let session = begin(&store, session(1, ada)).await;
    let by_eve = store.end_session(eve, session.id, entry(Action::SessionEnded, 2)).await;
    assert_eq!(by_eve, Err(StoreError::NotFound));
    assert_eq!(store.end_sessions(eve, None, entry(Action::SessionEnded, 2)).await, Ok(0));
    assert!(store.session(session.id).await.unwrap().is_some());
    assert_eq!(trail(&store).await, [Action::SessionBegun]);
    store.end_session(ada, session.id, entry(Action::SessionEnded, 1)).await.unwrap();
    assert_eq!(store.session(session.id).await.unwrap(), None);
}

/// The one kept stays, and so do those of others.
pub async fn ending_all_sessions_keeps_the_one_named(made: TestStore) {
    let TestStore { store, keep: _keep, .. } = made;
    let (ada, eve) = (insert(&store, 1, "ada", Role::User).await, insert(&store, 2, "eve", Role::User).await);
    begin(&store, session(1, eve)).await;
    for n in 2..=4 {
        begin(&store, session(n, ada)).await;
    }
    let keeping = Some(session_id(3));
    assert_eq!(store.end_sessions(ada, keeping, entry(Action::SessionEnded, 1)).await, Ok(2));
    assert_eq!(ids(&store, ada).await, [session_id(3)]);
    assert_eq!(store.end_sessions(ada, None, entry(Action::SessionEnded, 1)).await, Ok(1));
    assert_eq!(ids(&store, eve).await, [session_id(1)]);
}

/// What no longer counts does not stay on the disk; by every way a generation is raised.
pub async fn a_raised_generation_removes_the_sessions_but_the_kept_one(made: TestStore) {
    let TestStore { store, keep: _keep, .. } = made;
    let (ada, eve) = (insert(&store, 1, "ada", Role::User).await, insert(&store, 2, "eve", Role::User).await);
    begin(&store, session(9, eve)).await;
    let kept = session_id(2);
    let password =
        |keeping| AccountChange::Password { new: hash(1), replacing: None, keeping: Some(keeping) };
    for (change, left) in [
        (password(kept.to_string()), vec![kept]),
        (password("a token's name".to_owned()), vec![]),
        (AccountChange::EndTokens, vec![]),
        (AccountChange::Status(Status::Disabled), vec![]),
    ] {
        for n in 1..=3 {
            begin(&store, session(n, ada)).await;
        }
        store.change_account(ada, change, entry(Action::PasswordChanged, 1)).await.unwrap();
        assert_eq!(ids(&store, ada).await, left);
        store.end_sessions(ada, None, entry(Action::SessionEnded, 1)).await.unwrap();
    }
    begin(&store, session(1, ada)).await;
    for change in [AccountChange::Status(Status::Active), AccountChange::Roles(Role::Admin.into())] {
        store.change_account(ada, change, entry(Action::RolesSet, 1)).await.unwrap();
    }
    assert_eq!(ids(&store, ada).await, [session_id(1)], "the generation stayed");
    assert_eq!(ids(&store, eve).await, [session_id(9)]);
}

/// The old secret becomes the former one, and the one before that is gone.
pub async fn a_rotation_changes_the_secret_and_keeps_the_former(made: TestStore) {
    let TestStore { store, beside, keep: _keep } = made;
    let ada = insert(&store, 1, "ada", Role::User).await;
    let before = begin(&store, session(1, ada)).await;
    let first = Rotation {
        accept_old_until: later(10),
        mark: Roles::only(Role::Admin).into(),
        ..rotation(before.id, 2, Some(secret(1)))
    };
    store.rotate_session(first, entry(Action::SessionRotated, 1)).await.unwrap();
    let former = Some(FormerSecret { secret: secret(1), accepted_until: later(10) });
    let after =
        SessionRecord { secret: secret(2), former, mark: Roles::only(Role::Admin).into(), ..before.clone() };
    assert_eq!(beside.session(before.id).await.unwrap(), Some(after.clone()));

    let second = Rotation { authenticated_at: Some(later(20)), ..rotation(before.id, 3, None) };
    let audit = AuditEntry { at: later(20), ..entry(Action::SessionRotated, 1) };
    store.rotate_session(second, audit).await.unwrap();
    let record = beside.session(before.id).await.unwrap().unwrap();
    assert_eq!((record.secret, record.authenticated_at, record.last_seen), (secret(3), later(20), later(20)));
    assert_eq!(record.former, Some(FormerSecret { secret: secret(2), accepted_until: NOW }));
}

/// Two requests at once, in two processes: one new secret.
pub async fn attack_two_rotate_a_session_at_once(TestStore { store, beside, keep: _keep }: TestStore) {
    let ada = insert(&store, 1, "ada", Role::User).await;
    let session = begin(&store, session(1, ada)).await;
    let mut now = secret(1);
    for n in (2..20).step_by(2) {
        let outcomes = both(
            store.rotate_session(rotation(session.id, n, Some(now)), entry(Action::SessionRotated, 1)),
            beside.rotate_session(rotation(session.id, n + 1, Some(now)), entry(Action::SessionRotated, 1)),
        )
        .await;
        now = match outcomes {
            (Ok(()), Err(StoreError::Stale)) => secret(n),
            (Err(StoreError::Stale), Ok(())) => secret(n + 1),
            neither => panic!("exactly one must win: {neither:?}"),
        };
        assert_eq!(store.session(session.id).await.unwrap().unwrap().secret, now);
    }
}

/// Written often, so it wakes no cache; never set back by a process that comes late.
pub async fn when_a_session_was_seen_only_grows_and_is_no_change(made: TestStore) {
    let TestStore { store, beside, keep: _keep } = made;
    let ada = insert(&store, 1, "ada", Role::User).await;
    for n in 1..=2 {
        begin(&store, session(n, ada)).await;
    }
    let before = store.version().unwrap();
    let seen = |n| beside.sessions_seen(vec![(session_id(1), later(n)), (session_id(2), later(n + 1))]);
    seen(100).await.unwrap();
    seen(50).await.unwrap();
    let last_seen = async |n| store.session(session_id(n)).await.unwrap().unwrap().last_seen;
    assert_eq!((last_seen(1).await, last_seen(2).await), (later(100), later(101)));
    assert_eq!(store.version().unwrap(), before);
}

/// By either age, and no more than asked for.
pub async fn expired_sessions_are_removed_a_few_at_a_time(made: TestStore) {
    let TestStore { store, keep: _keep, .. } = made;
    let ada = insert(&store, 1, "ada", Role::User).await;
    for n in 1..=8 {
        // The first three are not seen for long, the next three were made long ago, the last two are neither.
        let (created_at, last_seen) = match n {
            1..=3 => (later(500), later(599)),
            4..=6 => (later(99), later(9_000)),
            _ => (later(100), later(600)),
        };
        begin(&store, SessionRecord { created_at, last_seen, ..session(n, ada) }).await;
    }
    let removed = async || store.remove_sessions(later(600), later(100), 4).await.unwrap();
    assert_eq!((removed().await, removed().await, removed().await), (4, 2, 0));
    let mut left = ids(&store, ada).await;
    left.sort_unstable();
    assert_eq!(left, [7, 8].map(session_id));
}

/// A rotation and an end are; a beginning is not, since nobody has it in memory.
pub async fn a_session_changed_beside_is_noticed(TestStore { store, beside, keep: _keep }: TestStore) {
    let ada = insert(&store, 1, "ada", Role::User).await;
    let before = store.version().unwrap();
    for n in 1..=3 {
        begin(&beside, session(n, ada)).await;
    }
    assert_eq!(store.version().unwrap(), before);
    let [one, two, three] = [1, 2, 3].map(session_id);
    beside.rotate_session(rotation(one, 9, None), entry(Action::SessionRotated, 1)).await.unwrap();
    beside.end_session(ada, two, entry(Action::SessionEnded, 1)).await.unwrap();
    beside.end_sessions(ada, Some(one), entry(Action::SessionEnded, 1)).await.unwrap();
    let changed = store.changed_since(before).unwrap();
    let sessions = ChangedRecords { sessions: vec![one, two, three], ..ChangedRecords::default() };
    assert_eq!((changed.records, changed.keys), (Some(sessions), false));
    let end = AccountChange::EndTokens;
    beside.change_account(ada, end, entry(Action::SignedOutEverywhere, 1)).await.unwrap();
    let records = store.changed_since(changed.version).unwrap().records.unwrap();
    assert_eq!((records.accounts, records.sessions), (vec![ada], vec![one]));
}

fn later(seconds: i64) -> Timestamp {
    Timestamp::from_unix(NOW.as_unix() + seconds)
}

fn secret(n: u8) -> SessionSecretHash {
    SessionSecretHash::from_bytes([n; 32])
}

fn session_id(n: u8) -> SessionId {
    SessionId::from_uuid(id(n.into()).as_uuid()).unwrap()
}

fn session(n: u8, account: AccountId) -> SessionRecord {
    SessionRecord {
        id: session_id(n),
        account,
        secret: secret(n),
        former: None,
        mark: Roles::only(Role::User).into(),
        generation: 0,
        created_at: NOW,
        authenticated_at: NOW,
        last_seen: NOW,
        user_agent: "a browser".into(),
        address: IpAddr::V4(Ipv4Addr::new(203, 0, 113, n)),
    }
}

async fn begin(store: &SharedStore, session: SessionRecord) -> SessionRecord {
    let ended = store.insert_session(session.clone(), 50, entry(Action::SessionBegun, 1)).await;
    assert_eq!(ended, Ok(vec![]));
    session
}

fn rotation(id: SessionId, n: u8, replacing: Option<SessionSecretHash>) -> Rotation {
    Rotation {
        id,
        secret: secret(n),
        replacing,
        accept_old_until: NOW,
        mark: Roles::only(Role::User).into(),
        authenticated_at: None,
    }
}

async fn ids(store: &SharedStore, account: AccountId) -> Vec<SessionId> {
    store.sessions(account).await.unwrap().into_iter().map(|session| session.id).collect()
}

/// What the trail says of sessions, the newest first.
async fn trail(store: &SharedStore) -> Vec<Action> {
    let rows = store.audit(Trail::SignIns, None, PageSize::LARGEST).await.unwrap();
    rows.into_iter().map(|row| row.entry.action).collect()
}
