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
    factor::{Factor, FactorSet},
    problem::Problem,
    requirement::{Role, RoleSet},
    scope::ScopeSet,
    tenants::Tenants,
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
    factors: FactorSet,
    client: Option<Arc<str>>,
    tenants: Tenants,
}

impl Authority {
    /// An account that signed in itself, with all its authority: an un-narrowed first-party sign-in or a session.
    pub fn account(id: impl Into<Arc<str>>) -> Self {
        Self::of(Subject::Account(id.into()), false)
    }

    /// A credential that acts for an account with no more than what it was issued: a third party's token, a narrowed
    /// token, an API key. Of what its account is and holds it satisfies `scope(..)`, and `tenant(..)` for the tenants it is given.
    pub fn delegated(id: impl Into<Arc<str>>) -> Self {
        Self::of(Subject::Account(id.into()), true)
    }

    /// An OAuth 2.0 client acting for itself: as [`delegated`](Self::delegated), and `client(..)`.
    pub fn client(id: impl Into<Arc<str>>) -> Self {
        let id = id.into();
        Self::of(Subject::Client(Arc::clone(&id)), true).issued_to(id)
    }

    fn of(subject: Subject, delegated: bool) -> Self {
        Self {
            subject,
            scopes: ScopeSet::default(),
            roles: RoleSet::default(),
            delegated,
            authenticated_at: None,
            factors: FactorSet::default(),
            client: None,
            tenants: Tenants::default(),
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

    /// Adds the scopes bundled into the roles held ([`Role::scopes`]). Holding a role does not hold its bundle by that: an app
    /// may keep its scopes elsewhere. For an account that signed in itself; of a delegated credential only what it was also
    /// issued may be held.
    #[must_use]
    pub fn bundled_scopes(mut self) -> Self {
        self.scopes = self.scopes.iter().chain(self.roles.scopes().iter()).cloned().collect();
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

    /// Sets what the account proved itself with, for `factor(..)`.
    #[must_use]
    pub fn factors(mut self, factors: impl IntoIterator<Item = Factor>) -> Self {
        self.factors = factors.into_iter().collect();
        self
    }

    /// Sets which OAuth 2.0 client the credential was issued to, for `client(..)`.
    #[must_use]
    pub fn issued_to(mut self, client_id: impl Into<Arc<str>>) -> Self {
        self.client = Some(client_id.into());
        self
    }

    /// Sets the tenants the caller belongs to with this credential, and what it holds in each.
    #[must_use]
    pub fn tenants(mut self, tenants: Tenants) -> Self {
        self.tenants = tenants;
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

    /// What the account last proved itself with.
    pub fn used_factors(&self) -> FactorSet {
        self.factors
    }

    /// The client id of the OAuth 2.0 client the credential was issued to, if it was issued to one.
    pub fn client_id(&self) -> Option<&str> {
        self.client.as_deref()
    }

    /// The tenants the caller belongs to.
    pub fn memberships(&self) -> &Tenants {
        &self.tenants
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
