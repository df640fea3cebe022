//! What the names of conditions stand for.

use std::collections::BTreeMap;

use ipnet::IpNet;

use super::drift::Drift;
use crate::requirement::{Condition, ConditionKind, Requirement, TimeWindow};

/// Conditions by kind and name, with what each says.
pub(super) type Definitions = BTreeMap<(ConditionKind, String), Definition>;

/// What a condition says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Definition {
    /// An address in one of them. Sorted.
    Networks(Vec<IpNet>),
    /// A moment in it.
    Hours(TimeWindow),
    /// A header and its value, as it is printed.
    Words(String),
}

impl Definition {
    fn of(condition: &Condition) -> Self {
        match condition {
            Condition::Address(networks) => Self::Networks(networks.clone()),
            Condition::Hours(window) => Self::Hours(*window),
            Condition::Header(..) => Self::Words(condition.to_string()),
        }
    }

    /// Which way it went: by the addresses or the moments that are in it; of a header nobody knows.
    pub(super) fn drift(&self, new: &Self) -> Drift {
        match (self, new) {
            (Self::Networks(old), Self::Networks(new)) => {
                Drift::between(are_within(old, new), are_within(new, old))
            }
            (Self::Hours(old), Self::Hours(new)) => Drift::between(old.is_within(new), new.is_within(old)),
            _ if self == new => Drift::default(),
            _ => Drift::OTHERWISE,
        }
    }
}

/// Whether each address of `inner` is one of `outer`.
fn are_within(inner: &[IpNet], outer: &[IpNet]) -> bool {
    // Two halves that stand beside each other are the whole.
    let outer = IpNet::aggregate(&outer.to_vec());
    inner.iter().all(|network| outer.iter().any(|wider| wider.contains(network)))
}

/// The definitions of all conditions in `requirements`. A name stands for one condition; the router does not start otherwise.
pub(super) fn of(requirements: &[&Requirement]) -> Definitions {
    let conditions = requirements.iter().flat_map(|requirement| requirement.conditions());
    conditions
        .map(|named| ((named.condition.kind(), named.name.to_owned()), Definition::of(&named.condition)))
        .collect()
}
