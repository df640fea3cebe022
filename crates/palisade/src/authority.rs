//! What a caller may do: the facts a requirement is checked against.
//!
//! Authority is an intersection: what the account may do *and* what this credential was given. A sign-in that was
//! not narrowed holds all its account has; every other credential holds the scopes it was issued and nothing else.

use std::{fmt, sync::Arc};

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::{
    clock::Timestamp,
    denied::Denied,
    describe::{Describe, Description},
    problem::Problem,
    requirement::{Role, RoleSet},
    scope::ScopeSet,
};

/// Who is calling. An account and a client are different types of caller: a client's id can never be taken for an
/// account's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A person's or a service's account, by its id.
    Account(Arc<str>),
    /// An OAuth 2.0 client acting for itself, by its client id.
    Client(Arc<str>),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account {id}"),
            Self::Client(id) => write!(f, "client {id}"),
        }
    }
}

/// What this caller may do with this credential.
///
/// Build it from the store at each request: roles never come from a token.
#[derive(Clone, Debug)]
pub struct Authority {
    subject: Subject,
    scopes: ScopeSet,
    roles: RoleSet,
    delegated: bool,
    authenticated_at: Option<Timestamp>,
}

impl Authority {
    /// An account that signed in itself, with all its authority: an un-narrowed first-party sign-in or a session.
    pub fn account(id: impl Into<Arc<str>>) -> Self {
        Self::of(Subject::Account(id.into()), false)
    }

    /// A credential that acts for an account with no more than what it was issued: a third party's token, a narrowed
    /// token, an API key. It satisfies `scope(..)` only.
    pub fn delegated(id: impl Into<Arc<str>>) -> Self {
        Self::of(Subject::Account(id.into()), true)
    }

    /// An OAuth 2.0 client acting for itself. It satisfies `scope(..)` only.
    pub fn client(id: impl Into<Arc<str>>) -> Self {
        Self::of(Subject::Client(id.into()), true)
    }

    fn of(subject: Subject, delegated: bool) -> Self {
        Self {
            subject,
            scopes: ScopeSet::default(),
            roles: RoleSet::default(),
            delegated,
            authenticated_at: None,
        }
    }

    /// Sets the scopes: those of the account for an undelegated sign-in, else those of the account that the
    /// credential was also issued ([`ScopeSet::intersection`]).
    #[must_use]
    pub fn scopes(mut self, scopes: ScopeSet) -> Self {
        self.scopes = scopes;
        self
    }

    /// Adds roles the account holds now; each brings what it includes.
    #[must_use]
    pub fn roles<R: Role>(mut self, roles: impl IntoIterator<Item = R>) -> Self {
        self.roles = self.roles.with(roles);
        self
    }

    /// Sets the roles from a set made before, without building it again.
    #[must_use]
    pub fn role_set(mut self, roles: RoleSet) -> Self {
        self.roles = roles;
        self
    }

    /// Sets when the account last proved itself, for `recent(..)`.
    #[must_use]
    pub fn authenticated_at(mut self, at: Timestamp) -> Self {
        self.authenticated_at = Some(at);
        self
    }

    /// Who is calling.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Whether the credential acts with less than its account's authority.
    pub fn is_delegated(&self) -> bool {
        self.delegated
    }

    /// The scopes held.
    pub fn held_scopes(&self) -> &ScopeSet {
        &self.scopes
    }

    /// The roles the *account* holds. A delegated credential does not act in them.
    pub fn held_roles(&self) -> &RoleSet {
        &self.roles
    }

    /// When the account last proved itself, if that is known.
    pub fn last_authenticated(&self) -> Option<Timestamp> {
        self.authenticated_at
    }
}

/// A type that says who is calling and what they may do. A router has one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what its holder may do",
    label = "not a principal",
    note = "implement `palisade::Principal` for it: one function that gives its `Authority`"
)]
pub trait Principal: Clone + Send + Sync + 'static {
    /// What the caller may do with the credential it used.
    fn authority(&self) -> &Authority;
}

/// The principal of a router that has none: every route must be public.
#[derive(Clone, Copy, Debug)]
pub enum Nobody {}

impl Principal for Nobody {
    fn authority(&self) -> &Authority {
        match *self {}
    }
}

impl<S: Sync> FromRequestParts<S> for Nobody {
    type Rejection = Problem;

    /// There is nobody to be.
    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Problem> {
        Err(Denied::not_authenticated().into())
    }
}

impl<S> Describe<S> for Nobody {
    fn describe(_: &mut Description<'_>) {}
}
