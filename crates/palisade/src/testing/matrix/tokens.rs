//! Access tokens for the matrix, of an app that issues its own.

use std::{fmt, sync::Arc, time::Duration};

use super::Wanted;
use crate::{
    authority::{Authority, Subject},
    token::{AccessTokenClaims, Issuer},
};

type SubjectOf = dyn Fn(&Authority) -> Option<String> + Send + Sync;
type Change = dyn Fn(&mut AccessTokenClaims) + Send + Sync;

/// Makes access tokens ([`Issuer`]) for [`Matrix::credential`](super::Matrix::credential): valid ones, ones that have
/// expired, and ones for another audience; undelegated or delegated as it is wanted.
///
/// A token carries scopes, the time of the sign-in, the client, and whether it is undelegated. What is held beside that, roles
/// above all, follows from the account, so an app says which of its accounts holds what is wanted
/// ([`IssuedTokens::account`]); until it does, none is made that would need roles.
#[derive(Clone)]
pub struct IssuedTokens {
    issuer: Arc<Issuer>,
    audience: String,
    subject: Arc<SubjectOf>,
    change: Arc<Change>,
}

impl IssuedTokens {
    /// Issued by `issuer` for `audience`, to whomever the wanted authority names.
    pub fn new(issuer: Arc<Issuer>, audience: &str) -> Self {
        let subject = |authority: &Authority| match authority.subject() {
            // No token carries roles or memberships: which account has them is for the app to say.
            _ if !authority.held_roles().names().is_empty() => None,
            _ if authority.memberships().iter().next().is_some() => None,
            Subject::Account(id) | Subject::Client(id) => Some(id.to_string()),
        };
        Self { issuer, audience: audience.to_owned(), subject: Arc::new(subject), change: Arc::new(|_| {}) }
    }

    /// Issued to the account that `account` names: one whose token comes to the wanted authority, or none.
    #[must_use]
    pub fn account(mut self, account: impl Fn(&Authority) -> Option<String> + Send + Sync + 'static) -> Self {
        self.subject = Arc::new(account);
        self
    }

    /// Changes what each token says, before it is issued: the account's generation, or the client.
    #[must_use]
    pub fn claims(mut self, change: impl Fn(&mut AccessTokenClaims) + Send + Sync + 'static) -> Self {
        self.change = Arc::new(change);
        self
    }

    /// The token that is wanted; none where no token would come to that authority.
    pub fn make(&self, wanted: &Wanted<'_>) -> Option<String> {
        const LONG_AGO: Duration = Duration::from_secs(30 * 86_400);
        let authority = wanted.authority();
        if !authority.is_delegated() && authority.client_id().is_some() {
            // What is issued to a client is never a sign-in at the issuer itself.
            return None;
        }
        let mut claims = AccessTokenClaims::new(&(self.subject)(authority)?, &self.audience, "palisade");
        claims.scopes = authority.held_scopes().clone();
        claims.undelegated = !authority.is_delegated();
        claims.authenticated_at = authority.last_authenticated();
        if let Some(client) = authority.client_id() {
            client.clone_into(&mut claims.client_id);
        }
        (self.change)(&mut claims);
        if let Wanted::WrongAudience(_) = wanted {
            claims.audience = format!("{}/matrix-elsewhere", self.audience);
        }
        let now = self.issuer.now();
        let at = if let Wanted::Expired(_) = wanted { now.before(LONG_AGO) } else { now };
        let token = self.issuer.issue_at(at, &claims).ok()?;
        Some(token.expose().to_owned())
    }
}

impl fmt::Debug for IssuedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedTokens").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
