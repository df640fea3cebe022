//! Who the columns are, and whether each could call: a requirement is looked at leaf by leaf, as somebody with just this and
//! nothing else would find it.

use std::collections::BTreeSet;

use crate::{
    lock::{Access, Lock, LockedRoute, RoleType},
    requirement::{Name, StatedLeaf, StatedLiteral, Statement},
};

/// Whom a column is about.
pub(super) enum Who {
    /// Nobody signed in.
    Anybody,
    /// An account that has just signed in itself, with no role and no scope that are known.
    SignedIn,
    /// The same, holding this role of this type, and what comes with it.
    Role { of: String, shown: String, brings: BTreeSet<String>, bundled: BTreeSet<String> },
    /// A credential that was given this scope and nothing else, and acts for nobody.
    Scope(String),
}

/// Whether somebody could call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    Yes,
    /// If this holds too.
    With(Vec<String>),
    No,
}

/// Everybody the routes of `lock` tell apart.
pub(super) fn everybody(lock: &Lock) -> Vec<Who> {
    let leaves = lock.routes.iter().flat_map(LockedRoute::statements).flat_map(Statement::literals);
    let scopes: BTreeSet<String> = leaves
        .filter_map(|literal| match &literal.leaf {
            StatedLeaf::Scope(scope, _) => Some(scope.as_str().to_owned()),
            _ => None,
        })
        .collect();
    let roles = lock.roles.iter().flat_map(|of| {
        let mut names: Vec<&String> = of.roles.keys().collect();
        // Those that bring most stand last.
        names.sort_by_key(|name| of.brought_by(name).len());
        names.into_iter().map(|name| Who::of_role(lock, of, name))
    });
    [Who::Anybody, Who::SignedIn].into_iter().chain(roles).chain(scopes.into_iter().map(Who::Scope)).collect()
}

impl Who {
    fn of_role(lock: &Lock, of: &RoleType, name: &str) -> Self {
        let is_shared = lock.roles.iter().filter(|other| other.roles.contains_key(name)).count() > 1;
        let shown = Name(name).to_string();
        Self::Role {
            of: of.label.clone(),
            shown: if is_shared { format!("{shown}, {}", Name(&of.label)) } else { shown },
            brings: of.brought_by(name),
            bundled: of.bundled_into(name),
        }
    }

    /// Whether they could call this route.
    pub(super) fn passes(&self, route: &LockedRoute) -> Pass {
        let Access::Requires(statement) = &route.access else { return Pass::Yes };
        if matches!(self, Self::Anybody) {
            return Pass::No;
        }
        // What is decided of each of a list leaves some of it out, and refuses nobody.
        let objects = route.objects.iter().filter(|object| !object.of.each);
        let all = objects.fold(statement.clone(), |all, object| all.and(object.requires.clone()));
        self.satisfies(&all)
    }

    fn satisfies(&self, statement: &Statement) -> Pass {
        let Ok(alternatives) = statement.normal_form() else {
            return Pass::With(vec![statement.to_string()]);
        };
        let mut passes = alternatives.iter().map(|all| self.satisfies_all(all)).collect::<Vec<_>>();
        passes.sort_by_key(|pass| match pass {
            Pass::Yes => 0,
            Pass::With(more) => more.len(),
            Pass::No => usize::MAX,
        });
        passes.into_iter().next().unwrap_or(Pass::No)
    }

    fn satisfies_all(&self, literals: &[StatedLiteral]) -> Pass {
        let mut more = Vec::new();
        for literal in literals {
            match self.holds(literal) {
                Some(true) => {}
                Some(false) => return Pass::No,
                None => more.push(literal.to_string()),
            }
        }
        if more.is_empty() { Pass::Yes } else { Pass::With(more) }
    }

    /// Whether the leaf holds for them; none where it hangs on something that is not said of them.
    fn holds(&self, literal: &StatedLiteral) -> Option<bool> {
        match &literal.leaf {
            StatedLeaf::SignedIn | StatedLeaf::Undelegated | StatedLeaf::Recent(_) => Some(self.signed_in()),
            // What is delegated satisfies neither a role nor its absence.
            StatedLeaf::Role(..) | StatedLeaf::Factor(_) if !self.signed_in() => Some(false),
            StatedLeaf::Role(role, within) => match (self.has_role(&role.of, &role.name), within) {
                (has, None) => Some(has != literal.negated),
                // Held in a tenant, it is more than having it.
                (true, Some(_)) => None,
                (false, Some(_)) if literal.negated => None,
                (false, Some(_)) => Some(false),
            },
            StatedLeaf::Scope(scope, None) if self.has_scope(scope.as_str()) => Some(true),
            _ => None,
        }
    }

    fn signed_in(&self) -> bool {
        matches!(self, Self::SignedIn | Self::Role { .. })
    }

    fn has_role(&self, wanted_of: &str, wanted: &str) -> bool {
        match self {
            Self::Role { of, brings, .. } => of == wanted_of && brings.contains(wanted),
            _ => false,
        }
    }

    fn has_scope(&self, wanted: &str) -> bool {
        match self {
            Self::Role { bundled, .. } => bundled.contains(wanted),
            Self::Scope(scope) => scope == wanted,
            Self::Anybody | Self::SignedIn => false,
        }
    }
}
