//! A lock as text: sections of items, each a line, with facts indented below it, a line each. Everything is sorted.

use std::{collections::BTreeMap, fmt};

use super::{
    Access, Lock, LockedRoute,
    definition::Definition,
    locked::{Credentials, LockedObject},
    outline::{VERSION, Words},
    roles::{self, RoleType},
};
use crate::requirement::{Name, StatedLeaf, Statement};

const HEAD: &str = "\
# Who may call what. Palisade writes this file and compares it with the routes: a change here is a change of who may do what,
# and is to be reviewed as one. When it is meant: PALISADE_UPDATE_LOCK=1 cargo test
";

/// What a route says where it says nothing of it.
const DEFAULTS: &str = "\
# Callers, and by which credentials they come. Routes that say nothing else are for the first of them, by its credentials.
";

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let principals = Principals::of(&self.routes);
        writeln!(f, "{HEAD}version {VERSION}")?;
        if !principals.0.is_empty() {
            writeln!(f, "\n{DEFAULTS}[principals]")?;
        }
        for (name, credentials) in &principals.0 {
            writeln!(f, "{}", Name(name))?;
            by(f, credentials)?;
        }
        writeln!(f, "\n[routes]")?;
        self.routes.iter().try_for_each(|route| self.route(f, route, &principals))?;
        self.roles.iter().try_for_each(|of| role_type(f, of))?;
        if !self.conditions.is_empty() {
            writeln!(f, "\n[conditions]")?;
        }
        for ((kind, name), definition) in &self.conditions {
            writeln!(f, "{}", StatedLeaf::Condition(*kind, name.clone()))?;
            match definition {
                Definition::Networks(networks) => {
                    networks.iter().try_for_each(|network| fact(f, "network", network))?;
                }
                Definition::Hours(window) => fact(f, "is", window)?,
                Definition::Words(words) => fact(f, "is", Words(words))?,
            }
        }
        Ok(())
    }
}

fn fact(f: &mut fmt::Formatter<'_>, key: &str, value: impl fmt::Display) -> fmt::Result {
    writeln!(f, "    {key}: {value}")
}

fn by(f: &mut fmt::Formatter<'_>, credentials: &Credentials) -> fmt::Result {
    credentials.0.iter().try_for_each(|together| fact(f, "by", Together(together)))
}

fn role_type(f: &mut fmt::Formatter<'_>, of: &RoleType) -> fmt::Result {
    writeln!(f, "\n[roles of {}]", Name(&of.label))?;
    for (name, role) in &of.roles {
        writeln!(f, "{}", Name(name))?;
        role.includes.iter().try_for_each(|included| fact(f, "includes", Name(included)))?;
        role.bundles.iter().try_for_each(|scope| fact(f, "bundles", Name(scope)))?;
    }
    Ok(())
}

impl Lock {
    fn route(
        &self,
        f: &mut fmt::Formatter<'_>,
        route: &LockedRoute,
        principals: &Principals<'_>,
    ) -> fmt::Result {
        write!(f, "{} {}: ", Name(&route.method), Path(&route.path))?;
        match &route.access {
            Access::Requires(statement) => writeln!(f, "{}", self.text(statement))?,
            Access::Public(reason) => writeln!(f, "public: {}", Words(reason))?,
        }
        match &route.principal {
            Some(name) if route.is_public() => fact(f, "knows", Name(name))?,
            Some(name) if !principals.is_first(name) => fact(f, "for", Name(name))?,
            _ => {}
        }
        if route.credentials != principals.expected(route) {
            by(f, &route.credentials)?;
        }
        route.layers.iter().try_for_each(|layer| fact(f, "layer", Words(layer)))?;
        route.objects.iter().try_for_each(|object| self.object(f, object))
    }

    fn object(&self, f: &mut fmt::Formatter<'_>, object: &LockedObject) -> fmt::Result {
        let key = if object.of.each { "each" } else { "object" };
        let (action, resource) = (Name(&object.of.action), Name(&object.of.resource));
        fact(f, key, format_args!("{action} {resource} asks {}", self.text(&object.requires)))
    }

    /// A requirement as it is written here: with the type of a role where its name alone does not say which it is.
    pub(crate) fn text(&self, statement: &Statement) -> String {
        let short = statement.with_roles(&mut |role| {
            if roles::only_type(&self.roles, &role.name) == Some(&role.of) {
                role.of.clear();
            }
        });
        format!("{short:#}")
    }
}

/// Callers and how they come, most routes first: what a route need not say.
pub(super) struct Principals<'a>(pub(super) Vec<(&'a str, Credentials)>);

impl<'a> Principals<'a> {
    fn of(routes: &'a [LockedRoute]) -> Self {
        let mut known: BTreeMap<&str, (usize, BTreeMap<Credentials, usize>)> = BTreeMap::new();
        for route in routes {
            let Some(name) = &route.principal else { continue };
            let (guarded, credentials) = known.entry(name).or_default();
            // What is public counts only where nothing is guarded.
            let weight = if route.is_public() { 1 } else { routes.len() + 1 };
            *guarded += usize::from(!route.is_public());
            let own =
                if route.is_public() { route.credentials.without_none() } else { route.credentials.clone() };
            *credentials.entry(own).or_default() += weight;
        }
        let mut sorted: Vec<_> = known.into_iter().collect();
        let most = sorted.iter().map(|(_, (guarded, _))| *guarded).max();
        if let Some(at) = sorted.iter().position(|(_, (guarded, _))| Some(*guarded) == most) {
            sorted[..=at].rotate_right(1);
        }
        Self(sorted.into_iter().map(|(name, (_, credentials))| (name, commonest(credentials))).collect())
    }

    fn is_first(&self, name: &str) -> bool {
        self.0.first().is_some_and(|(first, _)| *first == name)
    }

    /// What a route for this principal takes, unless it says something else.
    fn expected(&self, route: &LockedRoute) -> Credentials {
        expected(self.0.iter().map(|(name, own)| (*name, own)), route.principal.as_deref(), route.is_public())
    }
}

/// As [`Principals::expected`], for the reader too.
pub(super) fn expected<'a>(
    mut principals: impl Iterator<Item = (&'a str, &'a Credentials)>,
    principal: Option<&str>,
    public: bool,
) -> Credentials {
    let own = principal.and_then(|name| principals.find(|(known, _)| *known == name));
    match own {
        Some((_, own)) if public => own.or_none(),
        // Of whom only public routes know, nothing is said.
        Some((_, own)) if !own.0.is_empty() => own.clone(),
        _ => Credentials::none(),
    }
}

/// The one that most have; the first of several.
fn commonest(credentials: BTreeMap<Credentials, usize>) -> Credentials {
    let most = credentials.values().max().copied();
    let found = credentials.into_iter().find(|(_, count)| Some(*count) == most);
    found.map_or_else(Credentials::none, |(credentials, _)| credentials)
}

/// Schemes that are needed together; `(nothing)` where none is.
pub(super) struct Together<'a>(pub(super) &'a [String]);

impl fmt::Display for Together<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("(nothing)");
        }
        for (at, scheme) in self.0.iter().enumerate() {
            write!(f, "{}{}", if at > 0 { " & " } else { "" }, Name(scheme))?;
        }
        Ok(())
    }
}

/// A path, in quotes where it has a character that an address bar would not show as it is.
pub(crate) struct Path<'a>(pub(crate) &'a str);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.starts_with('/') && self.0.bytes().all(|byte| byte.is_ascii_graphic()) {
            f.write_str(self.0)
        } else {
            f.write_str(&crate::requirement::quoted(self.0))
        }
    }
}
