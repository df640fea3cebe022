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

/// How much of a combination a request carries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    Part,
    Whole,
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

    /// Whether a request that carries valid credentials of exactly these schemes is admitted, as extraction has it: the
    /// first alternative of which anything is there counts, and has to be there whole.
    pub(crate) fn is_met_by(&self, carried: &Together) -> bool {
        self.found(carried) == Found::Whole
    }

    fn found(&self, carried: &Together) -> Found {
        match self {
            Self::Scheme(scheme) if carried.contains(&*scheme.name) => Found::Whole,
            Self::Scheme(_) => Found::Nothing,
            Self::Any(needs) => {
                let mut found = needs.iter().map(|need| need.found(carried));
                found.find(|found| *found != Found::Nothing).unwrap_or(Found::Nothing)
            }
            Self::All(needs) => {
                let found: Vec<_> = needs.iter().map(|need| need.found(carried)).collect();
                match () {
                    () if found.iter().all(|found| *found == Found::Whole) => Found::Whole,
                    () if found.iter().all(|found| *found == Found::Nothing) => Found::Nothing,
                    () => Found::Part,
                }
            }
            Self::Optional(inner) => match inner.found(carried) {
                Found::Part => Found::Part,
                Found::Whole | Found::Nothing => Found::Whole,
            },
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
