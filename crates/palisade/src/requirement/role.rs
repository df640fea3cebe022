//! Roles: a hierarchy declared once, held as bits, so that a check is one comparison.

use std::{any::TypeId, fmt, sync::Arc};

/// A role. The hierarchy is declared here, once: `Admin` includes `Editor`, which includes `User`.
///
/// Usually derived: `#[derive(Role)]` on an enum whose variants say `#[role(includes(Editor))]`.
pub trait Role: Copy + Eq + fmt::Debug + Send + Sync + 'static {
    /// Every role there is, at most 64.
    const ALL: &'static [Self];

    /// The role's name, as stored and as printed.
    fn name(self) -> &'static str;

    /// The roles this one directly includes.
    fn includes(self) -> &'static [Self];
}

/// Which role type a role belongs to: the `Admin` of one type is not the `Admin` of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RoleKind {
    id: TypeId,
    pub(crate) name: &'static str,
}

impl RoleKind {
    fn of<R: Role>() -> Self {
        Self { id: TypeId::of::<R>(), name: std::any::type_name::<R>() }
    }
}

/// A role as a leaf of a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

    /// Whether holding this role implies holding `other`.
    pub(crate) fn implies(self, other: Self) -> bool {
        self.kind == other.kind && self.closure & other.bit != 0
    }
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

    /// Whether `role` is held, directly or by inclusion.
    pub fn holds<R: Role>(&self, role: R) -> bool {
        self.satisfies(&RoleLeaf::of(role))
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
