//! Changes of what names stand for: roles and what they bring, conditions and what they say.

use std::collections::BTreeSet;

use super::{super::drift::Drift, Change, ChangeKind};
use crate::{
    lock::{
        Lock, LockedRoute,
        definition::Definition,
        outline::Words,
        roles::{self, RoleType},
    },
    requirement::{Name, StatedLeaf, StatedLiteral},
};

/// Roles that bring more let more callers in, wherever a role is asked for.
pub(super) fn of_roles(old: &Lock, new: &Lock) -> Vec<Change> {
    let mut changes = Vec::new();
    for was in old.roles.iter().filter(|was| roles::find(&new.roles, &was.label).is_none()) {
        changes.push(Change::new(ChangeKind::Gone, title(was), "no route asks for one any more"));
    }
    for is in &new.roles {
        match roles::find(&old.roles, &is.label) {
            Some(was) => changes.extend(of_type(was, is, negates(old, is) || negates(new, is))),
            None => changes.push(Change::new(ChangeKind::New, title(is), "routes ask for them now")),
        }
    }
    changes
}

fn title(of: &RoleType) -> String {
    format!("roles of {}", Name(&of.label))
}

/// Whether somewhere a role of this type must not be held: then a role that brings more lets others in, and some not.
fn negates(lock: &Lock, of: &RoleType) -> bool {
    any_literal(lock, |literal| match &literal.leaf {
        StatedLeaf::Role(role, _) => literal.negated && role.of == of.label,
        _ => false,
    })
}

fn any_literal(lock: &Lock, mut is_it: impl FnMut(&StatedLiteral) -> bool) -> bool {
    let statements = lock.routes.iter().flat_map(LockedRoute::statements);
    statements.flat_map(|statement| statement.literals()).any(&mut is_it)
}

fn of_type(was: &RoleType, is: &RoleType, negated: bool) -> Vec<Change> {
    let names: BTreeSet<&String> = was.roles.keys().chain(is.roles.keys()).collect();
    let change = |name: &String| {
        let title = format!("role {}", Name(name));
        match (was.roles.contains_key(name), is.roles.contains_key(name)) {
            (true, false) => {
                return Some(Change::new(ChangeKind::Gone, title, format!("gone from {}", is.label)));
            }
            (false, _) => {
                let how = format!("new in {}{}", Name(&is.label), list(", brings ", &powers(is, name)));
                return Some(Change::new(ChangeKind::New, title, how));
            }
            (true, true) => {}
        }
        let (old, new) = (powers(was, name), powers(is, name));
        let drift = match Drift::between(old.is_subset(&new), new.is_subset(&old)) {
            drift if negated && !drift.is_none() => Drift::OTHERWISE,
            drift => drift,
        };
        let more = list("now brings ", &new.difference(&old).cloned().collect());
        let less = list("no longer brings ", &old.difference(&new).cloned().collect());
        let joint = if more.is_empty() || less.is_empty() { "" } else { "; " };
        drift.kind().map(|kind| Change::new(kind, title, format!("{more}{joint}{less}")))
    };
    names.into_iter().filter_map(change).collect()
}

/// All that holding the role brings, beside itself.
fn powers(of: &RoleType, role: &str) -> BTreeSet<String> {
    let mut brought = of.brought_by(role);
    brought.remove(role);
    let roles = brought.iter().map(|name| format!("role {}", Name(name)));
    roles.chain(of.bundled_into(role).iter().map(|scope| format!("scope {}", Name(scope)))).collect()
}

fn list(before: &str, powers: &BTreeSet<String>) -> String {
    if powers.is_empty() {
        return String::new();
    }
    let powers: Vec<&str> = powers.iter().map(String::as_str).collect();
    format!("{before}{}", powers.join(", "))
}

/// Conditions by name, where what they say is no longer the same.
pub(super) fn of_conditions(old: &Lock, new: &Lock) -> Vec<Change> {
    let keys: BTreeSet<_> = old.conditions.keys().chain(new.conditions.keys()).collect();
    let change = |key: &(_, String)| {
        let leaf = StatedLeaf::Condition(key.0, key.1.clone());
        let title = leaf.to_string();
        match (old.conditions.get(key), new.conditions.get(key)) {
            (Some(was), Some(is)) => {
                let negated = |lock| {
                    any_literal(lock, |literal: &StatedLiteral| literal.negated && literal.leaf == leaf)
                };
                let drift = match was.drift(is) {
                    drift if !drift.is_none() && (negated(old) || negated(new)) => Drift::OTHERWISE,
                    drift => drift,
                };
                let how = format!("was {}, is {}", definition(was), definition(is));
                drift.kind().map(|kind| Change::new(kind, title, how))
            }
            (Some(was), None) => {
                Some(Change::new(ChangeKind::Gone, title, format!("gone, was {}", definition(was))))
            }
            (None, Some(is)) => {
                Some(Change::new(ChangeKind::New, title, format!("new, is {}", definition(is))))
            }
            (None, None) => None,
        }
    };
    keys.into_iter().filter_map(change).collect()
}

fn definition(definition: &Definition) -> String {
    match definition {
        Definition::Networks(networks) if networks.is_empty() => "nowhere".to_owned(),
        Definition::Networks(networks) => {
            let networks: Vec<_> = networks.iter().map(ToString::to_string).collect();
            format!("`{}`", networks.join(" "))
        }
        Definition::Hours(window) => format!("`{window}`"),
        Definition::Words(words) => format!("`{}`", Words(words)),
    }
}
