//! Types that are called otherwise, or stand elsewhere: told once, and not at each route. Nobody can know that the one is what the
//! other was, so it is told.

use std::collections::BTreeSet;

use super::{Change, ChangeKind};
use crate::{
    lock::{Access, Lock, LockedRoute},
    requirement::{Name, Statement},
};

/// The old lock with the names that the new one has, where just one name went and just one came; and what was renamed.
pub(super) fn with_names_of(old: &Lock, new: &Lock) -> (Lock, Vec<Change>) {
    let (mut lock, mut changes) = (old.clone(), Vec::new());
    if let Some((was, is)) = renamed(&role_types(old), &role_types(new)) {
        lock.call_roles(&was, &is);
        let how = format!("are roles of {} now", Name(&is));
        changes.push(Change::new(ChangeKind::Changed, format!("roles of {}", Name(&was)), how));
    }
    if let Some((was, is)) = renamed(&principals(old), &principals(new)) {
        let all = lock.routes.iter_mut().filter(|route| route.principal.as_ref() == Some(&was));
        all.for_each(|route| route.principal = Some(is.clone()));
        let how = format!("is {} now", Name(&is));
        changes.push(Change::new(ChangeKind::Changed, format!("principal {}", Name(&was)), how));
    }
    (lock, changes)
}

fn role_types(lock: &Lock) -> BTreeSet<String> {
    lock.roles.iter().map(|of| of.label.clone()).collect()
}

fn principals(lock: &Lock) -> BTreeSet<String> {
    lock.routes.iter().filter_map(|route| route.principal.clone()).collect()
}

fn renamed(old: &BTreeSet<String>, new: &BTreeSet<String>) -> Option<(String, String)> {
    let (mut gone, mut came) = (old.difference(new), new.difference(old));
    match (gone.next(), gone.next(), came.next(), came.next()) {
        (Some(was), None, Some(is), None) => Some((was.clone(), is.clone())),
        _ => None,
    }
}

impl Lock {
    /// Calls the role type `was` by the name `is`.
    fn call_roles(&mut self, was: &str, is: &str) {
        for of in self.roles.iter_mut().filter(|of| of.label == was) {
            is.clone_into(&mut of.label);
        }
        let renamed = |statement: &Statement| {
            statement.with_roles(&mut |role| {
                if role.of == was {
                    is.clone_into(&mut role.of);
                }
            })
        };
        for LockedRoute { access, objects, .. } in &mut self.routes {
            if let Access::Requires(statement) = access {
                *statement = renamed(statement);
            }
            objects.iter_mut().for_each(|object| object.requires = renamed(&object.requires));
        }
    }
}
