//! The access table: every route, what it requires or why it is public.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::Serialize;

use crate::{
    describe::ObjectRule,
    requirement::Requirement,
    router::{Described, Rule},
};

/// Who may call what, route by route.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct AccessTable(Vec<Row>);

/// One row of the access table.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Row {
    /// The method; `*` for every method.
    pub method: String,
    /// The path, as the router has it.
    pub path: String,
    /// What it requires, as text; absent where it is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requires: Option<String>,
    /// Why it is public; absent where it requires something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public: Option<String>,
    /// The alternatives of security schemes; an empty alternative means that none is needed.
    pub schemes: Vec<Vec<String>>,
    /// The type of the principal the requirement is checked for, or that the handler may learn of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// The layers around the handler, outermost first; each can answer by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<&'static str>,
    /// What it decides about objects, beside `requires`: each by its policy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<ObjectRow>,
    /// The requirement as a value.
    #[serde(skip)]
    pub requirement: Option<Requirement>,
    /// The type of the principal, with its module.
    #[serde(skip)]
    pub(crate) principal_type: Option<&'static str>,
    /// The schemes, and the other paths of a foreign router: for the tests that are made of the table.
    #[cfg(feature = "testing")]
    #[serde(skip)]
    pub(crate) made_of: MadeOf,
}

/// What a row does not show.
#[derive(Clone, Debug, Default)]
#[cfg(feature = "testing")]
pub(crate) struct MadeOf {
    pub(crate) schemes: Vec<crate::credential::Scheme>,
    pub(crate) also_at: Vec<String>,
}

/// What an action on an object requires.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ObjectRow {
    /// The action, by the name of its type.
    pub action: String,
    /// The kind of object, by the name of its type.
    pub resource: String,
    /// Whether it is about each of a list, rather than about one object.
    pub each: bool,
    /// What the policy requires, as text.
    pub requires: String,
    /// What the policy requires, as a value.
    #[serde(skip)]
    pub requirement: Requirement,
}

impl From<&ObjectRule> for ObjectRow {
    fn from(rule: &ObjectRule) -> Self {
        Self {
            action: rule.action.to_owned(),
            resource: rule.resource.to_owned(),
            each: rule.each,
            requires: rule.requirement.to_string(),
            requirement: rule.requirement.clone(),
        }
    }
}

impl AccessTable {
    pub(crate) fn of(operations: &[Described<'_>]) -> Self {
        let mut rows: Vec<Row> = operations.iter().flat_map(rows).collect();
        rows.sort_by(|a, b| (&a.path, order(&a.method)).cmp(&(&b.path, order(&b.method))));
        tell_roles_apart(&mut rows);
        Self(rows)
    }

    /// The rows, sorted by path.
    pub fn rows(&self) -> &[Row] {
        &self.0
    }
}

/// An operation's row; a `GET` also answers `HEAD`, by running the same handler.
fn rows(described: &Described<'_>) -> Vec<Row> {
    let operation = described.operation;
    let guarded = matches!(operation.rule, Rule::Requires(_));
    let alternatives = described.need().alternatives();
    let (requires, public, requirement) = match &operation.rule {
        Rule::Requires(requirement) => (Some(requirement.to_string()), None, Some(requirement.clone())),
        Rule::Public(reason) if described.knows_the_caller() => {
            (None, Some(format!("{reason} (knows the caller)")), None)
        }
        Rule::Public(reason) => (None, Some((*reason).to_owned()), None),
    };
    let principal_type = (guarded || described.knows_the_caller()).then_some(operation.principal);
    let mut paths = operation.paths();
    let row = Row {
        method: operation.method_name().to_owned(),
        path: paths.pop().unwrap_or_default(),
        requires,
        public,
        schemes: alternatives.into_iter().map(|together| together.into_iter().collect()).collect(),
        principal: principal_type.map(|name| short(name).to_owned()),
        layers: operation.layers.iter().rev().copied().collect(),
        objects: described.objects.iter().map(ObjectRow::from).collect(),
        requirement,
        principal_type,
        #[cfg(feature = "testing")]
        made_of: MadeOf { schemes: described.schemes(), also_at: paths },
    };
    if row.method == "GET" {
        let head = Row { method: "HEAD".into(), ..row.clone() };
        vec![row, head]
    } else {
        vec![row]
    }
}

/// Says the type of roles where two types have one of the same name: `role(admin, app::Staff)`.
fn tell_roles_apart(rows: &mut [Row]) {
    let requirements = |row: &Row| -> Vec<Requirement> {
        let objects = row.objects.iter().map(|object| object.requirement.clone());
        row.requirement.iter().cloned().chain(objects).collect()
    };
    let mut types: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for role in rows.iter().flat_map(requirements).flat_map(|all| all.roles().collect::<Vec<_>>()) {
        types.entry(role.name).or_default().insert(role.kind.name);
    }
    let is_shared = |requirement: &Requirement| {
        requirement.roles().any(|role| types.get(role.name).is_some_and(|types| types.len() > 1))
    };
    for row in rows {
        if let Some(requirement) = row.requirement.as_ref().filter(|all| is_shared(all)) {
            row.requires = Some(format!("{:#}", requirement.statement()));
        }
        for object in row.objects.iter_mut().filter(|object| is_shared(&object.requirement)) {
            object.requires = format!("{:#}", object.requirement.statement());
        }
    }
}

pub(crate) fn order(method: &str) -> usize {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .iter()
        .position(|known| *known == method)
        .unwrap_or(9)
}

/// A type's name without its module.
pub(crate) fn short(type_name: &str) -> &str {
    let end = type_name.find('<').unwrap_or(type_name.len());
    let start = type_name[..end].rfind("::").map_or(0, |at| at + 2);
    &type_name[start..]
}

impl fmt::Display for AccessTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: fn(&Row) -> &str| {
            self.0.iter().map(|row| column(row).chars().count()).max().unwrap_or(0)
        };
        let (methods, paths) = (width(|row| &row.method), width(|row| &row.path));
        for row in &self.0 {
            write!(f, "{:methods$}  {:paths$}  ", row.method, row.path)?;
            match (&row.requires, &row.public) {
                (Some(requires), _) => write!(f, "{requires}")?,
                (None, Some(reason)) => write!(f, "public: {reason}")?,
                (None, None) => {}
            }
            for object in &row.objects {
                let ObjectRow { action, resource, requires, .. } = object;
                let each = if object.each { "each " } else { "" };
                write!(f, "  [{action} {each}{resource}: {requires}]")?;
            }
            if !row.layers.is_empty() {
                write!(f, "  [layers: {}]", row.layers.join(", "))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
