//! All roles at one moment, with what each comes to.

use std::collections::{BTreeMap, BTreeSet};

use palisade::scope::ScopeSet;

use super::{RoleDefinition, RoleName, RoleRefused};
use crate::role::Role;

/// All roles as they stand: each includes only roles there are, none includes itself, and none but the built-in admin
/// brings a scope of administration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleBook {
    definitions: BTreeMap<RoleName, RoleDefinition>,
    /// The scopes of each role in the book and of each built-in one, with those of all it includes.
    scopes: BTreeMap<RoleName, ScopeSet>,
}

/// What a role comes to as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveRole {
    /// Its name.
    pub name: RoleName,
    /// Whether it ships with the code.
    pub built_in: bool,
    /// The roles it includes itself.
    pub includes: BTreeSet<RoleName>,
    /// The scopes it was given at run time.
    pub own_scopes: ScopeSet,
    /// All roles it includes, directly or by way of others; not itself.
    pub closure: BTreeSet<RoleName>,
    /// All scopes it brings.
    pub scopes: ScopeSet,
}

impl RoleBook {
    /// How many roles can be stored.
    pub const MOST: usize = 256;

    /// The book of `definitions`; of two of one name the last counts.
    ///
    /// # Errors
    ///
    /// [`RoleRefused`] when they do not go together.
    pub fn new(definitions: impl IntoIterator<Item = RoleDefinition>) -> Result<Self, RoleRefused> {
        let definitions: BTreeMap<_, _> =
            definitions.into_iter().map(|role| (role.name.clone(), role)).collect();
        if definitions.len() > Self::MOST {
            return Err(RoleRefused::TooManyRoles);
        }
        let mut book = Self { definitions, scopes: BTreeMap::new() };
        book.check()?;
        book.scopes = book.names().into_iter().map(|name| (name.clone(), book.collect(&name))).collect();
        Ok(book)
    }

    /// The book with `role` in it, in the place of one of its name.
    ///
    /// # Errors
    ///
    /// [`RoleRefused`] when it does not go with the others.
    pub fn with(&self, role: RoleDefinition) -> Result<Self, RoleRefused> {
        Self::new(self.definitions.values().cloned().chain([role]))
    }

    /// Whether the role `name` may be removed as far as the others are concerned. What was added to a built-in role can
    /// always be taken away again.
    ///
    /// # Errors
    ///
    /// [`RoleRefused::NotStored`] and [`RoleRefused::Included`].
    pub fn check_removal(&self, name: &RoleName) -> Result<(), RoleRefused> {
        if !self.definitions.contains_key(name) {
            return Err(RoleRefused::NotStored(name.clone()));
        }
        let including = self.definitions.values().filter(|role| role.includes.contains(name));
        let by: Vec<_> = including.map(|role| role.name.clone()).collect();
        if by.is_empty() || name.built_in().is_some() {
            return Ok(());
        }
        Err(RoleRefused::Included { role: name.clone(), by })
    }

    /// Whether there is a role `name`, built-in or stored.
    pub fn knows(&self, name: &RoleName) -> bool {
        name.built_in().is_some() || self.definitions.contains_key(name)
    }

    /// All scopes the role `name` brings; none if there is no such role.
    pub fn scopes_of(&self, name: &RoleName) -> ScopeSet {
        match (self.scopes.get(name), name.built_in()) {
            (Some(scopes), _) => scopes.clone(),
            (None, Some(role)) => role.scopes(),
            (None, None) => ScopeSet::default(),
        }
    }

    /// What is stored, by name.
    pub fn definitions(&self) -> impl Iterator<Item = &RoleDefinition> {
        self.definitions.values()
    }

    /// What each role comes to: the built-in ones first, the smallest of them first, then the stored ones by name.
    pub fn effective(&self) -> Vec<EffectiveRole> {
        let stored = self.definitions.keys().filter(|name| name.built_in().is_none()).cloned();
        let names = built_in().map(RoleName::from).chain(stored);
        names.map(|name| self.effective_role(name)).collect()
    }

    fn effective_role(&self, name: RoleName) -> EffectiveRole {
        let mut closure = self.closure(&name);
        closure.remove(&name);
        EffectiveRole {
            built_in: name.built_in().is_some(),
            includes: self.included(&name).collect(),
            own_scopes: self.definitions.get(&name).map(|role| role.scopes.clone()).unwrap_or_default(),
            scopes: self.scopes_of(&name),
            closure,
            name,
        }
    }

    fn names(&self) -> BTreeSet<RoleName> {
        self.definitions.keys().cloned().chain(built_in().map(RoleName::from)).collect()
    }

    fn check(&self) -> Result<(), RoleRefused> {
        for role in self.definitions.values() {
            role.check()?;
            if let Some(unknown) = role.includes.iter().find(|name| !self.knows(name)) {
                return Err(RoleRefused::UnknownInclude(unknown.clone()));
            }
        }
        let mut done = BTreeSet::new();
        for name in self.definitions.keys() {
            self.find_circle(name, &mut Vec::new(), &mut done)?;
        }
        Ok(())
    }

    /// Goes down from `name`, which is what the last of `way` includes. Each role is gone through once: those in `done`
    /// lead to no circle. No way is longer than there are roles.
    fn find_circle<'a>(
        &'a self,
        name: &'a RoleName,
        way: &mut Vec<&'a RoleName>,
        done: &mut BTreeSet<&'a RoleName>,
    ) -> Result<(), RoleRefused> {
        if let Some(start) = way.iter().position(|passed| *passed == name) {
            let circle = way[start..].iter().copied().chain([name]);
            return Err(RoleRefused::Cycle(circle.cloned().collect()));
        }
        if done.contains(name) {
            return Ok(());
        }
        way.push(name);
        for included in self.definitions.get(name).into_iter().flat_map(|role| &role.includes) {
            self.find_circle(included, way, done)?;
        }
        way.pop();
        done.insert(name);
        Ok(())
    }

    fn included(&self, name: &RoleName) -> impl Iterator<Item = RoleName> {
        let shipped = name.built_in().map(palisade::Role::includes).unwrap_or_default();
        let stored = self.definitions.get(name).into_iter().flat_map(|role| role.includes.iter().cloned());
        shipped.iter().copied().map(RoleName::from).chain(stored)
    }

    /// `name` and all it includes.
    fn closure(&self, name: &RoleName) -> BTreeSet<RoleName> {
        let mut found = BTreeSet::from([name.clone()]);
        let mut open = vec![name.clone()];
        while let Some(next) = open.pop() {
            open.extend(self.included(&next).filter(|included| found.insert(included.clone())));
        }
        found
    }

    fn collect(&self, name: &RoleName) -> ScopeSet {
        let shipped = |name: &RoleName| name.built_in().map(Role::scopes).unwrap_or_default();
        let added = |name: &RoleName| self.definitions.get(name).map(|role| role.scopes.clone());
        let of = |name: &RoleName| union([shipped(name), added(name).unwrap_or_default()]);
        union(self.closure(name).iter().map(of))
    }
}

/// What any of `sets` holds; what holds it all is not copied. All others are put together at once, so that it costs no more
/// than what is in them.
pub(super) fn union(sets: impl IntoIterator<Item = ScopeSet>) -> ScopeSet {
    let sets: Vec<ScopeSet> = sets.into_iter().collect();
    let Some(largest) = sets.iter().max_by_key(|set| set.iter().count()) else { return ScopeSet::default() };
    if sets.iter().all(|set| set.is_subset(largest)) {
        return largest.clone();
    }
    sets.iter().flat_map(ScopeSet::iter).cloned().collect()
}

fn built_in() -> impl Iterator<Item = Role> {
    <Role as palisade::Role>::ALL.iter().copied()
}
