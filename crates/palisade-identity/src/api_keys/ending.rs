//! Looking at keys, and ending them.

use palisade::api_key::LinkId;
use serde_json::json;

use super::{ApiKey, ApiKeySettings, ApiKeys, ApiKeysError};
use crate::{
    account::AccountId,
    audit::{Action, Actor, AuditEntry},
    id::ApiKeyId,
};

impl ApiKeys {
    /// The keys of the account `of`, the oldest first; also those that have died lately.
    ///
    /// # Errors
    ///
    /// [`ApiKeysError::Store`].
    pub async fn list(&self, of: AccountId) -> Result<Vec<ApiKey>, ApiKeysError> {
        Ok(self.0.store.api_keys(of).await?)
    }

    /// Revokes the key `id` of the account `of`, and with it all keys derived from it: the next request with one is
    /// refused, by another process a millisecond later.
    ///
    /// # Errors
    ///
    /// [`ApiKeysError::NotFound`] and [`ApiKeysError::Store`].
    pub async fn revoke(&self, actor: Actor, of: AccountId, id: ApiKeyId) -> Result<(), ApiKeysError> {
        let audit = self.entry(actor, Action::ApiKeyRevoked, id, of);
        let removed = self.0.store.remove_api_key(of, id, audit).await;
        // Also after an error: it may have been committed although nobody could say so.
        self.0.kept.forget(id);
        Ok(removed?)
    }

    /// Revokes all keys of the account `of`.
    ///
    /// # Errors
    ///
    /// [`ApiKeysError::Store`].
    pub async fn revoke_all(&self, actor: Actor, of: AccountId) -> Result<(), ApiKeysError> {
        let audit = AuditEntry::new(self.0.clock.now(), actor, Action::ApiKeysRevoked, of);
        for id in self.0.store.remove_api_keys(of, audit).await? {
            self.0.kept.forget(id);
        }
        Ok(())
    }

    /// Revokes a link of keys derived from the key `id` of the account `of`: the key it was made for, and all that are
    /// derived from that one. Nobody has to have seen the link. Revoking it again changes nothing.
    ///
    /// # Errors
    ///
    /// [`ApiKeysError::NotFound`], [`ApiKeysError::Full`] after [`ApiKeySettings::MOST_REVOKED_LINKS`], and
    /// [`ApiKeysError::Store`].
    pub async fn revoke_link(
        &self,
        actor: Actor,
        of: AccountId,
        id: ApiKeyId,
        link: LinkId,
    ) -> Result<(), ApiKeysError> {
        let detail = json!({ "account": of, "link": link.to_string() });
        let audit = self.entry(actor, Action::ApiKeyLinkRevoked, id, of).with_detail(detail);
        let most = ApiKeySettings::MOST_REVOKED_LINKS;
        let revoked = self.0.store.revoke_api_key_link(of, id, link, most, audit).await;
        self.0.kept.forget(id);
        Ok(revoked?)
    }
}
