//! Making keys.

use std::time::Duration;

use palisade::{
    api_key::{ApiKeyText, PublicKey},
    clock::Timestamp,
};
use serde_json::json;

use super::{ApiKey, ApiKeySettings, ApiKeys, ApiKeysError, Issued, NewKey, Proof};
use crate::{
    account::{Account, AccountId, Kind},
    audit::{Action, Actor, AuditEntry},
    id::ApiKeyId,
    store::{NewApiKey, Replaced},
};

/// Whose a key is to be: an account as it was when it asked, or as it is, whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyOwner {
    id: AccountId,
    generation: Option<u64>,
}

impl From<&Account> for KeyOwner {
    /// For whoever asks for a key of their own: if their tokens and sessions have ended since, there is none.
    fn from(asking: &Account) -> Self {
        Self { id: asking.id, generation: Some(asking.generation) }
    }
}

impl From<AccountId> for KeyOwner {
    /// For whoever looks after the account of somebody else, as it is now.
    fn from(id: AccountId) -> Self {
        Self { id, generation: None }
    }
}

impl ApiKeys {
    /// Makes a key for the account `of`, which is the actor's own or a service's.
    ///
    /// # Errors
    ///
    /// [`ApiKeysError`]: all but `Overlap`. `NotFound` says that there is no such account.
    pub async fn create(
        &self,
        actor: Actor,
        of: impl Into<KeyOwner>,
        new: NewKey,
    ) -> Result<Issued, ApiKeysError> {
        let owner = self.owner(actor, of.into()).await?;
        let held = self.0.accounts.holdings(&owner).await?.issuable();
        if !new.scopes.is_subset(&held) {
            let lacking = new.scopes.iter().filter(|scope| !held.contains(scope.as_str()));
            return Err(ApiKeysError::NotHeld(lacking.cloned().collect()));
        }
        let now = self.0.clock.now();
        let expires_at = new.expires_at.unwrap_or_else(|| now.after(self.0.settings.lifetime));
        let issued = self.draw(owner.id, NewKey { expires_at: Some(expires_at), ..new }, now)?;
        let audit = self.about(actor, Action::ApiKeyCreated, issued.key.id, &issued.key);
        self.insert(issued.key.clone(), &owner, None, audit).await?;
        Ok(issued)
    }

    /// Makes a key in the place of `id`, which works for `overlap` longer, unless it would have ended before. The new key
    /// lives as long as the old one was to, may what the old one may and its account still holds, and is proved as the old
    /// one is, or with `public_key`.
    ///
    /// # Errors
    ///
    /// [`ApiKeysError`]: all but `NotHeld` and `Expiry`.
    pub async fn rotate(
        &self,
        actor: Actor,
        of: impl Into<KeyOwner>,
        id: ApiKeyId,
        overlap: Duration,
        public_key: Option<PublicKey>,
    ) -> Result<Issued, ApiKeysError> {
        if overlap > ApiKeySettings::LONGEST_OVERLAP {
            return Err(ApiKeysError::Overlap(ApiKeySettings::LONGEST_OVERLAP));
        }
        let of = of.into();
        let old = self.find_of(of.id, id).await?;
        let owner = self.owner(actor, of).await?;
        let now = self.0.clock.now();
        let held = self.0.accounts.holdings(&owner).await?.issuable();
        let lifetime = old.expires_at.since(old.created_at).min(self.0.settings.longest_lifetime);
        let new = NewKey {
            name: old.name.clone(),
            scopes: old.scopes.intersection(&held),
            expires_at: Some(now.after(lifetime)),
            quota: old.quota,
            proof: match public_key {
                Some(own) => Proof::SigningWith(own),
                None if old.is_sender_constrained() => Proof::Signing,
                None => Proof::Presenting,
            },
        };
        let issued = self.draw(owner.id, new, now)?;
        let audit = self.about(actor, Action::ApiKeyRotated, id, &issued.key);
        let until = old.expires_at.min(now.after(overlap));
        let replacing = Some(Replaced { id, until });
        let inserted = self.insert(issued.key.clone(), &owner, replacing, audit).await;
        // Also after an error: it may have been committed although nobody could say so.
        self.0.kept.forget(id);
        inserted?;
        Ok(issued)
    }

    /// A key of the account `of` as the store has it.
    pub(super) async fn find_of(&self, of: AccountId, id: ApiKeyId) -> Result<ApiKey, ApiKeysError> {
        let found = self.0.store.api_key(id).await?;
        found.filter(|key| key.account == of).ok_or(ApiKeysError::NotFound)
    }

    /// The account `of`, if `actor` may make keys for it and it is still what it was.
    async fn owner(&self, actor: Actor, of: KeyOwner) -> Result<Account, ApiKeysError> {
        let account = self.0.store.account(of.id).await?.ok_or(ApiKeysError::NotFound)?;
        match actor {
            Actor::Operator => {}
            Actor::Account(id) if id == of.id || account.kind == Kind::Service => {}
            Actor::Account(_) | Actor::Nobody => return Err(ApiKeysError::NotYours),
        }
        match of.generation {
            Some(generation) if generation != account.generation => Err(ApiKeysError::ChangedMeanwhile),
            _ => Ok(account),
        }
    }

    /// Draws an id and, unless the holder has done so, a secret.
    fn draw(&self, account: AccountId, new: NewKey, now: Timestamp) -> Result<Issued, ApiKeysError> {
        let NewKey { name, scopes, expires_at, quota, proof } = new;
        let longest = self.0.settings.longest_lifetime;
        let expires_at = expires_at.filter(|end| now < *end && *end <= now.after(longest));
        let expires_at = expires_at.ok_or(ApiKeysError::Expiry(longest))?;
        if scopes.is_empty() {
            return Err(ApiKeysError::NoScope);
        }
        let id = ApiKeyId::draw(&*self.0.clock, &*self.0.random)?;
        let (hash, public_key, text) = match proof {
            Proof::SigningWith(own) => (None, own, None),
            Proof::Presenting | Proof::Signing => {
                let text = ApiKeyText::generate(id.into(), &*self.0.random)?;
                let hash = (proof == Proof::Presenting).then(|| self.0.hash_key.hash(&text));
                (hash, text.public_key(), Some(text))
            }
        };
        let key = ApiKey {
            id,
            account,
            name,
            scopes,
            hash,
            public_key,
            quota,
            created_at: now,
            expires_at,
            last_used_at: None,
            replaced_by: None,
            revoked_links: Vec::new(),
        };
        Ok(Issued { key, text })
    }

    async fn insert(
        &self,
        key: ApiKey,
        owner: &Account,
        replacing: Option<Replaced>,
        audit: AuditEntry,
    ) -> Result<(), ApiKeysError> {
        let dead_since = audit.at.before(ApiKeySettings::LISTED_AFTER);
        let at_most = self.0.settings.most_per_account;
        let generation = owner.generation;
        let new = NewApiKey { key, generation, replacing, at_most, dead_since };
        Ok(self.0.store.insert_api_key(new, audit).await?)
    }

    fn about(&self, actor: Actor, action: Action, target: ApiKeyId, key: &ApiKey) -> AuditEntry {
        AuditEntry::new(self.0.clock.now(), actor, action, target).with_detail(json!({
            "account": key.account,
            "key": key.id,
            "name": key.name,
            "scopes": key.scopes.to_string(),
            "expires_at": key.expires_at,
        }))
    }
}
