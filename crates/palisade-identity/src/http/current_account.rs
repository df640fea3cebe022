//! Who is calling: the principal of the identity layer's routes.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use palisade::{
    Authority, clock::Timestamp, credential::OneOf5, extract::Serialized, prelude::*, token::Acceptance,
};

use super::{
    Identity,
    by_key::{ByKey, BySignature},
    by_password::ByPassword,
    by_session::BySession,
    by_token::ByToken,
};
use crate::{
    account::{Account, AccountId, AccountView},
    accounts::ActiveAccount,
    api_keys::Accepted,
    audit::Actor,
    epochs::Basis,
    id::SessionId,
    sessions::SignedIn,
};

/// The active account that is calling, and what it may do with the credential it used.
#[derive(Clone, Debug)]
pub struct CurrentAccount(Arc<Caller>);

/// Who was found to be calling.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) account: Arc<ActiveAccount>,
    pub(super) authority: Authority,
    pub(super) proof: Proof,
    /// The account's view, once its owner has read it: at hand, so that the account itself need not be visited for it.
    view: OnceLock<Serialized<AccountView>>,
}

/// What the caller proved it with.
#[derive(Debug)]
pub(super) enum Proof {
    Token(TokenProof),
    /// What of it is kept, if it is: of a whole key that was presented.
    Key(Option<KeyProof>),
    Session(SessionProof),
    Password,
}

/// A token, and what is checked each time it comes: at hand, since that is the way of every request with it.
#[derive(Debug)]
pub(super) struct TokenProof {
    pub(super) acceptance: Acceptance,
    pub(super) basis: Basis<1>,
    pub(super) token: Arc<AccessToken>,
}

/// A key that was presented whole, and what its caller rests on: the account and the key.
#[derive(Debug)]
pub(super) struct KeyProof {
    pub(super) accepted: Accepted,
    pub(super) basis: Basis<2>,
}

/// A session, and what its caller rests on: the account and the session.
#[derive(Debug)]
pub(super) struct SessionProof {
    pub(super) signed_in: SignedIn,
    pub(super) basis: Basis<2>,
}

impl Caller {
    pub(super) fn new(account: Arc<ActiveAccount>, authority: Authority, proof: Proof) -> Self {
        Self { account, authority, proof, view: OnceLock::new() }
    }

    /// Somebody who signed in to `account` itself, with its password and with all it has.
    pub(super) fn signed_in(account: Arc<ActiveAccount>, at: Timestamp, proof: Proof) -> Self {
        let authority = account.whole();
        let authority = authority.authenticated_at(at).factors([Factor::Password]);
        Self::new(account, authority, proof)
    }
}

impl CurrentAccount {
    /// Its id.
    pub fn id(&self) -> AccountId {
        self.0.account.id
    }

    /// The account.
    pub fn account(&self) -> &Account {
        &self.0.account
    }

    /// The account as its owner reads it.
    pub(super) fn view(&self) -> &Serialized<AccountView> {
        self.0.view.get_or_init(|| self.0.account.view())
    }

    /// The browser session it came in, if it did.
    pub fn session(&self) -> Option<SessionId> {
        match &self.0.proof {
            Proof::Session(proof) => Some(proof.signed_in.id()),
            Proof::Token(_) | Proof::Key(_) | Proof::Password => None,
        }
    }

    /// The name of the token (`jti`) or session it came with, which may outlive a change of the password.
    pub(super) fn credential_id(&self) -> Option<Cow<'_, str>> {
        match &self.0.proof {
            Proof::Token(proof) => Some(proof.token.id().into()),
            Proof::Session(proof) => Some(proof.signed_in.id().to_string().into()),
            Proof::Key(_) | Proof::Password => None,
        }
    }

    /// Who does what it asks for, for the audit trail.
    pub fn actor(&self) -> Actor {
        Actor::Account(self.id())
    }
}

impl Principal for CurrentAccount {
    fn authority(&self) -> &Authority {
        &self.0.authority
    }
}

/// What a program says in so many words comes before what a browser sends by itself: whoever tries out a narrow token in a
/// browser that is signed in acts with the token.
#[dependency(state = Identity)]
async fn current_account(
    caller: AnyOf<(ByToken, ByKey, BySignature, BySession, ByPassword)>,
) -> CurrentAccount {
    let (OneOf5::A(ByToken { 0: caller, .. })
    | OneOf5::B(ByKey(caller))
    | OneOf5::C(BySignature(caller))
    | OneOf5::D(BySession(caller))
    | OneOf5::E(ByPassword(caller))) = caller.0;
    CurrentAccount(caller)
}
