//! A path that a route of the table matches, and no other.

use std::collections::BTreeMap;

use crate::{describe::path_parameters, table::AccessTable};

/// The paths of a table, as axum matches them.
pub(super) struct Paths {
    known: matchit::Router<String>,
    given: BTreeMap<String, String>,
}

impl Paths {
    /// Of `table`; `given` is what stands in a path for some of its parameters.
    pub(super) fn of(table: &AccessTable, given: &BTreeMap<String, String>) -> Self {
        let mut known = matchit::Router::new();
        for row in table.rows() {
            for path in row.made_of.also_at.iter().chain([&row.path]) {
                // That of another method of the same path stands already.
                let _ = known.insert(path.clone(), path.clone());
            }
        }
        Self { known, given: given.clone() }
    }

    /// What stands in the path for the parameter `name`.
    pub(super) fn value(&self, name: &str) -> String {
        self.given.get(name).cloned().unwrap_or_else(|| format!("matrix-{name}"))
    }

    /// A path that only `pattern` matches, if one is found.
    pub(super) fn matching(&self, pattern: &str) -> Option<String> {
        let deeper = ["", "/matrix", "/matrix/matrix", "/matrix/matrix/matrix/matrix"];
        deeper
            .into_iter()
            .map(|deeper| self.filled(pattern, deeper))
            .find(|path| self.known.at(path).is_ok_and(|matched| matched.value == pattern))
    }

    /// `deeper` only goes where anything may stand.
    fn filled(&self, pattern: &str, deeper: &str) -> String {
        path_parameters(pattern).into_iter().fold(pattern.to_owned(), |path, name| {
            path.replace(&format!("{{{name}}}"), &self.value(&name))
                .replace(&format!("{{*{name}}}"), &format!("{}{deeper}", self.value(&name)))
        })
    }
}
