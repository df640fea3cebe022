//! A link for an admin to hand over: for servers that send no mail, and for people whose address is gone.

use palisade::{clock::Timestamp, secret::SecretString};

use super::Proofs;
use crate::{
    account::{AccountId, Kind},
    accounts::AccountsError,
    audit::{Action, Actor},
    store::Purpose,
};

/// A link that sets another password, once.
#[derive(Clone, Debug)]
pub struct ResetLink {
    /// The link. Whoever has it becomes the account.
    pub link: SecretString,
    /// From when on it is void.
    pub expires_at: Timestamp,
}

impl Proofs {
    /// Makes a link that sets another password for `id`, whether or not its address is proven.
    ///
    /// # Errors
    ///
    /// [`AccountsError::NotFound`], [`AccountsError::NotForServices`] and [`AccountsError::Disabled`];
    /// [`AccountsError::Random`] and [`AccountsError::Store`].
    pub async fn reset_link(&self, actor: Actor, id: AccountId) -> Result<ResetLink, AccountsError> {
        let account = self.0.accounts.by_id(id).await?;
        if account.kind == Kind::Service {
            return Err(AccountsError::NotForServices);
        }
        if !account.is_active() {
            return Err(AccountsError::Disabled);
        }
        let audit = self.0.accounts.entry(actor, Action::ResetLinkMade, id);
        let address = account.email.clone();
        let (token, proof) = self.issue(&account, Purpose::ResetPassword, address, true, Some(audit)).await?;
        Ok(ResetLink { link: self.0.texts.reset_link(&token), expires_at: proof.expires_at })
    }
}
