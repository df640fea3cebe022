//! A caller and a request, put together leaf by leaf: what it holds, and what just one thing less is.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use crate::{
    authority::Authority,
    clock::Timestamp,
    factor::Factor,
    requirement::{Condition, Leaf, Literal, RoleLeaf, RoleSet, TimeWindow},
    scope::Scope,
    tenants::{Membership, Tenants},
};

/// The tenant that no path names.
const ELSEWHERE: &str = "matrix-elsewhere";

/// Addresses that a condition is unlikely to know all of: documentation, private, loopback.
const ADDRESSES: [&str; 6] =
    ["203.0.113.77", "192.0.2.77", "198.51.100.77", "10.77.77.77", "2001:db8::77", "127.0.0.77"];

/// What is held in one place.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Holdings {
    pub(super) scopes: BTreeSet<Scope>,
    pub(super) roles: Vec<RoleLeaf>,
}

/// A caller and what is said of its request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Situation {
    pub(super) delegated: bool,
    /// An OAuth 2.0 client that acts for itself.
    pub(super) is_client: bool,
    pub(super) held: Holdings,
    /// By the path parameter that names the tenant.
    pub(super) tenants: BTreeMap<&'static str, Holdings>,
    /// Whether it holds all it holds in another tenant, too.
    pub(super) elsewhere: Option<Holdings>,
    /// How long ago it signed in.
    pub(super) age: Option<Duration>,
    pub(super) factors: BTreeSet<Factor>,
    pub(super) client: Option<Arc<str>>,
    pub(super) address: Option<IpAddr>,
    pub(super) headers: BTreeMap<String, String>,
    /// Windows in which it should be, or should not.
    pub(super) hours: Vec<(TimeWindow, bool)>,
}

impl Situation {
    /// Adds what satisfies `literal`.
    pub(super) fn hold(&mut self, literal: &Literal) {
        if literal.negated { self.unset(&literal.leaf) } else { self.set(&literal.leaf) }
    }

    /// Takes away what satisfies `literal`.
    pub(super) fn lack(&mut self, literal: &Literal) {
        if literal.negated { self.set(&literal.leaf) } else { self.unset(&literal.leaf) }
    }

    /// Adds what `literal` asks for where it does not count: in another tenant, and everywhere if it is asked in one. Says whether
    /// there is such a place.
    pub(super) fn hold_elsewhere(&mut self, literal: &Literal) -> bool {
        let (Leaf::Scope(_, within) | Leaf::Role(_, within)) = &literal.leaf else { return false };
        if literal.negated {
            return false;
        }
        let elsewhere = self.elsewhere.get_or_insert_default();
        let mut places = vec![elsewhere];
        if within.is_some() {
            places.push(&mut self.held);
        }
        for place in places {
            match &literal.leaf {
                Leaf::Scope(scope, _) => _ = place.scopes.insert(scope.clone()),
                Leaf::Role(role, _) => place.add(*role),
                _ => {}
            }
        }
        true
    }

    fn set(&mut self, leaf: &Leaf) {
        match leaf {
            Leaf::SignedIn | Leaf::Undelegated => self.delegated = false,
            Leaf::Scope(scope, None) => _ = self.held.scopes.insert(scope.clone()),
            Leaf::Role(role, None) => self.held.add(*role),
            Leaf::Scope(scope, Some(tenant)) => _ = self.tenant(tenant).scopes.insert(scope.clone()),
            Leaf::Role(role, Some(tenant)) => self.tenant(tenant).add(*role),
            Leaf::Tenant(tenant) => _ = self.tenant(tenant),
            Leaf::Recent(_) => self.age = Some(Duration::ZERO),
            Leaf::Factor(factor) => _ = self.factors.insert(*factor),
            Leaf::Client(id) => self.client = Some(Arc::clone(id)),
            Leaf::Condition(named) => self.meet(&named.condition, true),
            Leaf::Check(_) | Leaf::Relation(_) => {}
        }
    }

    fn unset(&mut self, leaf: &Leaf) {
        match leaf {
            Leaf::SignedIn | Leaf::Undelegated => self.delegated = true,
            Leaf::Scope(scope, None) => _ = self.held.scopes.remove(scope),
            Leaf::Role(role, None) => self.held.drop(role),
            Leaf::Scope(scope, Some(tenant)) => _ = self.tenant(tenant).scopes.remove(scope),
            Leaf::Role(role, Some(tenant)) => self.tenant(tenant).drop(role),
            Leaf::Tenant(tenant) => _ = self.tenants.remove(tenant),
            Leaf::Recent(age) => self.age = Some(*age + Duration::from_secs(1)),
            Leaf::Factor(factor) => self.without_factor(*factor),
            Leaf::Client(_) => self.client = Some("matrix-other-client".into()),
            Leaf::Condition(named) => self.meet(&named.condition, false),
            Leaf::Check(_) | Leaf::Relation(_) => {}
        }
    }

    fn tenant(&mut self, parameter: &'static str) -> &mut Holdings {
        self.tenants.entry(parameter).or_default()
    }

    /// Of several, `mfa` follows by itself; so without it there is one at most.
    fn without_factor(&mut self, factor: Factor) {
        self.factors.remove(&factor);
        if factor == Factor::Several {
            self.factors = self.factors.first().copied().into_iter().collect();
        }
    }

    fn meet(&mut self, condition: &Condition, wanted: bool) {
        match condition {
            Condition::Address(networks) => {
                let known = |address: &IpAddr| networks.iter().any(|network| network.contains(address));
                let others = ADDRESSES.iter().filter_map(|address| address.parse().ok());
                let own = networks.iter().map(ipnet::IpNet::addr);
                self.address = own.chain(others).find(|address| known(address) == wanted);
            }
            Condition::Hours(window) => {
                self.hours.retain(|(known, _)| known != window);
                self.hours.push((*window, wanted));
            }
            Condition::Header(name, value) if wanted => {
                self.headers.insert(name.to_string(), value.clone());
            }
            Condition::Header(name, value) => {
                self.headers.insert(name.to_string(), format!("{value}-matrix"));
            }
        }
    }

    /// The caller at the time `now`; `tenant` is what stands in the path for a parameter.
    pub(super) fn authority(&self, now: Timestamp, tenant: impl Fn(&str) -> String) -> Authority {
        const ID: &str = "matrix";
        let authority = match (self.is_client, self.delegated) {
            (true, _) => Authority::client(ID),
            (false, true) => Authority::delegated(ID),
            (false, false) => Authority::account(ID),
        };
        let here = self.tenants.iter().map(|(name, held)| (tenant(name), held.membership()));
        let elsewhere = self.elsewhere.iter().map(|held| (ELSEWHERE.to_owned(), held.membership()));
        let authority = authority
            .scopes(self.held.scopes.iter().cloned().collect())
            .role_set(RoleSet::of_leaves(&self.held.roles))
            .factors(self.factors.iter().copied())
            .tenants(here.chain(elsewhere).collect::<Tenants>());
        let authority = match &self.client {
            Some(client) if !self.is_client => authority.issued_to(Arc::clone(client)),
            _ => authority,
        };
        match self.age {
            Some(age) => authority.authenticated_at(now.before(age)),
            None => authority,
        }
    }
}

impl Holdings {
    fn add(&mut self, role: RoleLeaf) {
        if !self.roles.contains(&role) {
            self.roles.push(role);
        }
    }

    pub(super) fn add_all(&mut self, roles: Vec<RoleLeaf>) {
        roles.into_iter().for_each(|role| self.add(role));
    }

    /// Without any role that brings `role`.
    fn drop(&mut self, role: &RoleLeaf) {
        self.roles.retain(|held| held.kind != role.kind || !held.brings().contains(&role.name));
    }

    fn membership(&self) -> Membership {
        let membership = Membership::new().scopes(self.scopes.iter().cloned().collect());
        membership.role_set(RoleSet::of_leaves(&self.roles))
    }
}
