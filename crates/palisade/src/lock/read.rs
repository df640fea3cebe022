//! A lock read back from its text. What is not understood is an error: a fact that is passed over would not be compared.

use std::{collections::BTreeSet, str::FromStr};

use super::{
    Access, Lock, LockedRoute,
    definition::{Definition, Definitions},
    locked::{Credentials, LockedObject, ObjectOf},
    outline::{self, Fact, InvalidLock, Item, Section, words},
    roles::{self, LockedRole, RoleType},
    write::expected,
};
use crate::requirement::{self, ConditionKind, StatedLeaf, Statement};

type Result<T> = std::result::Result<T, InvalidLock>;

impl FromStr for Lock {
    type Err = InvalidLock;

    /// Reads what `Display` writes; comments and empty lines may be anywhere.
    fn from_str(text: &str) -> Result<Self> {
        let sections = outline::sections(text)?;
        let mut lock = Self { routes: Vec::new(), roles: Vec::new(), conditions: Definitions::new() };
        let mut principals: Vec<(String, Credentials)> = Vec::new();
        let mut routes: Vec<Item<'_>> = Vec::new();
        let mut seen = BTreeSet::new();
        for Section { line, name, items } in sections {
            if !seen.insert(name) {
                return Err(InvalidLock::at(line, format!("`[{name}]` is there twice")));
            }
            match name {
                "principals" => principals = all_principals(&items)?,
                // They are read when the roles are known.
                "routes" => routes = items,
                "conditions" => lock.conditions = all_conditions(&items)?,
                _ => {
                    let of = role_type(line, name, &items)?;
                    if roles::find(&lock.roles, &of.label).is_some() {
                        return Err(InvalidLock::at(line, format!("`[{name}]` is there twice")));
                    }
                    lock.roles.push(of);
                }
            }
        }
        lock.roles.sort_by(|one, other| one.label.cmp(&other.label));
        for item in &routes {
            let route = Reader { roles: &lock.roles, principals: &principals }.route(item)?;
            if lock.routes.iter().any(|known| known.key() == route.key()) {
                return Err(InvalidLock::at(item.line, "this route is there twice"));
            }
            lock.routes.push(route);
        }
        lock.routes.sort_by(|one, other| one.key().cmp(&other.key()));
        Ok(lock)
    }
}

/// A name that is all of `text`.
fn name(line: usize, text: &str) -> Result<String> {
    match requirement::name(text) {
        Ok((name, "")) => Ok(name),
        _ => Err(InvalidLock::at(
            line,
            format!("`{text}` is no name; one with other characters stands in quotes"),
        )),
    }
}

fn unknown<T>(fact: &Fact<'_>, known: &str) -> Result<T> {
    Err(InvalidLock::at(fact.line, format!("`{}` is not known here, but {known}", fact.key)))
}

fn all_principals(items: &[Item<'_>]) -> Result<Vec<(String, Credentials)>> {
    let mut principals: Vec<(String, Credentials)> = Vec::new();
    for item in items {
        let read = principal(item)?;
        if principals.iter().any(|(known, _)| *known == read.0) {
            return Err(InvalidLock::at(item.line, "this principal is there twice"));
        }
        principals.push(read);
    }
    Ok(principals)
}

fn principal(item: &Item<'_>) -> Result<(String, Credentials)> {
    let by = |fact: &Fact<'_>| match fact.key {
        "by" => together(fact),
        _ => unknown(fact, "`by`"),
    };
    let credentials = item.facts.iter().map(by).collect::<Result<Vec<_>>>()?;
    Ok((name(item.line, item.text)?, Credentials::of(credentials)))
}

/// The schemes of one way to call.
fn together(fact: &Fact<'_>) -> Result<Vec<String>> {
    if fact.value == "(nothing)" {
        return Ok(Vec::new());
    }
    let mut schemes = Vec::new();
    let mut rest = fact.value;
    loop {
        let Ok((scheme, after)) = requirement::name(rest) else {
            return Err(InvalidLock::at(fact.line, "schemes are written as `A & B`, or `(nothing)`"));
        };
        schemes.push(scheme);
        match after.strip_prefix(" & ") {
            Some(after) => rest = after,
            None if after.is_empty() => return Ok(schemes),
            None => return Err(InvalidLock::at(fact.line, "schemes are written as `A & B`, or `(nothing)`")),
        }
    }
}

fn role_type(line: usize, section: &str, items: &[Item<'_>]) -> Result<RoleType> {
    let Some(label) = section.strip_prefix("roles of ") else {
        let known = "`[principals]`, `[routes]`, `[roles of ..]` and `[conditions]`";
        return Err(InvalidLock::at(line, format!("`[{section}]` is not known, but {known}")));
    };
    let mut of = RoleType { label: name(line, label)?, roles: Default::default() };
    for item in items {
        let mut role = LockedRole::default();
        for fact in &item.facts {
            let facts = match fact.key {
                "includes" => &mut role.includes,
                "bundles" => &mut role.bundles,
                _ => return unknown(fact, "`includes` and `bundles`"),
            };
            facts.insert(name(fact.line, fact.value)?);
        }
        if of.roles.insert(name(item.line, item.text)?, role).is_some() {
            return Err(InvalidLock::at(item.line, "this role is there twice"));
        }
    }
    Ok(of)
}

fn all_conditions(items: &[Item<'_>]) -> Result<Definitions> {
    let mut conditions = Definitions::new();
    for item in items {
        let (key, definition) = condition(item)?;
        if conditions.insert(key, definition).is_some() {
            return Err(InvalidLock::at(item.line, "this condition is there twice"));
        }
    }
    Ok(conditions)
}

fn condition(item: &Item<'_>) -> Result<((ConditionKind, String), Definition)> {
    let stated = item.text.parse::<Statement>().ok();
    let literals = stated.as_ref().map(Statement::literals).unwrap_or_default();
    let [literal] = literals[..] else {
        return Err(InvalidLock::at(item.line, "a condition is written as `address(office)`"));
    };
    let (StatedLeaf::Condition(kind, name), false) = (&literal.leaf, literal.negated) else {
        return Err(InvalidLock::at(item.line, "a condition is `address(..)`, `hours(..)` or `header(..)`"));
    };
    Ok(((*kind, name.clone()), definition(*kind, item)?))
}

fn definition(kind: ConditionKind, item: &Item<'_>) -> Result<Definition> {
    if kind == ConditionKind::Address {
        let network = |fact: &Fact<'_>| match (fact.key, fact.value.parse()) {
            ("network", Ok(network)) => Ok(network),
            ("network", Err(_)) => Err(InvalidLock::at(fact.line, format!("`{}` is no network", fact.value))),
            _ => unknown(fact, "`network`"),
        };
        let mut networks = item.facts.iter().map(network).collect::<Result<Vec<_>>>()?;
        networks.sort();
        networks.dedup();
        return Ok(Definition::Networks(networks));
    }
    match &item.facts[..] {
        [fact] if fact.key == "is" && kind == ConditionKind::Hours => {
            let no_window = |()| InvalidLock::at(fact.line, format!("`{}` is no time window", fact.value));
            words(fact.line, fact.value)?.parse().map(Definition::Hours).map_err(no_window)
        }
        [fact] if fact.key == "is" => Ok(Definition::Words(words(fact.line, fact.value)?)),
        _ => Err(InvalidLock::at(item.line, "below it stands one line `is: ..`, and nothing else")),
    }
}

/// Reads routes, knowing the rest.
struct Reader<'a> {
    roles: &'a [RoleType],
    principals: &'a [(String, Credentials)],
}

impl Reader<'_> {
    fn route(&self, item: &Item<'_>) -> Result<LockedRoute> {
        let wrong = || InvalidLock::at(item.line, "a route is written as `GET /path: requirement`");
        let (method, rest) = requirement::name(item.text).map_err(|_| wrong())?;
        let (path, rest) = path(rest.strip_prefix(' ').ok_or_else(wrong)?).ok_or_else(wrong)?;
        let access = match rest.strip_prefix("public: ") {
            Some(reason) => Access::Public(words(item.line, reason)?),
            None => Access::Requires(self.statement(item.line, rest)?),
        };
        let mut route = LockedRoute {
            path,
            method,
            access,
            principal: None,
            credentials: Credentials::none(),
            layers: Vec::new(),
            objects: Vec::new(),
        };
        self.facts(&mut route, item)?;
        Ok(route)
    }

    fn facts(&self, route: &mut LockedRoute, item: &Item<'_>) -> Result<()> {
        let mut by = Vec::new();
        for fact in &item.facts {
            match (fact.key, route.is_public()) {
                ("knows", true) | ("for", false) if route.principal.is_none() => {
                    route.principal = Some(name(fact.line, fact.value)?);
                }
                ("by", _) => by.push(together(fact)?),
                ("layer", _) => route.layers.push(words(fact.line, fact.value)?),
                ("object" | "each", _) => route.objects.push(self.object(fact)?),
                (_, true) => return unknown(fact, "`knows` (once), `by`, `layer`, `object` and `each`"),
                (_, false) => return unknown(fact, "`for` (once), `by`, `layer`, `object` and `each`"),
            }
        }
        if !route.is_public() && route.principal.is_none() {
            let (first, _) = self.principals.first().ok_or_else(|| {
                InvalidLock::at(item.line, "it is guarded, and `[principals]` names nobody")
            })?;
            route.principal = Some(first.clone());
        }
        let known = self.principals.iter().map(|(name, own)| (name.as_str(), own));
        route.credentials = match by.is_empty() {
            true => expected(known, route.principal.as_deref(), route.is_public()),
            false => Credentials::of(by),
        };
        route.objects.sort_by_cached_key(|object| (object.of.clone(), object.requires.to_string()));
        Ok(())
    }

    fn object(&self, fact: &Fact<'_>) -> Result<LockedObject> {
        let wrong = || {
            InvalidLock::at(
                fact.line,
                "what is decided of an object is written as `Action Object asks requirement`",
            )
        };
        let (action, rest) = requirement::name(fact.value).map_err(|_| wrong())?;
        let (resource, rest) =
            rest.strip_prefix(' ').and_then(|rest| requirement::name(rest).ok()).ok_or_else(wrong)?;
        let requires = self.statement(fact.line, rest.strip_prefix(" asks ").ok_or_else(wrong)?)?;
        Ok(LockedObject { of: ObjectOf { each: fact.key == "each", action, resource }, requires })
    }

    fn statement(&self, line: usize, text: &str) -> Result<Statement> {
        let stated: Statement = text.parse().map_err(|error| InvalidLock::at(line, format!("{error}")))?;
        let mut ambiguous = None;
        let stated = stated.with_roles(&mut |role| {
            if !role.of.is_empty() {
                return;
            }
            match roles::only_type(self.roles, &role.name) {
                Some(only) => only.clone_into(&mut role.of),
                None => ambiguous = Some(role.name.clone()),
            }
        });
        match ambiguous {
            Some(role) => Err(InvalidLock::at(
                line,
                format!("no section `[roles of ..]`, or more than one, has the role `{role}`"),
            )),
            None => Ok(roles::filled_in(&stated, self.roles)),
        }
    }
}

/// A path and what comes after it and the colon.
fn path(text: &str) -> Option<(String, &str)> {
    if text.starts_with('"') {
        let (path, rest) = requirement::name(text).ok()?;
        return Some((path, rest.strip_prefix(": ")?));
    }
    let (path, rest) = text.split_once(": ")?;
    (!path.is_empty() && !path.contains(' ')).then(|| (path.to_owned(), rest))
}
