//! How callers of a route can be made: put in, or by real credentials.

use std::collections::BTreeSet;

use super::{Make, Matrix, Pose};
use crate::{credential::Scheme, table::Row};

/// How callers of a route can be made.
pub(super) struct Ways<'a> {
    pub(super) pose: Option<&'a Pose>,
    pub(super) real: Vec<Way<'a>>,
    pub(super) without_maker: BTreeSet<&'a str>,
}

/// Credentials that are sent together, and which kinds of them were made.
pub(super) struct Way<'a> {
    pub(super) schemes: Vec<(&'a Scheme, &'a Make)>,
    pub(super) valid: bool,
    pub(super) expired: bool,
    pub(super) misdirected: bool,
}

impl<'a> Ways<'a> {
    pub(super) fn of(matrix: &'a Matrix, row: &'a Row) -> Self {
        let pose = row.principal.as_ref().and_then(|principal| matrix.poses.get(principal));
        let mut ways = Self { pose, real: Vec::new(), without_maker: BTreeSet::new() };
        for together in row.schemes.iter().filter(|together| !together.is_empty()) {
            let known = |name: &String| row.made_of.schemes.iter().find(|scheme| scheme.name() == name);
            let schemes = together.iter().map(|name| known(name).zip(matrix.makers.get(name)));
            match schemes.collect() {
                Some(schemes) => {
                    ways.real.push(Way { schemes, valid: false, expired: false, misdirected: false });
                }
                None => {
                    let missing = together.iter().filter(|name| !matrix.makers.contains_key(*name));
                    ways.without_maker.extend(missing.map(String::as_str));
                }
            }
        }
        ways
    }
}

impl Way<'_> {
    pub(super) fn name(&self) -> String {
        let names: Vec<String> =
            self.schemes.iter().map(|(scheme, _)| format!("`{}`", scheme.name())).collect();
        names.join(" and ")
    }
}
