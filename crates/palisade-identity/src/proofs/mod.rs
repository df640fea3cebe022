//! Proving that an address is one's own, and getting back in by it: links that work once, for a while, for one thing.
//!
//! A link carries 256 random bits, of which the store keeps the SHA-256 ([`store::Proof`](crate::store::Proof)). It goes
//! to an address by mail, or, when a password is forgotten and no mail is sent, to an admin who hands it over. An address
//! nobody has proven identifies nobody and reserves nothing: it is not looked up, and any number of accounts name it.

mod link;
mod password;
mod token;
mod verification;

use std::{sync::Arc, time::Duration};

pub(crate) use self::token::ProofToken;
pub use self::{link::ResetLink, verification::EmailChange};
use crate::{
    account::{Account, AccountId},
    accounts::{Accounts, AccountsError},
    audit::AuditEntry,
    email::Email,
    limits::MailLimit,
    mail::{Message, Outbox, Texts},
    store::{Proof, Purpose, SharedStore},
};

/// How long a link that proves an address is good.
const VERIFY_FOR: Duration = Duration::from_hours(24);

/// How long a link that sets a password is good.
const RESET_FOR: Duration = Duration::from_mins(30);

/// Proofs of the accounts of one store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Proofs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    accounts: Accounts,
    texts: Texts,
    post: Option<Post>,
}

/// How messages leave.
#[derive(Debug)]
struct Post {
    outbox: Outbox,
    limit: MailLimit,
}

impl Proofs {
    /// Proofs for `accounts`, with links to the server people know as `issuer`; without an `outbox` no mail is sent.
    pub fn new(accounts: Accounts, issuer: &str, outbox: Option<Outbox>) -> Self {
        let limit = || MailLimit::new(Arc::clone(accounts.clock()));
        let post = outbox.map(|outbox| Post { outbox, limit: limit() });
        Self(Arc::new(Inner { accounts, texts: Texts::new(issuer), post }))
    }

    /// Whether mail is sent.
    pub fn sends_mail(&self) -> bool {
        self.0.post.is_some()
    }

    fn store(&self) -> &SharedStore {
        self.0.accounts.store()
    }

    /// Puts a letter into the outbox; it is written there.
    fn post<L>(&self, write: impl FnOnce(Self) -> L) -> Result<(), AccountsError>
    where
        L: Future<Output = Result<Option<Message>, AccountsError>> + Send + 'static,
    {
        let post = self.0.post.as_ref().ok_or(AccountsError::NoMail)?;
        post.outbox.put(write(self.clone())).map_err(|_| AccountsError::OutboxFull)
    }

    /// Whether a message for `purpose` may go to `address` now, for which `asking` asked, if it was an account; counts it
    /// if so.
    fn may_mail(&self, address: &Email, purpose: Purpose, asking: Option<AccountId>) -> bool {
        let limited = self.0.post.as_ref().map(|post| post.limit.check(address, purpose, asking));
        if let Some(Err(_)) = limited {
            let account = asking.map(tracing::field::display);
            tracing::warn!(
                account,
                "a message was not sent: there have been too many to its address, or for its account"
            );
        }
        matches!(limited, Some(Ok(())))
    }

    /// Makes a token that proves `address` for `account`.
    async fn issue(
        &self,
        account: &Account,
        purpose: Purpose,
        address: Email,
        handed_over: bool,
        audit: Option<AuditEntry>,
    ) -> Result<(ProofToken, Proof), AccountsError> {
        let token = ProofToken::draw(&**self.0.accounts.random())?;
        let issued_at = self.0.accounts.clock().now();
        let good_for = if purpose == Purpose::ResetPassword { RESET_FOR } else { VERIFY_FOR };
        let proof = Proof {
            hash: token.hash(),
            purpose,
            account: account.id,
            generation: account.generation,
            email: account.email.clone(),
            address,
            handed_over,
            issued_at,
            expires_at: issued_at.after(good_for),
        };
        self.store().keep_proof(proof.clone(), audit).await?;
        Ok((token, proof))
    }
}
