//! What a request carries, checked: from a text to an account and the scopes that are left.

use std::sync::Arc;

use http::request::Parts;
use palisade::{
    Authority, Rechecking,
    api_key::{ApiKeyText, DerivedKey, KeyId, Narrowed},
    clock::Timestamp,
    scope::ScopeSet,
    signature::SignedRequest,
};

use super::{
    ApiKey, ApiKeys, NotAccepted,
    chains::{Chains, Verified},
    kept::KeptKey,
};
use crate::{accounts::ActiveAccount, id::ApiKeyId};

/// How a derived key's text begins; nothing depends on it but which of two forms is read.
const DERIVED: &str = "pald_";

/// Whether `text` can only be a derived key.
pub(crate) fn is_derived(text: &[u8]) -> bool {
    text.starts_with(DERIVED.as_bytes())
}

/// A key that was accepted for one request.
#[derive(Clone, Debug)]
pub struct Accepted {
    kept: Arc<KeptKey>,
    account: Arc<ActiveAccount>,
    /// What the key, or the derived one, was given; its account may hold less.
    issued: ScopeSet,
    scopes: ScopeSet,
}

impl Accepted {
    /// The key; of a derived one, the key it is derived from.
    pub fn key(&self) -> &ApiKey {
        &self.kept.key
    }

    /// Whose it is.
    pub fn account(&self) -> &Arc<ActiveAccount> {
        &self.account
    }

    /// What it may everywhere; in a tenant its account is in it may have more.
    pub fn scopes(&self) -> &ScopeSet {
        &self.scopes
    }

    /// The same as an authority: delegated, so that it is no sign-in and acts in no role.
    pub fn authority(&self) -> Authority {
        self.account.narrowed(&self.issued)
    }
}

impl ApiKeys {
    /// Accepts the key `text`, whole or derived, presented by the request `head`, and counts the use; not a second time
    /// when an open connection is rechecked.
    ///
    /// # Errors
    ///
    /// [`NotAccepted`]. A text whose checksum is wrong is refused without a look-up.
    pub async fn accept(&self, text: &str, head: &Parts) -> Result<Accepted, NotAccepted> {
        if is_derived(text.as_bytes()) {
            let (kept, verified) = self.derived(text).await?;
            let accepted = self.check(kept, Some(&verified.narrowed), head).await?;
            self.counted(accepted, head)
        } else {
            let kept = self.whole(text).await?;
            let accepted = self.check(kept, None, head).await?;
            self.counted(accepted, head)
        }
    }

    /// Accepts the key of `accepted` again, which was whole, for the request `head`, and counts the use. Its secret was
    /// presented, and neither the key nor its account has changed since: the caller sees to that. `false` if the key has
    /// expired.
    ///
    /// # Errors
    ///
    /// [`NotAccepted::QuotaUsedUp`].
    pub(crate) fn accept_again(&self, accepted: &Accepted, head: &Parts) -> Result<bool, NotAccepted> {
        let now = self.0.clock.now();
        if !accepted.kept.key.is_alive(now) {
            return Ok(false);
        }
        if !Rechecking::is_in(head) {
            self.count(&accepted.kept, now)?;
        }
        Ok(true)
    }

    /// Accepts the request `head` as signed by a key, or by one derived from it (RFC 9421), and counts the use. A
    /// signature is accepted once.
    ///
    /// # Errors
    ///
    /// [`NotAccepted`].
    pub async fn accept_signed(
        &self,
        request: &SignedRequest,
        head: &Parts,
    ) -> Result<Accepted, NotAccepted> {
        let kept = self.find(id_of(request.key_id())?).await?;
        let verified = self.0.signatures.verify(request, kept.key.public_key, head)?;
        let accepted = self.check(kept, verified.narrowed(), head).await?;
        verified.accept()?;
        self.counted(accepted, head)
    }

    async fn whole(&self, text: &str) -> Result<Arc<KeptKey>, NotAccepted> {
        let presented = ApiKeyText::parse(text)?;
        let kept = self.find(id_of(presented.id())?).await?;
        let hash = kept.key.hash.ok_or(NotAccepted::NotSigned)?;
        if self.0.hash_key.hash(&presented) == hash { Ok(kept) } else { Err(NotAccepted::OtherSecret) }
    }

    async fn derived(&self, text: &str) -> Result<(Arc<KeptKey>, Arc<Verified>), NotAccepted> {
        let digest = Chains::digest(text);
        let (kept, verified) = match self.0.chains.find(&digest) {
            Some(verified) => (self.find(verified.key).await?, verified),
            None => {
                let presented = DerivedKey::parse(text)?;
                let key = id_of(presented.id())?;
                let kept = self.find(key).await?;
                let narrowed = presented.verify(kept.key.public_key, presented.id(), self.0.clock.now())?;
                let verified = Arc::new(Verified { key, narrowed });
                self.0.chains.keep(digest, Arc::clone(&verified));
                (kept, verified)
            }
        };
        if kept.key.is_sender_constrained() { Err(NotAccepted::NotSigned) } else { Ok((kept, verified)) }
    }

    async fn find(&self, id: ApiKeyId) -> Result<Arc<KeptKey>, NotAccepted> {
        self.0.kept.find(id).await?.ok_or(NotAccepted::Unknown)
    }

    /// What has to hold at each request, whatever was verified before.
    async fn check(
        &self,
        kept: Arc<KeptKey>,
        narrowed: Option<&Narrowed>,
        head: &Parts,
    ) -> Result<Accepted, NotAccepted> {
        let inner = &*self.0;
        let (key, now) = (&kept.key, inner.clock.now());
        let expired = narrowed.and_then(Narrowed::expires).is_some_and(|dead_from| dead_from <= now);
        if expired || !key.is_alive(now) {
            return Err(NotAccepted::Expired);
        }
        let links = narrowed.map(Narrowed::links).unwrap_or_default();
        if links.iter().any(|link| key.revoked_links.binary_search(link).is_ok()) {
            return Err(NotAccepted::LinkRevoked);
        }
        let account = inner.accounts.active(&key.account).await?.ok_or(NotAccepted::AccountDisabled)?;
        if narrowed.is_some_and(|narrowed| !narrowed.allows_route(head)) {
            return Err(NotAccepted::OtherRoute);
        }
        let issued = narrowed.map_or_else(|| key.scopes.clone(), |narrowed| narrowed.narrow(&key.scopes));
        let scopes = issued.intersection(account.holdings().scopes());
        Ok(Accepted { kept, account, issued, scopes })
    }

    /// Only what is accepted counts against the quota.
    fn counted(&self, accepted: Accepted, head: &Parts) -> Result<Accepted, NotAccepted> {
        if !Rechecking::is_in(head) {
            self.count(&accepted.kept, self.0.clock.now())?;
        }
        Ok(accepted)
    }

    fn count(&self, kept: &KeptKey, now: Timestamp) -> Result<(), NotAccepted> {
        let inner = &*self.0;
        if let Some(quota) = kept.key.quota {
            let taken = inner.used.take(kept.key.id, quota, inner.clock.monotonic());
            taken.map_err(NotAccepted::QuotaUsedUp)?;
        }
        inner.kept.note_use(kept, now, inner.settings.last_used_every);
        Ok(())
    }
}

fn id_of(id: KeyId) -> Result<ApiKeyId, NotAccepted> {
    ApiKeyId::try_from(id).map_err(|_| NotAccepted::Unknown)
}
