//! Reading the keys out of a store, and making one.

use std::sync::Arc;

use palisade::{
    clock::{SharedClock, Timestamp},
    random::SharedRandom,
    token::{Issuer, KeySet, SigningKey},
};
use serde_json::json;

use super::{Current, KeySettings, KeysError, MasterKey, SLACK, seal};
use crate::{
    audit::{Action, Actor, AuditEntry},
    store::{KeyChange, KeyRecord, Store},
};

/// What opening takes.
pub(super) struct Opening<'o> {
    pub(super) store: &'o dyn Store,
    pub(super) master: &'o MasterKey,
    pub(super) settings: &'o KeySettings,
    pub(super) clock: &'o SharedClock,
    pub(super) random: &'o SharedRandom,
}

/// Keys that have been opened.
pub(super) struct Opened {
    pub(super) current: Current,
    pub(super) accepted: KeySet,
    /// The last second in which all of `accepted` are.
    pub(super) next_end: i64,
}

impl Opening<'_> {
    /// The keys as they are in the store; one is made if none signs.
    pub(super) async fn open(&self) -> Result<Opened, KeysError> {
        let mut records = self.store.keys().await?;
        if !records.iter().any(signs) {
            match self.rotate(Actor::Operator, None).await {
                // Another process has just done the same.
                Ok(_) | Err(KeysError::ChangedMeanwhile) => records = self.store.keys().await?,
                Err(error) => return Err(error),
            }
        }
        self.take(&records)
    }

    fn take(&self, records: &[KeyRecord]) -> Result<Opened, KeysError> {
        let now = self.clock.now();
        let signing = records.iter().find(|record| signs(record)).ok_or(KeysError::ChangedMeanwhile)?;
        let key = self.unseal(signing).ok_or_else(|| KeysError::Unsealable { kid: signing.kid.clone() })?;
        let mut public = vec![key.public_jwk()];
        let old =
            records.iter().rev().filter(|record| record.accepted_until.is_some_and(|until| now <= until));
        let mut next_end = i64::MAX;
        for record in old {
            next_end = record.accepted_until.map_or(next_end, |until| next_end.min(until.as_unix()));
            match self.unseal(record) {
                // The public half comes out of the sealed one: what lies beside it could be anybody's.
                Some(key) => public.push(key.public_jwk()),
                None => tracing::error!(kid = record.kid, "an old key does not open; its tokens are refused"),
            }
        }
        let published = json!({ "keys": public }).to_string();
        let accepted = KeySet::from_json(&published).map_err(|_| KeysError::Sealing)?;
        let issuer = Issuer::new(&self.settings.issuer, key, Arc::clone(self.clock), Arc::clone(self.random));
        let current = Current { issuer: Arc::new(issuer), published: published.into() };
        Ok(Opened { current, accepted, next_end })
    }

    fn unseal(&self, record: &KeyRecord) -> Option<SigningKey> {
        let secret = seal::open(self.master, &record.kid, &record.sealed)?;
        SigningKey::from_pkcs8(&secret).ok()
    }

    /// Makes a key that signs instead of `replacing`, and answers its id.
    pub(super) async fn rotate(&self, actor: Actor, replacing: Option<String>) -> Result<String, KeysError> {
        let key = SigningKey::generate(&**self.random)?;
        let now = self.clock.now();
        let new = self.record(&key, now)?;
        let kid = new.kid.clone();
        let accept_old_until = now.after(self.settings.token_lifetime).after(SLACK);
        let audit = AuditEntry::new(now, actor, Action::KeyRotated, &kid);
        self.store.change_keys(KeyChange::Rotate { new, accept_old_until, replacing }, audit).await?;
        Ok(kid)
    }

    fn record(&self, key: &SigningKey, now: Timestamp) -> Result<KeyRecord, KeysError> {
        let secret = key.to_pkcs8().map_err(|_| KeysError::Sealing)?;
        Ok(KeyRecord {
            kid: key.key_id().to_owned(),
            algorithm: "EdDSA".to_owned(),
            sealed: seal::seal(self.master, key.key_id(), &secret, &**self.random)?,
            public_jwk: key.public_jwk().to_string(),
            created_at: now,
            active_from: now,
            accepted_until: None,
        })
    }
}

fn signs(record: &KeyRecord) -> bool {
    record.accepted_until.is_none()
}
