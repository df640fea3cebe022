//! Mistakes that show when a router is built: all of them, together.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{
    UNMATCHED,
    operation::{Described, Kind, Operation, Rule},
};
use crate::{
    authority::Nobody,
    credential::{Need, Scheme, Together},
    describe::{OwnRequirement, path_parameters},
    requirement::{ConditionKind, NamedCheck, NamedCondition, NamedRelation, Requirement},
};

/// Everything that is wrong with a router. It is not built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartupErrors(Vec<String>);

impl StartupErrors {
    /// Each mistake, as a sentence that names the route.
    pub fn faults(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for StartupErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this router cannot be built:")?;
        for fault in &self.0 {
            write!(f, "\n  - {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for StartupErrors {}

/// Finds every mistake in `operations`, beside those `known` already.
pub(super) fn check(mut known: Vec<String>, operations: &[Described<'_>]) -> Result<(), StartupErrors> {
    for described in operations {
        let operation = described.operation;
        let own = described
            .faults
            .iter()
            .cloned()
            .chain(of_rule(described))
            .chain(unsendable(described))
            .chain(out_of_reach(described));
        known.extend(own.map(|fault| format!("{operation}: {fault}")));
    }
    known.extend(clashing_schemes(operations));
    known.extend(clashing_names(operations));
    known.extend(conflicting_paths(operations.iter().map(|described| described.operation)));
    known.sort();
    known.dedup();
    if known.is_empty() { Ok(()) } else { Err(StartupErrors(known)) }
}

fn of_rule(described: &Described<'_>) -> Vec<String> {
    match &described.operation.rule {
        Rule::Requires(requirement) => {
            let mut faults = requirement.faults();
            faults.extend(out_of_place(requirement, &described.operation.path));
            if described.operation.principal == std::any::type_name::<Nobody>() {
                faults.push(
                    "it requires something, but the router has no principal: say `Router<_, YourPrincipal>`"
                        .into(),
                );
            }
            faults
        }
        Rule::Public(reason) => {
            let mut faults = Vec::new();
            if reason.trim().is_empty() {
                faults.push("it is public without a reason".into());
            }
            if described.needs.iter().any(|need| !matches!(need, Need::Optional(_))) {
                faults.push(
                    "it is public, but its handler asks for a credential: use `.requires(..)`, or take it as an `Option`"
                        .into(),
                );
            }
            faults.extend(described.requirements.iter().map(|own| {
                let OwnRequirement { name, requirement, .. } = own;
                format!("it is public, but its handler takes `{name}`, which requires `{requirement}`")
            }));
            faults
        }
    }
}

/// Leaves that ask for what a route at this path does not have.
fn out_of_place(requirement: &Requirement, path: &str) -> Vec<String> {
    let known = path_parameters(path);
    let unknown = requirement.parameters().filter(|parameter| !known.iter().any(|name| name == parameter));
    let unknown = unknown.map(|parameter| {
        format!(
            "`{requirement}` reads the tenant from the path parameter `{parameter}`, which the path does not have: add \
             `{{{parameter}}}` to it"
        )
    });
    let relations = requirement.relations().map(|relation| {
        format!(
            "`relation({})` asks about an object, and a route has none yet: put it into the object's policy",
            relation.name
        )
    });
    unknown.chain(relations).collect()
}

/// Credentials that are needed together and share the `Authorization` header, of which a request has one.
fn unsendable(described: &Described<'_>) -> Option<String> {
    let need = described.need();
    let schemes = need.schemes();
    let impossible = |together: &Together| {
        let words: BTreeSet<_> = schemes
            .iter()
            .filter(|scheme| together.contains(scheme.name()))
            .filter_map(|scheme| scheme.authorization_scheme())
            .collect();
        words.len() > 1
    };
    let alternatives: Vec<_> =
        need.alternatives().into_iter().filter(|together| !together.is_empty()).collect();
    let first = alternatives.first().filter(|_| alternatives.iter().all(impossible))?;
    let names: Vec<_> = first.iter().map(|name| format!("`{name}`")).collect();
    Some(format!("it needs {} together, and a request has one `Authorization` header", names.join(" and ")))
}

/// Alternatives that stand behind one of which they are a part: whoever sends them is taken for having sent half of that.
fn out_of_reach(described: &Described<'_>) -> Vec<String> {
    let need = described.need();
    let unmet = need.alternatives().into_iter().filter(|together| !need.is_met_by(together));
    let fault = |together: Together| {
        let names: Vec<_> = together.iter().map(|name| format!("`{name}`")).collect();
        format!(
            "{} would never be enough, since an alternative before it needs a part of that and more: put it first",
            names.join(" and ")
        )
    };
    unmet.map(fault).collect()
}

/// Two schemes of one name that are not the same scheme.
fn clashing_schemes(operations: &[Described<'_>]) -> Vec<String> {
    let mut known: BTreeMap<String, (Scheme, String)> = BTreeMap::new();
    let mut faults = Vec::new();
    for described in operations {
        let needs = described.principal_needs.iter().chain(&described.needs);
        for scheme in needs.flat_map(Need::schemes) {
            let first = known
                .entry(scheme.name().to_owned())
                .or_insert_with(|| (scheme.clone(), described.operation.to_string()));
            if first.0 != *scheme {
                faults.push(format!(
                    "{}: another security scheme is also named `{}` (at {}): give one of them another name",
                    described.operation,
                    scheme.name(),
                    first.1,
                ));
            }
        }
    }
    faults
}

/// Paths axum would panic over, and methods given twice.
fn conflicting_paths<'a>(operations: impl Iterator<Item = &'a Operation>) -> Vec<String> {
    let mut paths: matchit::Router<()> = matchit::Router::new();
    let mut seen: Vec<(String, &Operation)> = Vec::new();
    let mut faults = Vec::new();
    for operation in
        operations.filter(|operation| operation.path != UNMATCHED || operation.kind != Kind::Fallback)
    {
        for path in operation.paths() {
            let same: Vec<_> =
                seen.iter().filter(|(other, _)| *other == path).map(|(_, other)| *other).collect();
            if same.iter().any(|other| operation.collides_with(other)) {
                faults.push(format!("{operation}: this route is given twice"));
                break;
            }
            if let Some(fault) = malformed(&path) {
                faults.push(format!("{operation}: {fault}"));
            } else if same.is_empty()
                && let Err(error) = paths.insert(path.as_str(), ())
            {
                faults.push(format!("{operation}: {error}"));
            }
            seen.push((path, operation));
        }
    }
    faults
}

fn malformed(path: &str) -> Option<String> {
    if !path.starts_with('/') {
        return Some("a path starts with `/`".into());
    }
    if path.split('/').any(|segment| segment.starts_with([':', '*'])) {
        return Some("a parameter is written `{name}`, and `{*rest}` for the rest of the path".into());
    }
    let mut names = path_parameters(path);
    names.sort();
    let twice = names.windows(2).find(|pair| pair[0] == pair[1])?;
    Some(format!("two parameters of the path are named `{}`", twice[0]))
}

/// Names that stand for two things: the table would call two rules by one name.
fn clashing_names(operations: &[Described<'_>]) -> Vec<String> {
    let mut checks: BTreeMap<&str, &NamedCheck> = BTreeMap::new();
    let mut conditions: BTreeMap<(ConditionKind, &str), &NamedCondition> = BTreeMap::new();
    let mut relations: BTreeMap<(&str, &str), &NamedRelation> = BTreeMap::new();
    let mut faults = Vec::new();
    for (operation, requirement) in operations.iter().flat_map(requirements) {
        for relation in requirement.relations() {
            let (resource, name) = (relation.resource, relation.name);
            if relations.entry((resource, name)).or_insert(relation).written != relation.written {
                faults.push(format!(
                    "{operation}: another relation to a `{resource}` is also named `{name}`: give one of them another name"
                ));
            }
        }
        for check in requirement.checks() {
            if checks.entry(check.name).or_insert(check).written != check.written {
                let name = check.name;
                faults.push(format!(
                    "{operation}: another check is also named `{name}`: give one of them another name"
                ));
            }
        }
        for named in requirement.conditions() {
            let (kind, name) = (named.condition.kind(), named.name);
            let first = *conditions.entry((kind, name)).or_insert(named);
            if first != named {
                let (here, there) = (&named.condition, &first.condition);
                faults.push(format!(
                    "{operation}: `{}({name})` is `{here}` here and `{there}` elsewhere: give one of them another name",
                    kind.word()
                ));
            }
        }
    }
    faults
}

/// What an operation requires: its rule, and the policies of the objects it decides about.
fn requirements<'a>(described: &'a Described<'_>) -> Vec<(&'a Operation, &'a Requirement)> {
    let rule = match &described.operation.rule {
        Rule::Requires(requirement) => Some(requirement),
        Rule::Public(_) => None,
    };
    let policies = described.objects.iter().map(|object| &object.requirement);
    rule.into_iter().chain(policies).map(|requirement| (described.operation, requirement)).collect()
}
