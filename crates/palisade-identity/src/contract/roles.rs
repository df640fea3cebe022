//! Stored roles, and who holds them.

use std::collections::BTreeSet;

use super::{NOW, TestStore, both, id, insert};
use crate::{
    account::AccountId,
    audit::{Action, Actor, AuditEntry, Trail},
    role::Role,
    roles::{GrantChange, Grants, HeldChange, RoleDefinition, RoleName, RoleRefused, TenantName},
    store::{Member, PageSize, SharedStore, StoreError},
};

fn name(text: &str) -> RoleName {
    text.parse().unwrap()
}

fn tenant(text: &str) -> TenantName {
    text.parse().unwrap()
}

fn names(texts: &[&str]) -> BTreeSet<RoleName> {
    texts.iter().map(|text| name(text)).collect()
}

fn role(text: &str, includes: &[&str], scopes: &str) -> RoleDefinition {
    RoleDefinition { name: name(text), includes: names(includes), scopes: scopes.parse().unwrap() }
}

fn about(action: Action) -> AuditEntry {
    AuditEntry::new(NOW, Actor::Operator, action, "somebody")
}

async fn define(store: &SharedStore, role: RoleDefinition) -> Result<(), StoreError> {
    store.define_role(role, about(Action::RoleDefined)).await
}

async fn remove(store: &SharedStore, text: &str) -> Result<(), StoreError> {
    store.remove_role(name(text), about(Action::RoleRemoved)).await
}

async fn change(
    store: &SharedStore,
    id: AccountId,
    place: Option<&str>,
    held: HeldChange,
) -> Result<Grants, StoreError> {
    let change = GrantChange { tenant: place.map(tenant), held };
    store.change_grants(id, change, about(Action::GrantsChanged)).await
}

async fn give(store: &SharedStore, id: AccountId, place: Option<&str>, roles: &[&str]) -> Grants {
    change(store, id, place, HeldChange::Exactly(names(roles))).await.unwrap()
}

async fn trail_length(store: &SharedStore) -> usize {
    store.audit(Trail::Changes, None, PageSize::LARGEST).await.unwrap().len()
}

/// By name, and replaced by the one of its name; a built-in role has what was added to it.
pub async fn a_role_reads_back_as_it_was_written(TestStore { store, beside, keep: _keep }: TestStore) {
    let bare = role("bare", &[], "");
    let many = role("auditor", &["bare", "editor"], "docs:read a!#[]~z");
    let added = role("user", &[], "docs:list");
    for role in [&bare, &many, &added] {
        define(&store, role.clone()).await.unwrap();
    }
    assert_eq!(beside.roles().await.unwrap(), [many, bare.clone(), added.clone()]);
    let replaced = role("auditor", &["user"], "docs:write");
    define(&beside, replaced.clone()).await.unwrap();
    assert_eq!(store.roles().await.unwrap(), [replaced, bare, added]);
    assert_eq!(trail_length(&store).await, 4);
}

/// Neither the role nor its entry is there.
pub async fn roles_that_do_not_go_together_are_refused(TestStore { store, keep: _keep, .. }: TestStore) {
    define(&store, role("a", &[], "")).await.unwrap();
    define(&store, role("b", &["a"], "")).await.unwrap();
    let before = store.roles().await.unwrap();
    for (refused, why) in [
        (role("c", &["nobody"], ""), RoleRefused::UnknownInclude(name("nobody"))),
        (role("a", &["b"], ""), RoleRefused::Cycle(vec![name("a"), name("b"), name("a")])),
        (role("a", &["a"], ""), RoleRefused::Cycle(vec![name("a"), name("a")])),
        (role("c", &["admin"], ""), RoleRefused::IncludesAdmin(name("c"))),
        (
            role("c", &[], "docs:read audit:read"),
            RoleRefused::Reserved(name("c"), "audit:read".parse().unwrap()),
        ),
    ] {
        assert_eq!(define(&store, refused).await, Err(StoreError::Role(why)));
    }
    assert_eq!(store.roles().await.unwrap(), before);
    assert_eq!(trail_length(&store).await, 2);
}

/// From two processes: each change alone would do, both together would be a circle.
pub async fn attack_two_close_a_circle_at_once(TestStore { store, beside, keep: _keep }: TestStore) {
    for _ in 0..10 {
        for text in ["a", "b"] {
            define(&store, role(text, &[], "")).await.unwrap();
        }
        let outcomes = both(
            store.define_role(role("a", &["b"], ""), about(Action::RoleDefined)),
            beside.define_role(role("b", &["a"], ""), about(Action::RoleDefined)),
        )
        .await;
        let circle = |outcome: &Result<(), StoreError>| {
            matches!(outcome, Err(StoreError::Role(RoleRefused::Cycle(_))))
        };
        assert!(
            (outcomes.0.is_ok() && circle(&outcomes.1)) || (outcomes.1.is_ok() && circle(&outcomes.0)),
            "{outcomes:?}"
        );
    }
}

/// And it is said who needs it.
pub async fn a_role_that_is_needed_is_not_removed(TestStore { store, keep: _keep, .. }: TestStore) {
    let ada = insert(&store, 1, "ada", Role::User).await;
    let unknown = Err(StoreError::Role(RoleRefused::NotStored(name("a"))));
    assert_eq!(remove(&store, "a").await, unknown);
    define(&store, role("a", &[], "")).await.unwrap();
    define(&store, role("b", &["a"], "")).await.unwrap();
    let included = RoleRefused::Included { role: name("a"), by: vec![name("b")] };
    assert_eq!(remove(&store, "a").await, Err(StoreError::Role(included)));

    give(&store, ada, None, &["b"]).await;
    give(&store, ada, Some("acme"), &["b"]).await;
    let held = |tenant, others| {
        let refused = RoleRefused::Held { role: name("b"), by: "ada".into(), tenant, others };
        Err(StoreError::Role(refused))
    };
    assert_eq!(remove(&store, "b").await, held(None, 1));
    give(&store, ada, None, &[]).await;
    assert_eq!(remove(&store, "b").await, held(Some(tenant("acme")), 0));
    give(&store, ada, Some("acme"), &[]).await;
    for text in ["b", "a"] {
        remove(&store, text).await.unwrap();
    }
    assert_eq!(store.roles().await.unwrap(), []);
    assert_eq!(remove(&store, "a").await, unknown);
}

/// The built-in role stays, and whoever holds it keeps it.
pub async fn what_was_added_to_a_built_in_role_can_be_removed(made: TestStore) {
    let TestStore { store, keep: _keep, .. } = made;
    let ada = insert(&store, 1, "ada", Role::User).await;
    define(&store, role("user", &[], "docs:list")).await.unwrap();
    define(&store, role("reader", &["user"], "")).await.unwrap();
    give(&store, ada, Some("acme"), &["user"]).await;
    remove(&store, "user").await.unwrap();
    assert_eq!(store.grants(ada).await.unwrap().tenants[&tenant("acme")], names(&["user"]));
}

/// From two processes: nobody holds what is not there.
pub async fn attack_a_role_given_while_it_is_removed(TestStore { store, beside, keep: _keep }: TestStore) {
    let ada = insert(&store, 1, "ada", Role::User).await;
    for n in 0..10 {
        define(&store, role("a", &[], "")).await.unwrap();
        let change = GrantChange {
            tenant: (n % 2 == 0).then(|| tenant("acme")),
            held: HeldChange::With(names(&["a"])),
        };
        let outcomes = both(
            store.change_grants(ada, change.clone(), about(Action::GrantsChanged)),
            beside.remove_role(name("a"), about(Action::RoleRemoved)),
        )
        .await;
        match outcomes {
            (Ok(_), Err(StoreError::Role(RoleRefused::Held { .. }))) => {
                let held = HeldChange::Without(names(&["a"]));
                let back = GrantChange { held, ..change };
                store.change_grants(ada, back, about(Action::GrantsChanged)).await.unwrap();
            }
            (Err(StoreError::Role(RoleRefused::UnknownRole(_))), Ok(())) => {}
            neither => panic!("exactly one must win: {neither:?}"),
        }
    }
}

/// Everywhere and in tenants, each way of changing it.
pub async fn what_an_account_was_given_reads_back(TestStore { store, beside, keep: _keep }: TestStore) {
    let (ada, eve) = (insert(&store, 1, "ada", Role::User).await, insert(&store, 2, "eve", Role::User).await);
    for text in ["a", "b", "c"] {
        define(&store, role(text, &[], "")).await.unwrap();
    }
    give(&store, ada, None, &["a", "b"]).await;
    give(&store, ada, Some("acme"), &["admin", "c"]).await;
    let given = give(&store, ada, Some("plain"), &[]).await;
    let tenants = [(tenant("acme"), names(&["admin", "c"])), (tenant("plain"), names(&[]))].into();
    assert_eq!(given, Grants { everywhere: names(&["a", "b"]), tenants });
    assert_eq!(beside.grants(ada).await.unwrap(), given);
    assert_eq!(store.grants(eve).await.unwrap(), Grants::default());
    assert_eq!(store.grants(id(9)).await.unwrap(), Grants::default());

    change(&store, ada, None, HeldChange::With(names(&["c"]))).await.unwrap();
    change(&store, ada, None, HeldChange::Without(names(&["a", "never"]))).await.unwrap();
    change(&store, ada, Some("acme"), HeldChange::Without(names(&["admin"]))).await.unwrap();
    let left = change(&store, ada, Some("plain"), HeldChange::Nothing).await.unwrap();
    let tenants = [(tenant("acme"), names(&["c"]))].into();
    assert_eq!(left, Grants { everywhere: names(&["b", "c"]), tenants });
    assert_eq!(store.grants(ada).await.unwrap(), left);
    change(&store, ada, Some("acme"), HeldChange::Nothing).await.unwrap();
    assert_eq!(change(&store, ada, None, HeldChange::Nothing).await.unwrap(), Grants::default());
}

/// Nothing is changed, and nothing stands in the trail.
pub async fn what_cannot_be_held_is_refused(TestStore { store, keep: _keep, .. }: TestStore) {
    let ada = insert(&store, 1, "ada", Role::User).await;
    define(&store, role("a", &[], "")).await.unwrap();
    define(&store, role("user", &[], "docs:list")).await.unwrap();
    let before = trail_length(&store).await;
    let exactly = |roles: &[&str]| HeldChange::Exactly(names(roles));
    assert_eq!(change(&store, id(9), None, exactly(&["a"])).await, Err(StoreError::NotFound));
    for (place, held, why) in [
        (None, exactly(&["a", "b"]), RoleRefused::UnknownRole(name("b"))),
        (Some("acme"), HeldChange::With(names(&["b"])), RoleRefused::UnknownRole(name("b"))),
        (None, exactly(&["user"]), RoleRefused::BuiltInEverywhere(Role::User)),
        (Some("acme"), HeldChange::Nothing, RoleRefused::NotAMember(tenant("acme"))),
        (Some("acme"), HeldChange::Without(names(&["a"])), RoleRefused::NotAMember(tenant("acme"))),
    ] {
        assert_eq!(change(&store, ada, place, held).await, Err(StoreError::Role(why)));
    }
    assert_eq!(store.grants(ada).await.unwrap(), Grants::default());
    assert_eq!(trail_length(&store).await, before);
}

/// Two processes give the last place: one of them is told.
pub async fn attack_more_tenants_than_there_may_be_at_once(made: TestStore) {
    let TestStore { store, beside, keep: _keep } = made;
    let ada = insert(&store, 1, "ada", Role::User).await;
    for n in 1..Grants::MOST_TENANTS {
        give(&store, ada, Some(&format!("t{n}")), &[]).await;
    }
    let join =
        |text: &str| GrantChange { tenant: Some(tenant(text)), held: HeldChange::Exactly(BTreeSet::new()) };
    let outcomes = both(
        store.change_grants(ada, join("one"), about(Action::MembershipChanged)),
        beside.change_grants(ada, join("other"), about(Action::MembershipChanged)),
    )
    .await;
    let full = StoreError::Role(RoleRefused::TooManyTenants);
    match outcomes {
        (Ok(_), Err(error)) | (Err(error), Ok(_)) => assert_eq!(error, full),
        neither => panic!("exactly one must win: {neither:?}"),
    }
    assert_eq!(store.grants(ada).await.unwrap().tenants.len(), Grants::MOST_TENANTS);
}

/// Those of one tenant, in the order of their ids, with what they hold there.
pub async fn members_are_listed_in_pages(TestStore { store, keep: _keep, .. }: TestStore) {
    define(&store, role("a", &[], "")).await.unwrap();
    for n in 1..=5 {
        let account = insert(&store, n, &format!("user{n}"), Role::User).await;
        give(&store, account, Some("acme"), if n % 2 == 0 { &["user", "a"] } else { &[] }).await;
        give(&store, account, Some("other"), &["editor"]).await;
    }
    change(&store, id(3), Some("acme"), HeldChange::Nothing).await.unwrap();
    let page = async |after| store.members(tenant("acme"), after, PageSize::nearest(2)).await.unwrap();
    let member = |n: u64, roles: &[&str]| Member {
        id: id(n),
        username: format!("user{n}").parse().unwrap(),
        roles: names(roles).into_iter().collect(),
    };
    assert_eq!(page(None).await, [member(1, &[]), member(2, &["a", "user"])]);
    assert_eq!(page(Some(id(2))).await, [member(4, &["a", "user"]), member(5, &[])]);
    assert_eq!(page(Some(id(5))).await, []);
    assert_eq!(store.members(tenant("none"), None, PageSize::LARGEST).await.unwrap(), []);
}

/// A changed role concerns all, a changed grant its account.
pub async fn changed_roles_and_grants_are_told_to_caches(
    TestStore { store, beside, keep: _keep }: TestStore,
) {
    let ada = insert(&store, 1, "ada", Role::User).await;
    let mut version = store.version().unwrap();
    let mut told = || {
        let changed = store.changed_since(version).unwrap();
        assert!(changed.version > version && !changed.keys);
        version = changed.version;
        (changed.roles, changed.records.unwrap().accounts)
    };
    define(&beside, role("a", &[], "")).await.unwrap();
    assert_eq!(told(), (true, vec![]));
    define(&beside, role("a", &[], "docs:read")).await.unwrap();
    assert_eq!(told(), (true, vec![]));
    for (place, held) in [
        (None, HeldChange::Exactly(names(&["a"]))),
        (None, HeldChange::Nothing),
        (Some("acme"), HeldChange::Exactly(names(&[]))),
        (Some("acme"), HeldChange::With(names(&["a"]))),
        (Some("acme"), HeldChange::Without(names(&["a"]))),
        (Some("acme"), HeldChange::Nothing),
    ] {
        change(&beside, ada, place, held).await.unwrap();
        let (roles, accounts) = told();
        assert!(!roles && !accounts.is_empty() && accounts.iter().all(|told| *told == ada));
    }
    remove(&beside, "a").await.unwrap();
    assert_eq!(told(), (true, vec![]));
}
