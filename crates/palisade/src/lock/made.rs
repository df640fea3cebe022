//! A lock made of an access table.

use super::{
    Access, Lock, LockedRoute, definition,
    locked::{Credentials, LockedObject, ObjectOf},
    roles::RoleType,
};
use crate::{
    requirement::{Leaf, Requirement, RoleKind, StatedLeaf, StatedLiteral, Statement},
    table::{AccessTable, ObjectRow, Row},
};

impl Lock {
    /// What `table` comes to.
    pub fn of(table: &AccessTable) -> Self {
        let answers_head = |row: &Row| {
            row.method == "HEAD" && table.rows().iter().any(|get| get.method == "GET" && get.path == row.path)
        };
        let rows: Vec<&Row> = table.rows().iter().filter(|row| !answers_head(row)).collect();
        let requirements: Vec<&Requirement> = rows.iter().flat_map(|row| requirements(row)).collect();
        let kinds = Kinds::of(&requirements);
        let mut routes: Vec<LockedRoute> = rows.iter().map(|row| route(row, &kinds)).collect();
        routes.sort_by(|one, other| one.key().cmp(&other.key()));
        let mut roles: Vec<RoleType> =
            kinds.0.iter().map(|(kind, label)| RoleType::of(*kind, label)).collect();
        roles.sort_by(|one, other| one.label.cmp(&other.label));
        Self { routes, roles, conditions: definition::of(&requirements) }
    }
}

fn requirements(row: &Row) -> impl Iterator<Item = &Requirement> {
    row.requirement.iter().chain(row.objects.iter().map(|object| &object.requirement))
}

fn route(row: &Row, kinds: &Kinds) -> LockedRoute {
    let access = match (&row.requirement, &row.public) {
        (Some(requirement), _) => Access::Requires(kinds.statement(requirement)),
        // The table says so to people; here the principal does.
        (None, public) => {
            let reason = public.as_deref().unwrap_or_default();
            let plain = row.principal_type.and_then(|_| reason.strip_suffix(" (knows the caller)"));
            Access::Public(plain.unwrap_or(reason).to_owned())
        }
    };
    let mut objects: Vec<LockedObject> = row.objects.iter().map(|object| kinds.object(object)).collect();
    objects.sort_by_cached_key(|object| (object.of.clone(), object.requires.to_string()));
    objects.dedup();
    LockedRoute {
        path: row.path.clone(),
        method: row.method.clone(),
        access,
        principal: row.principal_type.map(str::to_owned),
        credentials: Credentials::of(row.schemes.clone()),
        layers: row.layers.iter().map(|layer| (*layer).to_owned()).collect(),
        objects,
    }
}

/// The role types that are used, and how each is called: by its name with its module, since the role of another type is another
/// role, whatever both are called.
struct Kinds(Vec<(RoleKind, String)>);

impl Kinds {
    fn of(requirements: &[&Requirement]) -> Self {
        let mut labelled: Vec<(RoleKind, String)> = Vec::new();
        for role in requirements.iter().flat_map(|requirement| requirement.roles()) {
            if labelled.iter().any(|(known, _)| *known == role.kind) {
                continue;
            }
            let mut label = role.kind.name.to_owned();
            // Two types of one name, of two versions of a crate: still two.
            while labelled.iter().any(|(_, known)| *known == label) {
                label.push('\'');
            }
            labelled.push((role.kind, label));
        }
        Self(labelled)
    }

    fn label(&self, kind: RoleKind) -> &str {
        self.0.iter().find(|(known, _)| *known == kind).map_or(kind.name, |(_, label)| label)
    }

    fn statement(&self, requirement: &Requirement) -> Statement {
        Statement(requirement.0.map(&mut |literal| {
            let mut stated = StatedLiteral::from(literal);
            if let (Leaf::Role(role, _), StatedLeaf::Role(named, _)) = (&literal.leaf, &mut stated.leaf) {
                self.label(role.kind).clone_into(&mut named.of);
            }
            stated
        }))
    }

    fn object(&self, row: &ObjectRow) -> LockedObject {
        let ObjectRow { action, resource, each, .. } = row;
        let of = ObjectOf { each: *each, action: action.clone(), resource: resource.clone() };
        LockedObject { of, requires: self.statement(&row.requirement) }
    }
}
