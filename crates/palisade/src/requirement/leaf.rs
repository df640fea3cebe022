//! Leaves as they are checked: each asks one thing of the caller, the request or the object.

use std::{sync::Arc, time::Duration};

use super::{check::NamedCheck, condition::NamedCondition, relation::NamedRelation, role::RoleLeaf};
use crate::{factor::Factor, scope::Scope};

/// A leaf, or its negation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Literal {
    pub(crate) leaf: Leaf,
    pub(crate) negated: bool,
}

/// The name of the path parameter that names the tenant.
pub(crate) type Parameter = &'static str;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Leaf {
    SignedIn,
    Undelegated,
    Recent(Duration),
    Factor(Factor),
    /// In a tenant, if one is named.
    Scope(Scope, Option<Parameter>),
    /// In a tenant, if one is named.
    Role(RoleLeaf, Option<Parameter>),
    /// Belongs to the tenant.
    Tenant(Parameter),
    Client(Arc<str>),
    Condition(NamedCondition),
    Check(NamedCheck),
    Relation(NamedRelation),
}

impl Leaf {
    /// A credential shows what it has, not what its holder lacks: only facts that are complete can be negated.
    pub(crate) fn is_complete(&self) -> bool {
        matches!(self, Self::Role(..) | Self::Condition(_) | Self::Check(_) | Self::Relation(_))
    }

    /// The path parameter it reads the tenant from.
    pub(crate) fn parameter(&self) -> Option<Parameter> {
        match self {
            Self::Scope(_, within) | Self::Role(_, within) => *within,
            Self::Tenant(parameter) => Some(parameter),
            _ => None,
        }
    }

    /// The same, asked of what the caller holds in the tenant.
    pub(crate) fn within(self, parameter: Parameter) -> Self {
        match self {
            Self::Scope(scope, None) => Self::Scope(scope, Some(parameter)),
            Self::Role(role, None) => Self::Role(role, Some(parameter)),
            other => other,
        }
    }
}

impl Literal {
    /// Whether it can be decided at all; a router with one that cannot does not start.
    pub(crate) fn can_be_checked(&self) -> bool {
        !self.negated || self.leaf.is_complete()
    }
}
