//! The contract of the [`store`](crate::store) traits as a test suite: an engine keeps it when all of it passes.
//!
//! A store crate writes, in a test file of its own:
//!
//! ```text
//! palisade_identity::store_contract!(make);
//!
//! async fn make() -> TestStore { .. }
//! ```
//!
//! and gets one test for each case. It needs tokio with `macros` and `rt-multi-thread` for them.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "these are tests: they panic to fail")]

pub mod accounts;
pub mod api_keys;
pub mod audit;
pub mod changes;
pub mod first_admin;
pub mod keys;
pub mod proofs;
pub mod roles;
pub mod sessions;

use std::any::Any;

use palisade::clock::Timestamp;

use crate::{
    account::{Account, AccountId},
    audit::{Action, Actor, AuditEntry},
    password::PasswordHash,
    role::{Role, Roles},
    store::{NewAccount, SharedStore},
};

/// An empty store to be tested.
#[derive(Debug)]
pub struct TestStore {
    /// The store.
    pub store: SharedStore,
    /// The same data, opened once more as another process would.
    pub beside: SharedStore,
    /// What has to live as long as the store: a folder, a server.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// Makes a test of each case of the contract; `$make` is an async function that answers an empty [`TestStore`].
#[macro_export]
macro_rules! store_contract {
    ($make:path) => {
        $crate::store_contract! { @cases $make;
            accounts: an_account_reads_back_as_it_was_written,
            accounts: an_acknowledged_write_is_seen_beside,
            accounts: an_unknown_account_is_nobody,
            accounts: a_service_has_no_password_and_gets_none,
            accounts: attack_two_sign_up_as_one_at_once,
            accounts: attack_two_sign_up_by_case_and_width_at_once,
            accounts: an_address_may_be_named_twice,
            accounts: a_refused_sign_up_leaves_nothing_behind,
            accounts: many_writes_at_once_are_all_acknowledged_and_all_there,
            accounts: a_dropped_future_does_not_take_the_write_back,
            accounts: a_change_answers_what_the_account_is_now,
            accounts: attack_an_address_asked_for_in_a_former_generation,
            accounts: a_password_and_the_generation_change_in_one,
            accounts: a_password_replaced_meanwhile_is_not_replaced_again,
            accounts: disabling_raises_the_generation_and_enabling_does_not,
            accounts: a_rehash_leaves_the_generation_and_loses_against_a_new_password,
            accounts: changing_an_unknown_account_is_refused,
            accounts: the_last_active_admin_stays,
            accounts: attack_last_admin_removed_by_two_at_once,
            accounts: a_disabled_admin_does_not_count,
            accounts: pages_neither_repeat_nor_skip,
            accounts: unicode_names_are_kept_and_quotes_are_no_syntax,
            api_keys: a_key_reads_back_as_it_was_written,
            api_keys: a_key_is_for_an_account_that_exists,
            api_keys: attack_a_key_made_after_the_session_that_asked_for_it,
            api_keys: attack_more_keys_than_there_may_be_made_at_once,
            api_keys: keys_long_dead_make_room,
            api_keys: a_key_replaced_has_its_time,
            api_keys: attack_a_key_replaced_twice_at_once,
            api_keys: nobody_touches_a_key_of_another,
            api_keys: a_removed_key_is_gone_with_its_links,
            api_keys: all_keys_of_one_account_are_removed,
            api_keys: links_are_revoked_once_and_up_to_a_bound,
            api_keys: what_decides_about_a_request_is_told_to_caches,
            api_keys: a_use_is_written_down_and_no_change,
            audit: a_change_and_its_entry_are_one,
            audit: entries_read_newest_first_in_pages,
            audit: sign_ins_do_not_push_changes_out,
            changes: nothing_has_changed_in_an_empty_store,
            changes: a_change_beside_is_noticed,
            changes: what_no_cache_holds_is_no_change,
            changes: too_much_to_tell_is_said,
            changes: a_version_from_nowhere_means_forget_everything,
            first_admin: the_secret_makes_one_admin,
            first_admin: attack_first_admin_claimed_twice_at_once,
            first_admin: a_wrong_secret_is_refused_and_costs_nothing,
            first_admin: an_offer_stands_for_24_hours,
            first_admin: any_admin_voids_the_offer_for_good,
            first_admin: a_taken_username_leaves_the_offer,
            first_admin: a_new_offer_replaces_the_old_one,
            keys: a_rotation_keeps_the_old_key_for_a_while,
            keys: attack_two_rotate_at_once,
            keys: a_key_removed_is_gone_at_once,
            keys: keys_that_are_accepted_no_longer_are_removed,
            proofs: a_proof_and_its_account_read_back_while_it_stands,
            proofs: a_proof_dies_with_the_password_the_address_and_the_account,
            proofs: a_proven_address_is_found_in_any_case_and_an_unproven_one_never,
            proofs: attack_two_prove_one_address,
            proofs: attack_an_address_set_as_proven_that_is_another_accounts,
            proofs: attack_a_proof_redeemed_twice_at_once,
            proofs: attack_a_proof_for_another_deed,
            proofs: a_reset_ends_tokens_and_keys_and_what_else_was_mailed,
            proofs: another_address_is_taken_over_when_it_is_proven,
            proofs: the_newest_of_an_account_are_kept_and_what_has_expired_is_not,
            proofs: a_deed_that_is_refused_leaves_the_proof,
            proofs: what_is_redeemed_is_noticed_beside,
            roles: a_role_reads_back_as_it_was_written,
            roles: roles_that_do_not_go_together_are_refused,
            roles: attack_two_close_a_circle_at_once,
            roles: a_role_that_is_needed_is_not_removed,
            roles: what_was_added_to_a_built_in_role_can_be_removed,
            roles: attack_a_role_given_while_it_is_removed,
            roles: what_an_account_was_given_reads_back,
            roles: what_cannot_be_held_is_refused,
            roles: attack_more_tenants_than_there_may_be_at_once,
            roles: members_are_listed_in_pages,
            roles: changed_roles_and_grants_are_told_to_caches,
            sessions: a_session_reads_back_as_it_was_written,
            sessions: an_unknown_session_is_none,
            sessions: a_session_of_no_account_is_refused,
            sessions: the_oldest_sessions_make_room,
            sessions: sessions_are_listed_newest_first,
            sessions: attack_the_session_of_another_account_is_ended,
            sessions: ending_all_sessions_keeps_the_one_named,
            sessions: a_raised_generation_removes_the_sessions_but_the_kept_one,
            sessions: a_rotation_changes_the_secret_and_keeps_the_former,
            sessions: attack_two_rotate_a_session_at_once,
            sessions: when_a_session_was_seen_only_grows_and_is_no_change,
            sessions: expired_sessions_are_removed_a_few_at_a_time,
            sessions: a_session_changed_beside_is_noticed,
        }
    };
    (@cases $make:path; $($module:ident: $case:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                $crate::contract::$module::$case($make().await).await;
            }
        )*
    };
}

/// When the suite takes place.
pub(crate) const NOW: Timestamp = Timestamp::from_unix(1_700_000_000);

fn id(n: u64) -> AccountId {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&n.to_be_bytes());
    AccountId::from_uuid(uuid::Builder::from_unix_timestamp_millis(n, &random).into_uuid()).unwrap()
}

/// A hash in the stored form; which password it is of matters to nobody here.
fn hash(n: u8) -> PasswordHash {
    let salt = char::from(b'A' + n % 26).to_string().repeat(22 - 1) + "A";
    format!("$argon2id$v=19$m=19456,t=2,p=1${salt}${}A", "B".repeat(42)).parse().unwrap()
}

fn new(n: u64, username: &str, roles: impl Into<Roles>) -> NewAccount {
    let email = "somebody@example.org".parse().unwrap();
    let account = Account::new(id(n), username.parse().unwrap(), email, roles.into(), NOW);
    NewAccount { account, password: Some(hash(1)) }
}

fn entry(action: Action, n: u64) -> AuditEntry {
    AuditEntry::new(NOW, Actor::Operator, action, id(n))
}

async fn insert(store: &SharedStore, n: u64, username: &str, role: Role) -> AccountId {
    store.insert_account(new(n, username, role), entry(Action::AccountCreated, n)).await.unwrap();
    id(n)
}

/// Awaits both at once, in two tasks.
async fn both<A: Send + 'static, B: Send + 'static>(
    one: impl Future<Output = A> + Send + 'static,
    other: impl Future<Output = B> + Send + 'static,
) -> (A, B) {
    let (one, other) = (tokio::spawn(one), tokio::spawn(other));
    (one.await.unwrap(), other.await.unwrap())
}
