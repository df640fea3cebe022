//! Requirements: who may call, as a value.
//!
//! A [`Requirement`] is built from leaves with `&`, `|` and `!`. It is [evaluated](Requirement::evaluate) for a principal; what
//! it says is its [`Statement`], which prints, serialises, reads back, is compared by logic, and has a normal form from which
//! the API document is projected; why it did not hold is its [`Explanation`]. Nobody signed in is 401 whatever a requirement
//! says, negation included: there is no principal to evaluate it for.
//!
//! | leaf | holds for |
//! |---|---|
//! | [`signed_in`], [`undelegated`] | an account that signed in itself |
//! | [`role`] | the same, if it holds the role |
//! | [`recent`], [`factor`] | the same, if the sign-in was not long ago, or done with that factor |
//! | [`scope`] | any credential that carries the scope |
//! | [`tenant`], [`Requirement::within`] | who belongs to the tenant that the path names, or holds something there |
//! | [`client`] | a credential issued to that OAuth 2.0 client |
//! | [`address`], [`hours`], [`header`] | a request from there, at that time, with that header |
//! | [`check`], [`check_async`] | what a function of yours says |
//! | [`relation`] | who stands in a relation to an object; in a policy only |

mod check;
mod condition;
mod data;
mod evaluate;
mod explain;
mod leaf;
mod logic;
mod normal;
mod recorded;
mod relation;
mod residual;
mod role;
mod statement;
mod text;
mod tree;
mod window;
mod words;

use std::{
    ops::{BitAnd, BitOr, Not},
    sync::Arc,
    time::Duration,
};

use self::check::Check;
pub use self::{
    check::{Checking, Facts},
    condition::{address, header, hours},
    evaluate::Verdict,
    explain::Explanation,
    recorded::Unrecorded,
    relation::relation,
    role::{Role, RoleSet},
    statement::Statement,
    text::InvalidStatement,
    window::{TimeWindow, Weekday},
};
pub(crate) use self::{
    check::{NamedCheck, RequestTime, only},
    condition::{Condition, ConditionKind, NamedCondition, client_address, header_outcomes},
    evaluate::{Answers, Refusal},
    leaf::{Leaf, Literal},
    relation::NamedRelation,
    residual::Residual,
    role::{RoleKind, RoleLeaf},
    statement::{StatedLeaf, StatedLiteral},
    text::{Name, Plain, is_seen, name, quoted},
    tree::{MOST_LEAVES, MOST_TERMS, Tree},
};
use crate::{factor::Factor, scope::Scope};

/// Who may call a route.
#[derive(Clone, Debug)]
pub struct Requirement(pub(crate) Tree<Literal>);

impl From<Leaf> for Requirement {
    fn from(leaf: Leaf) -> Self {
        Self(Tree::Leaf(Literal { leaf, negated: false }))
    }
}

/// An account that signed in itself. A client acting for itself, an API key or a narrowed token never is.
pub fn signed_in() -> Requirement {
    Leaf::SignedIn.into()
}

/// An account that holds `role`, directly or through a role that includes it, and that signed in itself.
pub fn role<R: Role>(role: R) -> Requirement {
    Leaf::Role(RoleLeaf::of(role), None).into()
}

/// A credential that carries the scope `name`.
///
/// # Panics
///
/// When `name` is no scope (RFC 6749, section 3.3). Requirements are written in the source, so this shows at start-up.
#[track_caller]
pub fn scope(name: &str) -> Requirement {
    match Scope::new(name) {
        Ok(scope) => Leaf::Scope(scope, None).into(),
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

/// A sign-in that was done with `factor`, alone or with others.
pub fn factor(factor: Factor) -> Requirement {
    Leaf::Factor(factor).into()
}

/// A credential that was issued to the OAuth 2.0 client `id`. It says nothing of what the credential may do: it belongs beside a
/// leaf that does.
pub fn client(id: &str) -> Requirement {
    Leaf::Client(id.into()).into()
}

/// A caller who belongs to the tenant that the path parameter `parameter` names: `tenant("org")` at `/orgs/{org}/docs`. A route
/// without that parameter is a start-up error.
///
/// A delegated credential of a member satisfies it too, whatever it was issued: it says where, and what may be done there is for
/// a leaf beside it (`signed_in()`, `scope("docs:read").within("org")`).
pub fn tenant(parameter: &'static str) -> Requirement {
    Leaf::Tenant(parameter).into()
}

/// A check of your own, by the name under which it is printed and listed. One name is one check: another function under
/// the same name is a start-up error. Where the function captures something, put that into the name: to the lock file and the
/// table, a name is all there is.
///
/// It is asked for any caller, a delegated credential included, and may look at [`Facts::authority`]. A check that is
/// about the request (the hour, the network) belongs beside a leaf that is about the caller:
/// `scope("items:read") & check("office-hours", ..)`.
pub fn check<F, V>(name: &'static str, holds: F) -> Requirement
where
    F: for<'a> Fn(Facts<'a>) -> V + Send + Sync + 'static,
    V: Into<Verdict>,
{
    let check = Check::Now(Arc::new(move |facts| holds(facts).into()));
    Leaf::Check(NamedCheck::of::<F>(name, check)).into()
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
    Leaf::Check(NamedCheck::of::<F>(name, Check::Waiting(Arc::new(check)))).into()
}

impl BitAnd for Requirement {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0.and(other.0))
    }
}

impl BitOr for Requirement {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0.or(other.0))
    }
}

impl Not for Requirement {
    type Output = Self;

    /// Only for leaves whose facts are complete: roles, checks, relations, and what is asked of the request. Any other
    /// negation is a start-up error.
    fn not(self) -> Self {
        Self(self.0.into_map(true, &mut |literal| Literal { negated: !literal.negated, ..literal }))
    }
}

impl Requirement {
    /// The same requirement, with roles and scopes asked of what the caller holds in the tenant that the path parameter
    /// `parameter` names: `role(Role::Editor).within("org")` at `/orgs/{org}/docs`. A role held everywhere is not held in a
    /// tenant by that; say `role(Role::Admin) | role(Role::Editor).within("org")` for both.
    #[must_use]
    pub fn within(self, parameter: &'static str) -> Self {
        let within = |literal: Literal| Literal { leaf: literal.leaf.within(parameter), ..literal };
        Self(self.0.into_map(false, &mut { within }))
    }

    /// The leaves and negated leaves, from left to right.
    #[cfg(feature = "testing")]
    pub(crate) fn literals(&self) -> Vec<&Literal> {
        self.0.leaves()
    }

    /// All ways to satisfy it, as they are stated; none of one that has too many.
    #[cfg(feature = "testing")]
    pub(crate) fn alternatives(&self) -> Vec<Vec<&Literal>> {
        self.0.alternatives().unwrap_or_default()
    }

    /// Whether it says the same as `other`, and each name in it stands for the same there.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self == other
            && self.checks().all(|check| other.checks().any(|its| its == check))
            && self.conditions().all(|named| other.conditions().any(|its| its == named))
            && self.roles().all(|role| other.roles().any(|its| its == role))
    }

    fn leaves(&self) -> impl Iterator<Item = &Leaf> {
        self.0.leaves().into_iter().map(|literal| &literal.leaf)
    }

    pub(crate) fn checks(&self) -> impl Iterator<Item = &NamedCheck> {
        self.leaves().filter_map(|leaf| match leaf {
            Leaf::Check(check) => Some(check),
            _ => None,
        })
    }

    pub(crate) fn conditions(&self) -> impl Iterator<Item = &NamedCondition> {
        self.leaves().filter_map(|leaf| match leaf {
            Leaf::Condition(condition) => Some(condition),
            _ => None,
        })
    }

    pub(crate) fn relations(&self) -> impl Iterator<Item = &NamedRelation> {
        self.leaves().filter_map(|leaf| match leaf {
            Leaf::Relation(relation) => Some(relation),
            _ => None,
        })
    }

    pub(crate) fn roles(&self) -> impl Iterator<Item = RoleLeaf> {
        self.leaves().filter_map(|leaf| match leaf {
            Leaf::Role(role, _) => Some(*role),
            _ => None,
        })
    }

    /// The path parameters it reads tenants from.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.leaves().filter_map(Leaf::parameter)
    }

    /// Whether it is about somebody in a tenant, whose name it reads from the path.
    pub(crate) fn reads_path(&self) -> bool {
        self.parameters().next().is_some()
    }

    /// What is wrong with this requirement itself; told at start-up.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults: Vec<_> = self.0.leaves().into_iter().filter_map(of_negation).collect();
        faults.extend(self.roles().flat_map(RoleLeaf::faults));
        match self.statement().normal_form() {
            Err(_) => faults.push(format!(
                "the requirement has more than {MOST_TERMS} alternatives, or more than {MOST_LEAVES} leaves in one; state it \
                 more simply"
            )),
            Ok(alternatives) if alternatives.is_empty() => {
                faults.push(format!("nobody can ever satisfy `{self}`"));
            }
            Ok(_) => {}
        }
        faults
    }
}

fn of_negation(literal: &Literal) -> Option<String> {
    let stated = StatedLiteral::from(literal);
    (!literal.can_be_checked()).then(|| {
        format!(
            "`{stated}` cannot be checked: a credential shows what it has, not what its holder lacks; negate only \
             `role(..)`, checks, and what is asked of the request"
        )
    })
}
