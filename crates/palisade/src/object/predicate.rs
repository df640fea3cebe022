//! What is left of a policy as a tree that a store can select by, and as the text of an SQL condition.

use std::{collections::BTreeMap, sync::Arc};

use crate::requirement::{Requirement, Residual, Verdict};

/// What an object must be for a caller to have it, when all else is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// Any object is.
    Everything,
    /// No object is.
    Nothing,
    /// It belongs to the tenant `name`, which is what the path has for the parameter.
    Tenant {
        /// The path parameter: [`Resource::TENANT`](super::Resource::TENANT).
        parameter: &'static str,
        /// The tenant.
        name: Arc<str>,
    },
    /// The caller stands in this relation to it, or does not if it is negated.
    Relation {
        /// The relation's name.
        name: &'static str,
        /// Whether the relation must not hold.
        negated: bool,
    },
    /// It is all of these.
    All(Vec<Predicate>),
    /// It is one of these.
    Any(Vec<Predicate>),
}

impl Predicate {
    /// None where something is unknown that it hangs on.
    pub(super) fn of(residual: &Residual) -> Option<Self> {
        let each = |parts: &[Residual]| parts.iter().map(Self::of).collect::<Option<Vec<_>>>();
        match residual {
            Residual::Decided(Verdict::True) => Some(Self::Everything),
            Residual::Decided(Verdict::False) => Some(Self::Nothing),
            Residual::Decided(Verdict::Unknown) => None,
            Residual::Relation(named, negated) => {
                Some(Self::Relation { name: named.name, negated: *negated })
            }
            Residual::All(parts) => each(parts).map(Self::All),
            Residual::Any(parts) => each(parts).map(Self::Any),
        }
    }

    pub(super) fn within(self, tenant: Option<Self>) -> Self {
        match (tenant, self) {
            (None, predicate) => predicate,
            (Some(_), Self::Nothing) => Self::Nothing,
            (Some(tenant), Self::Everything) => tenant,
            (Some(tenant), predicate) => Self::All(vec![tenant, predicate]),
        }
    }

    /// The condition of an SQL query, in parentheses where they matter: `(d.org = :org) AND (d.owner = :caller)`.
    ///
    /// It is made of `fragments` and nothing else; what they name as parameters, the query binds. Where a fragment is
    /// `NULL` the relation does not hold, also where it is negated.
    ///
    /// # Errors
    ///
    /// [`NoFragment`] for what has none: a query without it would select more, or less, than is granted.
    pub fn to_sql(&self, fragments: &SqlFragments) -> Result<String, NoFragment> {
        let joined = |parts: &[Self], joint, none: &str| {
            let parts = parts.iter().map(|part| part.to_sql(fragments)).collect::<Result<Vec<_>, _>>()?;
            let text = if parts.is_empty() { none.to_owned() } else { parts.join(joint) };
            Ok(format!("({text})"))
        };
        match self {
            Self::Everything => Ok("(1 = 1)".to_owned()),
            Self::Nothing => Ok("(1 = 0)".to_owned()),
            Self::Tenant { parameter, .. } => Ok(format!("({})", fragments.of(Term::Tenant(parameter))?)),
            Self::Relation { name, negated } => {
                let fragment = fragments.of(Term::Relation(name))?;
                // `NOT NULL` is `NULL`, which selects nothing: what is not so is asked in a way that knows no third case.
                Ok(if *negated {
                    format!("(CASE WHEN {fragment} THEN 1 ELSE 0 END = 0)")
                } else {
                    format!("({fragment})")
                })
            }
            Self::All(parts) => joined(parts, " AND ", "1 = 1"),
            Self::Any(parts) => joined(parts, " OR ", "1 = 0"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Term {
    Tenant(&'static str),
    Relation(&'static str),
}

/// What relations and tenants are in the SQL of one query. Each is a condition that stands in the source; values are bound
/// to its parameters, never written into it.
///
/// ```
/// use palisade::object::{Predicate, SqlFragments};
///
/// let fragments = SqlFragments::new()
///     .tenant("org", "d.org = :org")
///     .relation("owner", "d.owner = :caller")
///     .relation("archived", "d.archived");
/// let predicate = Predicate::All(vec![
///     Predicate::Relation { name: "owner", negated: false },
///     Predicate::Relation { name: "archived", negated: true },
/// ]);
/// let sql = predicate.to_sql(&fragments)?;
/// assert_eq!(sql, "((d.owner = :caller) AND (CASE WHEN d.archived THEN 1 ELSE 0 END = 0))");
/// # Ok::<_, palisade::object::NoFragment>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SqlFragments(BTreeMap<Term, &'static str>);

impl SqlFragments {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// That the caller stands in the relation `name` to the row.
    #[must_use]
    pub fn relation(mut self, name: &'static str, sql: &'static str) -> Self {
        self.0.insert(Term::Relation(name), sql);
        self
    }

    /// That the row belongs to the tenant which the path parameter `parameter` names.
    #[must_use]
    pub fn tenant(mut self, parameter: &'static str, sql: &'static str) -> Self {
        self.0.insert(Term::Tenant(parameter), sql);
        self
    }

    /// Whether there is a fragment for everything that may be left of `policy`; for a test, since a request may leave less.
    ///
    /// # Errors
    ///
    /// [`NoFragment`] for the first that has none.
    pub fn cover(&self, policy: &Requirement) -> Result<(), NoFragment> {
        policy.parameters().try_for_each(|parameter| self.of(Term::Tenant(parameter)).map(drop))?;
        policy.relations().try_for_each(|relation| self.of(Term::Relation(relation.name)).map(drop))
    }

    fn of(&self, term: Term) -> Result<&'static str, NoFragment> {
        self.0.get(&term).copied().ok_or(match term {
            Term::Tenant(name) => NoFragment { of: "tenant", name },
            Term::Relation(name) => NoFragment { of: "relation", name },
        })
    }
}

/// There is no SQL for something that a query must select by. The app's fault: 500, and nothing is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no SQL fragment for `{of}({name})`, so nothing can be selected by it")]
pub struct NoFragment {
    of: &'static str,
    name: &'static str,
}

impl From<NoFragment> for crate::problem::Problem {
    fn from(error: NoFragment) -> Self {
        Self::internal(error)
    }
}
