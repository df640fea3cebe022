//! Requirements: who may call, as a value.
//!
//! A [`Requirement`] is built from leaves ([`signed_in`], [`role`], [`scope`], [`undelegated`], [`recent`], [`check`])
//! with `&`, `|` and `!`. It is [evaluated](Requirement::evaluate) for a principal, prints itself, serialises, and has
//! a normal form from which the API document is projected. Nobody signed in is 401 whatever a requirement says,
//! negation included: there is no principal to evaluate it for.

mod check;
mod evaluate;
mod normal;
mod print;
mod role;

use std::{
    any::TypeId,
    ops::{BitAnd, BitOr, Not},
    sync::Arc,
    time::Duration,
};

pub(crate) use self::{
    check::NamedCheck,
    normal::{Literal, MOST_TERMS},
    role::RoleLeaf,
};
pub use self::{
    check::{Checking, Facts},
    evaluate::Verdict,
    role::{Role, RoleSet},
};
use crate::scope::Scope;

/// Who may call a route.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement(pub(crate) Node);

/// The tree. Negation stands at leaves only: `!(a & b)` is kept as `!a | !b`, so that what a negation means is decided
/// leaf by leaf.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Literal(Literal),
    All(Vec<Node>),
    Any(Vec<Node>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Leaf {
    SignedIn,
    Undelegated,
    Recent(Duration),
    Scope(Scope),
    Role(RoleLeaf),
    Check(NamedCheck),
}

impl From<Leaf> for Requirement {
    fn from(leaf: Leaf) -> Self {
        Self(Node::Literal(Literal { leaf, negated: false }))
    }
}

/// An account that signed in itself. A client acting for itself, an API key or a narrowed token never is.
pub fn signed_in() -> Requirement {
    Leaf::SignedIn.into()
}

/// An account that holds `role`, directly or through a role that includes it, and that signed in itself.
pub fn role<R: Role>(role: R) -> Requirement {
    Leaf::Role(RoleLeaf::of(role)).into()
}

/// A credential that carries the scope `name`.
///
/// # Panics
///
/// When `name` is no scope (RFC 6749, section 3.3). Requirements are written in the source, so this shows at start-up.
pub fn scope(name: &str) -> Requirement {
    match Scope::new(name) {
        Ok(scope) => Leaf::Scope(scope).into(),
        Err(error) => panic!("scope({name:?}): {error}"),
    }
}

/// A credential that holds all of its account's authority: not an API key, not a third party's token, not a narrowed
/// one. For what changes credentials.
pub fn undelegated() -> Requirement {
    Leaf::Undelegated.into()
}

/// A sign-in not longer ago than `age`.
pub fn recent(age: Duration) -> Requirement {
    Leaf::Recent(age).into()
}

/// A check of your own, by the name under which it is printed and listed. One name is one check: another function under
/// the same name is a start-up error.
///
/// It is asked for any caller, a delegated credential included, and may look at [`Facts::authority`]. A check that is
/// about the request (the hour, the network) belongs beside a leaf that is about the caller:
/// `scope("items:read") & check("office-hours", ..)`.
pub fn check<F, V>(name: &'static str, holds: F) -> Requirement
where
    F: for<'a> Fn(Facts<'a>) -> V + Send + Sync + 'static,
    V: Into<Verdict>,
{
    // As a coercion, for a closure in a `let` would not be general in the lifetime of the facts.
    let check: Arc<check::Check> = Arc::new(move |facts| Box::pin(std::future::ready(holds(facts).into())));
    Leaf::Check(NamedCheck { name, written: TypeId::of::<F>(), check }).into()
}

/// As [`check`], for a check that has to wait for a back end. `Verdict::Unknown` (or an `Err` turned into it) becomes
/// 503 unless the rest of the requirement decides.
///
/// ```
/// use palisade::requirement::{Requirement, Verdict, check_async};
///
/// /// Stands for a question to a store.
/// async fn within_quota() -> Result<bool, std::io::Error> {
///     Ok(true)
/// }
///
/// fn quota() -> Requirement {
///     check_async("quota", |_| Box::pin(async { Verdict::from(within_quota().await) }))
/// }
/// # assert_eq!(quota().to_string(), "check(quota)");
/// ```
pub fn check_async<F>(name: &'static str, check: F) -> Requirement
where
    F: for<'a> Fn(Facts<'a>) -> Checking<'a> + Send + Sync + 'static,
{
    Leaf::Check(NamedCheck { name, written: TypeId::of::<F>(), check: Arc::new(check) }).into()
}

impl BitAnd for Requirement {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        let mut parts = match self.0 {
            Node::All(parts) => parts,
            node => vec![node],
        };
        match other.0 {
            Node::All(more) => parts.extend(more),
            node => parts.push(node),
        }
        Self(Node::All(parts))
    }
}

impl BitOr for Requirement {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        let mut parts = match self.0 {
            Node::Any(parts) => parts,
            node => vec![node],
        };
        match other.0 {
            Node::Any(more) => parts.extend(more),
            node => parts.push(node),
        }
        Self(Node::Any(parts))
    }
}

impl Not for Requirement {
    type Output = Self;

    /// Only for leaves whose facts are complete: `!role(..)` and `!check(..)`. Any other negation is a start-up error.
    fn not(self) -> Self {
        Self(self.0.negated())
    }
}

impl Node {
    fn negated(self) -> Self {
        let each = |parts: Vec<Self>| parts.into_iter().map(Self::negated).collect();
        match self {
            Self::Literal(literal) => Self::Literal(Literal { negated: !literal.negated, ..literal }),
            Self::All(parts) => Self::Any(each(parts)),
            Self::Any(parts) => Self::All(each(parts)),
        }
    }

    pub(crate) fn literals(&self) -> Vec<&Literal> {
        match self {
            Self::Literal(literal) => vec![literal],
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::literals).collect(),
        }
    }
}

impl Requirement {
    pub(crate) fn checks(&self) -> impl Iterator<Item = &NamedCheck> {
        self.0.literals().into_iter().filter_map(|literal| match &literal.leaf {
            Leaf::Check(check) => Some(check),
            _ => None,
        })
    }

    /// What is wrong with this requirement itself; told at start-up.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults: Vec<_> = self
            .0
            .literals()
            .into_iter()
            .filter(|literal| !literal.can_be_checked())
            .map(|literal| {
                format!(
                    "`{literal}` cannot be checked: a credential shows what it has, not what its holder lacks; \
                     negate only `role(..)` and checks"
                )
            })
            .collect();
        if self.normal_form().is_err() {
            faults.push(format!(
                "the requirement has more than {MOST_TERMS} alternatives; state it more simply"
            ));
        }
        faults
    }
}
