//! The hierarchies of roles: which role brings which, and what is bundled into it.

use std::collections::{BTreeMap, BTreeSet};

use crate::requirement::{RoleKind, Statement};

/// A type of roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RoleType {
    /// Its name, with its module.
    pub(crate) label: String,
    /// By name.
    pub(crate) roles: BTreeMap<String, LockedRole>,
}

/// One role, as it is declared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LockedRole {
    pub(crate) includes: BTreeSet<String>,
    pub(crate) bundles: BTreeSet<String>,
}

impl RoleType {
    pub(crate) fn of(kind: RoleKind, label: &str) -> Self {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        let declared = (kind.declared)().into_iter().map(|role| {
            (role.name.to_owned(), LockedRole { includes: owned(role.includes), bundles: owned(role.scopes) })
        });
        Self { label: label.to_owned(), roles: declared.collect() }
    }

    /// All roles that holding `role` brings, itself among them.
    pub(crate) fn brought_by(&self, role: &str) -> BTreeSet<String> {
        let mut brought = BTreeSet::from([role.to_owned()]);
        let mut open = vec![role];
        while let Some(next) = open.pop() {
            for included in self.roles.get(next).iter().flat_map(|role| &role.includes) {
                if brought.insert(included.clone()) {
                    open.push(included);
                }
            }
        }
        brought
    }

    /// All scopes that holding `role` brings.
    pub(crate) fn bundled_into(&self, role: &str) -> BTreeSet<String> {
        let brought = self.brought_by(role);
        let declared = brought.iter().filter_map(|name| self.roles.get(name));
        declared.flat_map(|role| role.bundles.iter().cloned()).collect()
    }
}

/// The type that is called `label`.
pub(crate) fn find<'a>(roles: &'a [RoleType], label: &str) -> Option<&'a RoleType> {
    roles.iter().find(|known| known.label == label)
}

/// The type of the role `name`, if its name alone says it: no other type has one of that name.
pub(crate) fn only_type<'a>(roles: &'a [RoleType], name: &str) -> Option<&'a str> {
    let mut of = roles.iter().filter(|known| known.roles.contains_key(name));
    match (of.next(), of.next()) {
        (Some(only), None) => Some(&only.label),
        _ => None,
    }
}

/// The statement, its roles bringing what `roles` declares.
pub(crate) fn filled_in(statement: &Statement, roles: &[RoleType]) -> Statement {
    statement.with_roles(&mut |role| {
        if let Some(of) = find(roles, &role.of).filter(|of| of.roles.contains_key(&role.name)) {
            role.brings = of.brought_by(&role.name).into_iter().collect();
        }
    })
}
