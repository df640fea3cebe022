//! Roles: a hierarchy declared once, held as bits, so that a check is one comparison.

use std::{any::TypeId, fmt, sync::Arc};

use crate::scope::{Scope, ScopeSet};

/// A role. The hierarchy is declared here, once: `Admin` includes `Editor`, which includes `User`.
///
/// Usually derived: `#[derive(Role)]` on an enum whose variants say `#[role(includes(Editor), scopes("items:write"))]`.
pub trait Role: Copy + Eq + fmt::Debug + Send + Sync + 'static {
    /// Every role there is, at most 64.
    const ALL: &'static [Self];

    /// The role's name, as stored and as printed.
    fn name(self) -> &'static str;

    /// The roles this one directly includes; several are allowed. That a role includes itself, by whatever way, is a
    /// start-up error.
    fn includes(self) -> &'static [Self];

    /// The permissions bundled into this role, as scopes: what it allows beside what the roles it includes allow. They are
    /// part of the lock file.
    fn scopes(self) -> &'static [&'static str] {
        &[]
    }
}

/// One role, as its type declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeclaredRole {
    pub(crate) name: &'static str,
    pub(crate) includes: Vec<&'static str>,
    pub(crate) scopes: Vec<&'static str>,
}

/// Which role type a role belongs to: the `Admin` of one type is not the `Admin` of another.
#[derive(Clone, Copy)]
pub(crate) struct RoleKind {
    id: TypeId,
    pub(crate) name: &'static str,
    /// The whole hierarchy, as declared.
    pub(crate) declared: fn() -> Vec<DeclaredRole>,
    bundled: fn(u64) -> ScopeSet,
    /// Every role of the type.
    #[cfg(feature = "testing")]
    pub(crate) leaves: fn() -> Vec<RoleLeaf>,
}

impl RoleKind {
    fn of<R: Role>() -> Self {
        Self {
            id: TypeId::of::<R>(),
            name: std::any::type_name::<R>(),
            declared: declared::<R>,
            bundled: bundled::<R>,
            #[cfg(feature = "testing")]
            leaves: || R::ALL.iter().copied().map(RoleLeaf::of).collect(),
        }
    }
}

impl PartialEq for RoleKind {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for RoleKind {}

impl fmt::Debug for RoleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

fn declared<R: Role>() -> Vec<DeclaredRole> {
    let names = |roles: &[R]| roles.iter().map(|role| role.name()).collect();
    let role = |role: &R| DeclaredRole {
        name: role.name(),
        includes: names(role.includes()),
        scopes: role.scopes().to_vec(),
    };
    R::ALL.iter().map(role).collect()
}

fn bundled<R: Role>(bits: u64) -> ScopeSet {
    let held = R::ALL.iter().filter(|role| bits & bit(**role) != 0);
    held.flat_map(|role| role.scopes()).filter_map(|name| Scope::new(name).ok()).collect()
}

/// A role as a leaf of a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RoleLeaf {
    pub(crate) kind: RoleKind,
    pub(crate) name: &'static str,
    bit: u64,
    /// Itself and everything that it includes: what a holder of this role also holds.
    pub(crate) closure: u64,
}

impl RoleLeaf {
    pub(crate) fn of<R: Role>(role: R) -> Self {
        Self { kind: RoleKind::of::<R>(), name: role.name(), bit: bit(role), closure: closure(role) }
    }

    /// The names of all roles that holding this one brings, itself among them.
    pub(crate) fn brings(self) -> Vec<&'static str> {
        let declared = (self.kind.declared)();
        let held = declared.iter().enumerate().filter(|(at, _)| self.closure & (1 << at) != 0);
        held.map(|(_, role)| role.name).collect()
    }

    /// What is wrong with its type: a role that includes itself, a name given twice, a bundle of what are no scopes.
    pub(crate) fn faults(self) -> Vec<String> {
        let declared = (self.kind.declared)();
        let kind = self.kind.name;
        let mut faults = Vec::new();
        for (at, role) in declared.iter().enumerate() {
            // Once for each circle, beginning with the role of it that is declared first.
            let told = way_back(&declared, role.name).filter(|way| {
                let first = declared.iter().find(|other| way.contains(&other.name));
                first.is_some_and(|first| first.name == role.name)
            });
            if let Some(way) = told {
                let way: Vec<_> = way.iter().map(|name| format!("`{name}`")).collect();
                faults.push(format!("the roles of `{kind}` are no hierarchy: {}", way.join(" includes ")));
            }
            if declared[..at].iter().any(|other| other.name == role.name) {
                faults.push(format!("two roles of `{kind}` are named `{}`", role.name));
            }
            let no_scope = role.scopes.iter().filter(|name| Scope::new(name).is_err());
            faults.extend(no_scope.map(|name| {
                format!("the role `{}` of `{kind}` bundles {name:?}, which is no scope", role.name)
            }));
        }
        faults
    }
}

/// How `start` includes itself, if it does: each of these includes the next.
fn way_back<'r>(declared: &'r [DeclaredRole], start: &'r str) -> Option<Vec<&'r str>> {
    let mut ways = vec![vec![start]];
    let mut seen = vec![start];
    while let Some(way) = ways.pop() {
        let last = way.last().copied().unwrap_or(start);
        let Some(role) = declared.iter().find(|role| role.name == last) else { continue };
        for next in &role.includes {
            let further = way.iter().copied().chain([*next]).collect::<Vec<_>>();
            if *next == start {
                return Some(further);
            }
            if !seen.contains(next) {
                seen.push(next);
                ways.push(further);
            }
        }
    }
    None
}

/// The roles somebody holds, with all that they include; cheap to clone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RoleSet(Option<Arc<[(RoleKind, u64)]>>);

impl RoleSet {
    /// The set of `roles` and all that they include.
    pub fn of<R: Role>(roles: impl IntoIterator<Item = R>) -> Self {
        Self::default().with(roles)
    }

    /// This set and `roles`, which may be of another role type.
    #[must_use]
    pub fn with<R: Role>(self, roles: impl IntoIterator<Item = R>) -> Self {
        let bits = roles.into_iter().fold(0, |bits, role| bits | closure(role));
        let mut kinds: Vec<_> = self.0.iter().flat_map(|kinds| kinds.iter().copied()).collect();
        let kind = RoleKind::of::<R>();
        match kinds.iter_mut().find(|(held, _)| *held == kind) {
            Some((_, held)) => *held |= bits,
            None => kinds.push((kind, bits)),
        }
        Self(Some(kinds.into()))
    }

    /// The set of these roles and all that they include.
    #[cfg(feature = "testing")]
    pub(crate) fn of_leaves<'a>(roles: impl IntoIterator<Item = &'a RoleLeaf>) -> Self {
        let mut kinds: Vec<(RoleKind, u64)> = Vec::new();
        for role in roles {
            match kinds.iter_mut().find(|(kind, _)| *kind == role.kind) {
                Some((_, held)) => *held |= role.closure,
                None => kinds.push((role.kind, role.closure)),
            }
        }
        Self(Some(kinds.into()))
    }

    /// Whether `role` is held, directly or by inclusion.
    pub fn holds<R: Role>(&self, role: R) -> bool {
        self.satisfies(&RoleLeaf::of(role))
    }

    /// The permissions bundled into the roles and all that they include ([`Role::scopes`]).
    pub fn scopes(&self) -> ScopeSet {
        let kinds = self.0.iter().flat_map(|kinds| kinds.iter());
        kinds.flat_map(|(kind, bits)| (kind.bundled)(*bits).iter().cloned().collect::<Vec<_>>()).collect()
    }

    /// The names of the roles held, with all that they include, by the name of their type.
    pub(crate) fn names(&self) -> Vec<(&'static str, &'static str)> {
        let kinds = self.0.iter().flat_map(|kinds| kinds.iter());
        kinds
            .flat_map(|(kind, bits)| {
                let declared = (kind.declared)().into_iter().enumerate();
                declared.filter(move |(at, _)| bits & (1 << at) != 0).map(|(_, role)| (kind.name, role.name))
            })
            .collect()
    }

    pub(crate) fn satisfies(&self, leaf: &RoleLeaf) -> bool {
        self.0
            .iter()
            .flat_map(|kinds| kinds.iter())
            .any(|(kind, bits)| *kind == leaf.kind && bits & leaf.bit != 0)
    }
}

impl fmt::Debug for RoleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = self.0.iter().flat_map(|kinds| kinds.iter());
        f.debug_map()
            .entries(kinds.map(|(kind, bits)| (kind.name, format_args!("{bits:#b}").to_string())))
            .finish()
    }
}

fn bit<R: Role>(role: R) -> u64 {
    const { assert!(R::ALL.len() <= 64, "a role type has at most 64 roles") };
    // A role missing from `ALL` has no bit: nobody holds it.
    R::ALL.iter().position(|known| *known == role).map_or(0, |position| 1 << position)
}

fn closure<R: Role>(role: R) -> u64 {
    let mut bits = bit(role);
    let mut open = vec![role];
    while let Some(next) = open.pop() {
        for included in next.includes() {
            let included_bit = bit(*included);
            // A cycle ends here: what is in already is not walked again.
            if bits & included_bit == 0 {
                bits |= included_bit;
                open.push(*included);
            }
        }
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Staff {
        User,
        Editor,
        Admin,
    }

    impl Role for Staff {
        const ALL: &'static [Self] = &[Self::User, Self::Editor, Self::Admin];
        fn name(self) -> &'static str {
            ["user", "editor", "admin"][self as usize]
        }
        fn includes(self) -> &'static [Self] {
            match self {
                Self::User => &[],
                Self::Editor => &[Self::User],
                Self::Admin => &[Self::Editor],
            }
        }
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Admin;

    impl Role for Admin {
        const ALL: &'static [Self] = &[Self];
        fn name(self) -> &'static str {
            "admin"
        }
        fn includes(self) -> &'static [Self] {
            &[]
        }
    }

    #[test]
    fn a_role_brings_all_it_includes_and_nothing_above() {
        let editor = RoleSet::of([Staff::Editor]);
        assert!(editor.holds(Staff::Editor) && editor.holds(Staff::User) && !editor.holds(Staff::Admin));
        assert!(RoleSet::of([Staff::Admin]).holds(Staff::User));
    }

    #[test]
    fn the_same_name_in_another_role_type_is_another_role() {
        assert!(!RoleSet::of([Admin]).holds(Staff::Admin));
        let both = RoleSet::of([Admin]).with([Staff::User]);
        assert!(both.holds(Admin) && both.holds(Staff::User) && !both.holds(Staff::Admin));
    }
}
