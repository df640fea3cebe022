//! Passwords that were right a moment ago: who sends one with every request must not cost a hash with every request.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use aws_lc_rs::hmac;
use palisade::{
    clock::SharedClock,
    random::{Random, RandomUnavailable},
    secret::SecretString,
};
use quick_cache::sync::Cache;
use zeroize::Zeroizing;

use super::{Accounts, ActiveAccount};
use crate::{
    account::{Account, AccountId},
    store::StoreError,
};

/// How long a password need not be hashed again.
const REMEMBERED: Duration = Duration::from_secs(60);

/// How many are remembered.
const KEPT: usize = 4096;

/// Remembers for a minute which names and passwords were right, by a digest under a key that this process alone has and
/// that ends with it. What is wrong is never remembered.
///
/// What is remembered counts as long as the account is active and of the generation it had: a changed password, a disabled
/// account and "sign out everywhere" end it at once, whichever process they happen in.
#[derive(Clone)]
pub struct ProvenPasswords(Arc<Inner>);

struct Inner {
    key: hmac::Key,
    clock: SharedClock,
    proven: Cache<[u8; 32], Proven>,
}

#[derive(Clone, Copy)]
struct Proven {
    account: AccountId,
    generation: u64,
    until: Duration,
}

impl ProvenPasswords {
    /// Remembers none.
    ///
    /// # Errors
    ///
    /// [`RandomUnavailable`] when `random` does not answer.
    pub fn new(random: &dyn Random, clock: SharedClock) -> Result<Self, RandomUnavailable> {
        let mut key = Zeroizing::new([0; 32]);
        random.fill(&mut *key)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &*key);
        Ok(Self(Arc::new(Inner { key, clock, proven: Cache::new(KEPT) })))
    }

    /// The active account that was seen to have this name and password, from `address`; `None` if that has to be looked at.
    pub(crate) async fn recall(
        &self,
        accounts: &Accounts,
        username: &str,
        password: &SecretString,
        address: IpAddr,
    ) -> Result<Option<Arc<ActiveAccount>>, StoreError> {
        let digest = self.digest(username, password, address);
        let Some(proven) = self.0.proven.get(&digest) else { return Ok(None) };
        let account = accounts.active(&proven.account).await?;
        let holds = |account: &Arc<ActiveAccount>| {
            account.generation == proven.generation && self.0.clock.monotonic() < proven.until
        };
        let account = account.filter(holds);
        if account.is_none() {
            self.0.proven.remove(&digest);
        }
        Ok(account)
    }

    /// `account` has just been seen to have this name and password, when it was as it is here.
    pub(crate) fn remember(
        &self,
        username: &str,
        password: &SecretString,
        address: IpAddr,
        account: &Account,
    ) {
        let until = self.0.clock.monotonic() + REMEMBERED;
        let proven = Proven { account: account.id, generation: account.generation, until };
        self.0.proven.insert(self.digest(username, password, address), proven);
    }

    /// The address is part of it, so that an address that has used up its failures learns nothing from one that has not.
    fn digest(&self, username: &str, password: &SecretString, address: IpAddr) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0.key);
        let address = match address.to_canonical() {
            IpAddr::V4(v4) => v4.to_ipv6_mapped(),
            IpAddr::V6(v6) => v6,
        };
        context.update(&address.octets());
        // With its length, so that no other split of name and password gives the same.
        context.update(&(username.len() as u64).to_be_bytes());
        context.update(username.as_bytes());
        context.update(password.expose().as_bytes());
        let mut digest = [0; 32];
        digest.copy_from_slice(context.sign().as_ref());
        digest
    }
}

impl fmt::Debug for ProvenPasswords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProvenPasswords").field("kept", &self.0.proven.len()).finish_non_exhaustive()
    }
}
