//! API keys: made for an account, shown once, revoked at once.
//!
//! The text of a key, keys derived from it, and signing with it are [`palisade::api_key`]'s. Here is what a server adds:
//! whose a key is and what it may ([`ApiKey`]), the making of it (`issuing.rs`), the end of it (`ending.rs`), and the
//! check of what a request carries (`acceptance.rs`).
//!
//! A key acts for its account with less: its scopes, as far as the account holds them at that moment, and where. It is
//! never a sign-in and acts in no role, so no key makes, rotates or revokes keys.
//!
//! Of a secret the store gets an HMAC under a key that is derived from the [`MasterKey`]: whoever copies the store can
//! check no guess. What a request needs is kept in memory and forgotten when it changes, also by another process.

mod acceptance;
mod chains;
mod ending;
mod error;
mod issuing;
mod kept;
mod key;
mod quota;

use std::{sync::Arc, time::Duration};

use palisade::{api_key::HashKey, clock::SharedClock, random::SharedRandom, signature::Verifier};

pub use self::{
    acceptance::Accepted,
    error::{ApiKeysError, NotAccepted},
    issuing::KeyOwner,
    key::{ApiKey, InvalidKeyName, Issued, KeyName, NewKey, Proof},
    quota::{InvalidQuota, Quota},
};
pub(crate) use self::{acceptance::is_derived, kept::KEPT};
use self::{chains::Chains, kept::KeptKeys, quota::Used};
use crate::{
    account::AccountId,
    accounts::Accounts,
    audit::{Action, Actor, AuditEntry},
    changes::Changes,
    id::ApiKeyId,
    keys::MasterKey,
    store::SharedStore,
};

/// Says what the derived key is for, so that no other purpose has the same.
const PURPOSE: &[u8] = b"palisade api keys 1";

/// The API keys of one store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ApiKeys(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: SharedStore,
    accounts: Accounts,
    clock: SharedClock,
    random: SharedRandom,
    hash_key: HashKey,
    settings: ApiKeySettings,
    kept: KeptKeys,
    chains: Chains,
    signatures: Verifier,
    used: Used,
}

/// How long keys live, and how many there may be.
#[derive(Clone, Copy, Debug)]
pub struct ApiKeySettings {
    /// How long a key lives if nothing else is asked for. By default 90 days.
    pub lifetime: Duration,
    /// How long a key may live. By default 365 days.
    pub longest_lifetime: Duration,
    /// How many keys an account may have. By default 100.
    pub most_per_account: u32,
    /// How far what is written down about a key's last use may be behind. By default five minutes: a key costs one write
    /// in that time, however often it is used.
    pub last_used_every: Duration,
}

impl ApiKeySettings {
    /// How long a key may work beside the one that replaces it: seven days.
    pub const LONGEST_OVERLAP: Duration = Duration::from_hours(7 * 24);

    /// How many links of keys derived from one key can be revoked: 1000. Then the key itself is to be revoked.
    pub const MOST_REVOKED_LINKS: u32 = 1000;

    /// How long a key is still listed after it has died, at least: 30 days.
    pub const LISTED_AFTER: Duration = Duration::from_hours(30 * 24);
}

impl Default for ApiKeySettings {
    fn default() -> Self {
        Self {
            lifetime: Duration::from_hours(90 * 24),
            longest_lifetime: Duration::from_hours(365 * 24),
            most_per_account: 100,
            last_used_every: Duration::from_mins(5),
        }
    }
}

impl ApiKeys {
    /// The keys in the store of `changes`, hashed under a key derived from `master`.
    pub fn new(
        changes: &Changes,
        accounts: Accounts,
        master: &MasterKey,
        random: SharedRandom,
        settings: ApiKeySettings,
    ) -> Self {
        Self(Arc::new(Inner {
            store: Arc::clone(changes.store()),
            clock: Arc::clone(changes.clock()),
            hash_key: HashKey::new(&master.derive(PURPOSE)),
            kept: KeptKeys::begin(changes.clone()),
            chains: Chains::new(),
            signatures: Verifier::new(Arc::clone(changes.clock())),
            used: Used::new(),
            accounts,
            random,
            settings,
        }))
    }

    /// How long keys live, and how many there may be.
    pub fn settings(&self) -> &ApiKeySettings {
        &self.0.settings
    }

    fn entry(&self, actor: Actor, action: Action, target: ApiKeyId, of: AccountId) -> AuditEntry {
        let detail = serde_json::json!({ "account": of.to_string() });
        AuditEntry::new(self.0.clock.now(), actor, action, target).with_detail(detail)
    }
}
