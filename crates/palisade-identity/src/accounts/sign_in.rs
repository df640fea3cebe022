//! Signing up, and signing in.

use palisade::secret::SecretString;

use super::{Accounts, AccountsError, Applicant};
use crate::{
    account::{Account, AccountId},
    audit::{Action, Actor, AuditEntry},
    password::{PasswordHash, Queue, Verified},
    role::Role,
    store::{Rehash, SignInRecord},
    username::Username,
};

impl Accounts {
    /// Makes an account with the role user for somebody who asks for one.
    ///
    /// # Errors
    ///
    /// [`AccountsError::UsernameTaken`], also when two ask at once; [`AccountsError::WeakPassword`];
    /// [`AccountsError::Password`], [`AccountsError::Random`] and [`AccountsError::Store`].
    pub async fn sign_up(&self, applicant: Applicant) -> Result<Account, AccountsError> {
        let new = self.prepare(applicant, Role::User.into()).await?;
        let account = new.account.clone();
        let audit = self.entry(Actor::Account(account.id), Action::SignedUp, account.id);
        self.0.store.insert_account(new, audit).await?;
        Ok(account)
    }

    /// The active account whose name and password these are. Anything else is `None` and takes the same time: a name
    /// that nobody has or can have, a wrong password, a disabled account.
    ///
    /// # Errors
    ///
    /// [`AccountsError::Password`] when hashing is overloaded, and [`AccountsError::Store`].
    pub async fn sign_in(
        &self,
        username: &str,
        password: SecretString,
    ) -> Result<Option<Account>, AccountsError> {
        let record = match Username::new(username) {
            Ok(username) => self.0.store.sign_in_record(&username).await?,
            Err(_) => None,
        };
        let stored = record.as_ref().map(|record| record.password.clone());
        let verified = self.0.hashing.verify(Queue::SignIn, password, stored).await?;
        // Only now: whatever is looked at before the hash shows in the time.
        let id = record.as_ref().map(|record| record.account.id);
        let account = record.and_then(|record| self.admit(record, verified));
        self.record_sign_in(id, account.is_some());
        Ok(account)
    }

    fn admit(&self, record: SignInRecord, verified: Verified) -> Option<Account> {
        let SignInRecord { account, password } = record;
        match verified {
            _ if !account.is_active() => None,
            Verified::No => None,
            Verified::Yes => Some(account),
            Verified::YesRehash(new) => {
                self.rehash(account.id, password, new);
                Some(account)
            }
        }
    }

    /// Nobody waits for it, and a sign-in does not fail by it: the next one tries again.
    fn rehash(&self, id: AccountId, old: PasswordHash, new: PasswordHash) {
        let written = self.0.store.rehash(Rehash { id, old, new });
        tokio::spawn(async move {
            if let Err(error) = written.await {
                tracing::warn!(%error, account = %id, "a password's new hash was not stored");
            }
        });
    }

    /// Nobody waits for it: waiting would show which refusals leave an entry. A name that nobody has is not written
    /// down, since people type passwords where the name goes.
    fn record_sign_in(&self, id: Option<AccountId>, admitted: bool) {
        let action = if admitted { Action::SignedIn } else { Action::SignInRefused };
        let actor = id.filter(|_| admitted).map_or(Actor::Nobody, Actor::Account);
        let target = id.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
        let written = self.0.store.record(AuditEntry::new(self.0.clock.now(), actor, action, target));
        tokio::spawn(async move {
            if let Err(error) = written.await {
                tracing::error!(%error, "a sign-in is missing from the audit trail");
            }
        });
    }
}
