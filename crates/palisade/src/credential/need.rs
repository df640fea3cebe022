//! Which credentials a request must carry: schemes combined by "both", "either" and "may".

use std::collections::BTreeSet;

use super::Scheme;

/// A combination of schemes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Need {
    Scheme(Scheme),
    All(Vec<Need>),
    Any(Vec<Need>),
    Optional(Box<Need>),
}

/// The names of schemes a request must carry together; the empty set is "none needed".
pub(crate) type Together = BTreeSet<String>;

impl Need {
    /// The alternatives, each once, in the order they are looked for. "None needed" stands beside others: it says that a
    /// credential may be sent.
    pub(crate) fn alternatives(&self) -> Vec<Together> {
        match self {
            Self::Scheme(scheme) => vec![Together::from([scheme.name.to_string()])],
            Self::Optional(inner) => {
                let mut alternatives = inner.alternatives();
                if !alternatives.contains(&Together::new()) {
                    alternatives.push(Together::new());
                }
                alternatives
            }
            Self::Any(needs) => {
                let mut alternatives: Vec<Together> = Vec::new();
                for together in needs.iter().flat_map(Self::alternatives) {
                    if !alternatives.contains(&together) {
                        alternatives.push(together);
                    }
                }
                alternatives
            }
            Self::All(needs) => needs.iter().fold(vec![Together::new()], |alternatives, need| {
                let choices = need.alternatives();
                let mut all: Vec<Together> = Vec::new();
                for left in &alternatives {
                    for right in &choices {
                        let together: Together = left.union(right).cloned().collect();
                        if !all.contains(&together) {
                            all.push(together);
                        }
                    }
                }
                all
            }),
        }
    }

    /// Every scheme there is in it.
    pub(crate) fn schemes(&self) -> Vec<&Scheme> {
        match self {
            Self::Scheme(scheme) => vec![scheme],
            Self::All(needs) | Self::Any(needs) => needs.iter().flat_map(Self::schemes).collect(),
            Self::Optional(inner) => inner.schemes(),
        }
    }
}
