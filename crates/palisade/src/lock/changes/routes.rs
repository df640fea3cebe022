//! Changes of routes.

use super::{super::drift::Drift, Change, ChangeKind};
use crate::{
    lock::{
        Access, Lock, LockedRoute,
        locked::{Credentials, LockedObject, ObjectOf},
        outline::Words,
        roles,
        write::{Path, Together},
    },
    requirement::{Name, Statement},
};

/// All changes of routes, in the order of their paths.
pub(super) fn changes(old: &Lock, new: &Lock) -> Vec<Change> {
    let both = Both { old, new };
    let mut keys: Vec<_> = old.routes.iter().chain(&new.routes).map(LockedRoute::key).collect();
    keys.sort_unstable();
    keys.dedup();
    let find = |lock: &'_ Lock, key| lock.routes.iter().position(|route| route.key() == key);
    keys.into_iter()
        .flat_map(|key| {
            let was = find(old, key).map(|at| &old.routes[at]);
            let is = find(new, key).map(|at| &new.routes[at]);
            both.route(was, is)
        })
        .collect()
}

fn title(route: &LockedRoute) -> String {
    format!("{} {}", Name(&route.method), Path(&route.path))
}

/// The two locks.
struct Both<'a> {
    old: &'a Lock,
    new: &'a Lock,
}

impl Both<'_> {
    fn route(&self, was: Option<&LockedRoute>, is: Option<&LockedRoute>) -> Vec<Change> {
        match (was, is) {
            (Some(was), Some(is)) => self.same_route(was, is),
            (Some(was), None) => {
                let how = format!("gone, was {}", said(self.old, &was.access));
                vec![Change::new(ChangeKind::Gone, title(was), how)]
            }
            (None, Some(is)) => {
                let kind = if is.is_public() { ChangeKind::NewPublic } else { ChangeKind::New };
                vec![Change::new(kind, title(is), format!("new, is {}", said(self.new, &is.access)))]
            }
            (None, None) => Vec::new(),
        }
    }

    fn same_route(&self, was: &LockedRoute, is: &LockedRoute) -> Vec<Change> {
        let mut found = Found { title: title(is), changes: Vec::new() };
        match (&was.access, &is.access) {
            (Access::Public(old), Access::Public(new)) => {
                if old != new {
                    found.push(
                        Drift::OTHERWISE,
                        format!("was public: {}, is public: {}", Words(old), Words(new)),
                    );
                }
                let objects = self.objects(was, is);
                found.combined(objects);
                found.knows(was, is);
            }
            (Access::Requires(old), Access::Requires(new)) => {
                let mut parts = Vec::from_iter(self.statement("", old, new));
                parts.extend(by(&was.credentials, &is.credentials));
                parts.extend(self.objects(was, is));
                found.combined(parts);
                found.principal(was, is);
            }
            (Access::Requires(_), Access::Public(_)) => {
                let how = format!("was {}, is {}", said(self.old, &was.access), said(self.new, &is.access));
                found.changes.push(Change::new(ChangeKind::NewPublic, found.title.clone(), how));
                found.combined(self.objects(was, is));
            }
            (Access::Public(_), Access::Requires(_)) => {
                let how = format!("was {}, is {}", said(self.old, &was.access), said(self.new, &is.access));
                found.push(Drift::STRONGER, how);
                found.combined(self.objects(was, is));
            }
        }
        found.layers(was, is);
        found.changes
    }

    /// Which way a requirement went, and from what to what; nothing where both mean the same.
    fn statement(&self, of: &str, was: &Statement, is: &Statement) -> Option<(Drift, String)> {
        let (old, new) = (roles::filled_in(was, &self.new.roles), roles::filled_in(is, &self.new.roles));
        if old == new {
            return None;
        }
        let drift = Drift::between(old.implies(&new), new.implies(&old));
        if drift.is_none() {
            return None;
        }
        let (mut was, mut is) = (self.old.text(was), self.new.text(is));
        if was == is {
            // Roles of one name, and of two types.
            (was, is) = (format!("{old:#}"), format!("{new:#}"));
        }
        Some((drift, format!("{of}was `{was}`, is `{is}`")))
    }

    fn objects(&self, was: &LockedRoute, is: &LockedRoute) -> Vec<(Drift, String)> {
        let mut of: Vec<&ObjectOf> = was.objects.iter().chain(&is.objects).map(|object| &object.of).collect();
        of.sort_unstable();
        of.dedup();
        of.into_iter().filter_map(|of| self.object(of, was, is)).collect()
    }

    fn object(&self, of: &ObjectOf, was: &LockedRoute, is: &LockedRoute) -> Option<(Drift, String)> {
        let all = |route: &LockedRoute| {
            let own = route.objects.iter().filter(|object| object.of == *of);
            own.map(|LockedObject { requires, .. }| requires.clone()).reduce(Statement::and)
        };
        let name =
            format!("{} {}{}", Name(&of.action), if of.each { "each " } else { "" }, Name(&of.resource));
        match (all(was), all(is)) {
            (Some(was), Some(is)) => self.statement(&format!("{name} "), &was, &is),
            (Some(was), None) => {
                Some((Drift::WEAKER, format!("{name} no longer asks `{}`", self.old.text(&was))))
            }
            (None, Some(is)) => Some((Drift::STRONGER, format!("{name} now asks `{}`", self.new.text(&is)))),
            (None, None) => None,
        }
    }
}

fn said(lock: &Lock, access: &Access) -> String {
    match access {
        Access::Requires(statement) => format!("`{}`", lock.text(statement)),
        Access::Public(reason) => format!("public: {}", Words(reason)),
    }
}

/// More ways in are weaker, fewer are stronger.
fn by(was: &Credentials, is: &Credentials) -> Option<(Drift, String)> {
    if was == is {
        return None;
    }
    let drift = match Drift::between(was.implies(is), is.implies(was)) {
        drift if drift.is_none() => Drift::OTHERWISE,
        drift => drift,
    };
    Some((drift, format!("was called by {}, is by {}", ways(was), ways(is))))
}

fn ways(credentials: &Credentials) -> String {
    let ways: Vec<_> = credentials.0.iter().map(|together| format!("`{}`", Together(together))).collect();
    ways.join(" or ")
}

/// The changes of one route, as they are found.
struct Found {
    title: String,
    changes: Vec<Change>,
}

impl Found {
    fn push(&mut self, drift: Drift, how: String) {
        if let Some(kind) = drift.kind() {
            self.changes.push(Change::new(kind, self.title.clone(), how));
        }
    }

    /// Parts of one decision: weaker in one and stronger in another is neither.
    fn combined(&mut self, parts: Vec<(Drift, String)>) {
        let drift = parts.iter().fold(Drift::default(), |all, (drift, _)| all.and(*drift));
        let how: Vec<String> = parts.into_iter().map(|(_, how)| how).collect();
        self.push(drift, how.join("; "));
    }

    fn principal(&mut self, was: &LockedRoute, is: &LockedRoute) {
        if let (Some(old), Some(new)) = (&was.principal, &is.principal)
            && old != new
        {
            self.push(Drift::OTHERWISE, format!("was for {}, is for {}", Name(old), Name(new)));
        }
    }

    fn knows(&mut self, was: &LockedRoute, is: &LockedRoute) {
        let how = match (&was.principal, &is.principal) {
            (Some(old), Some(new)) if old != new => {
                format!("knew {} of its caller, knows {}", Name(old), Name(new))
            }
            (None, Some(new)) => format!("now knows the caller, {}", Name(new)),
            (Some(old), None) => format!("no longer knows the caller, {}", Name(old)),
            _ => match by(&was.credentials, &is.credentials) {
                Some((_, how)) => how,
                None => return,
            },
        };
        self.push(Drift::OTHERWISE, how);
    }

    /// A layer can answer by itself: which way it goes, nobody knows.
    fn layers(&mut self, was: &LockedRoute, is: &LockedRoute) {
        let added = is.layers.iter().filter(|layer| !was.layers.contains(layer));
        let mut how: Vec<String> = added.map(|layer| format!("has the new layer {}", Words(layer))).collect();
        let gone = was.layers.iter().filter(|layer| !is.layers.contains(layer));
        how.extend(gone.map(|layer| format!("no longer has the layer {}", Words(layer))));
        if how.is_empty() && was.layers != is.layers {
            let listed = |layers: &[String]| {
                layers.iter().map(|layer| Words(layer).to_string()).collect::<Vec<_>>().join(", ")
            };
            how.push(format!("had the layers {}, has {}", listed(&was.layers), listed(&is.layers)));
        }
        if !how.is_empty() {
            self.push(Drift::OTHERWISE, how.join("; "));
        }
    }
}
