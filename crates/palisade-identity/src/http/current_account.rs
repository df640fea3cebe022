//! Who is calling: the principal of the identity layer's routes.

use std::sync::Arc;

use palisade::{Authority, prelude::*};

use super::Identity;
use crate::{
    account::{Account, AccountId},
    accounts::Accounts,
    audit::Actor,
};

/// The password flow of `POST /token`, for the API document.
#[derive(Debug)]
pub(super) struct SignInFlow;

impl PasswordFlow for SignInFlow {
    const TOKEN_URL: &'static str = "token";
    const SCOPES: &'static [(&'static str, &'static str)] = &[
        ("me:read", "Read your account"),
        ("me:write", "Change your account"),
        ("keys:write", "Manage your API keys"),
        ("accounts:read", "Read all accounts (admins)"),
        ("accounts:write", "Make and change accounts (admins)"),
        ("audit:read", "Read the audit trail (admins)"),
    ];
}

/// The active account that is calling, and what it may do with the credential it used.
#[derive(Clone, Debug)]
pub struct CurrentAccount {
    account: Arc<Account>,
    authority: Authority,
    token_id: Arc<str>,
}

impl CurrentAccount {
    /// Its id.
    pub fn id(&self) -> AccountId {
        self.account.id
    }

    /// The account.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The name of the token it came with (`jti`).
    pub(super) fn token_id(&self) -> &str {
        &self.token_id
    }

    /// Who does what it asks for, for the audit trail.
    pub(super) fn actor(&self) -> Actor {
        Actor::Account(self.account.id)
    }
}

impl Principal for CurrentAccount {
    fn authority(&self) -> &Authority {
        &self.authority
    }
}

/// That the keys tokens are verified with are those that count now, also when another process has changed them.
#[derive(Clone, Copy, Debug)]
struct CurrentKeys;

#[dependency(state = Identity)]
async fn current_keys(
    // Only read: whoever sends no token is told so without a question to the store.
    _: OAuth2PasswordBearer<SignInFlow>,
    State(Identity(identity)): State<Identity>,
) -> Result<CurrentKeys, Denied> {
    identity.keys.refresh().await.map_err(Denied::undecided)?;
    Ok(CurrentKeys)
}

/// Roles, scopes, status and generation come from the store at each request; of the token only what it was narrowed to
/// counts.
#[dependency(state = Identity)]
async fn current_account(
    _: CurrentKeys,
    token: OAuth2PasswordBearer<SignInFlow, AccessToken>,
    State(accounts): State<Accounts>,
) -> Result<CurrentAccount, Denied> {
    let invalid = |why: &'static str| Denied::invalid_credentials().because(why);
    let id: AccountId = token.subject().parse().map_err(|_| invalid("the subject is no account"))?;
    let account = accounts.active(&id).await.map_err(Denied::undecided)?;
    let account = account.ok_or_else(|| invalid("there is no such account, or it is disabled"))?;
    if !account.accepts_token(token.generation(), token.id()) {
        return Err(invalid("the account's tokens have been ended since this one was issued"));
    }
    let (roles, scopes) = account.roles.authority();
    let authority = if token.is_undelegated() {
        Authority::account(token.subject()).scopes(scopes.clone())
    } else {
        Authority::delegated(token.subject()).scopes(token.scopes().intersection(scopes))
    };
    let authority = authority.role_set(roles.clone());
    let authority = match token.authenticated_at() {
        Some(at) => authority.authenticated_at(at),
        None => authority,
    };
    Ok(CurrentAccount { account, authority, token_id: token.id().into() })
}
