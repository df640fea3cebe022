//! Whether one statement implies another: decided by what the leaves mean, not by how they are written.
//!
//! A statement is monotone in its literals (negation stands at leaves only), so "whoever satisfies `a` satisfies `b`" holds
//! when it holds in the smallest situation of each of `a`'s alternatives. Where a leaf is certainly either so or not so (a
//! role of somebody who signed in, the time), both cases are looked at.

use std::cell::Cell;

use super::{
    condition::ConditionKind,
    normal::Alternative,
    statement::{StatedLeaf, StatedLiteral, Statement},
};
use crate::factor::Factor;

/// Over how many leaves cases are distinguished. What would need more counts as not implied.
const MOST_CASES: usize = 10;

/// How many times two literals are compared. What would need more counts as not implied.
const MOST_COMPARISONS: usize = 1 << 22;

impl StatedLiteral {
    /// Whether whoever satisfies this literal also satisfies `other`.
    pub(crate) fn implies(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        // A negation that nobody can check admits nobody, so nothing but itself implies it.
        if other.negated && !other.leaf.is_complete() {
            return false;
        }
        let (positive, both_negated) = (!self.negated && !other.negated, self.negated && other.negated);
        match (&self.leaf, &other.leaf) {
            (StatedLeaf::Role(held, within), StatedLeaf::Role(wanted, wanted_within))
                if within == wanted_within && positive =>
            {
                held.implies(wanted)
            }
            (StatedLeaf::Role(lacked, within), StatedLeaf::Role(wanted, wanted_within))
                if within == wanted_within && both_negated =>
            {
                wanted.implies(lacked)
            }
            (StatedLeaf::Recent(held), StatedLeaf::Recent(wanted)) if positive => held <= wanted,
            (leaf, StatedLeaf::SignedIn | StatedLeaf::Undelegated) => is_of_somebody_signed_in(leaf),
            (StatedLeaf::Scope(_, within) | StatedLeaf::Role(_, within), StatedLeaf::Tenant(tenant)) => {
                !self.negated && within.as_ref() == Some(tenant)
            }
            _ => false,
        }
    }

    fn opposite(&self) -> Self {
        Self { leaf: self.leaf.clone(), negated: !self.negated }
    }

    /// Whether it is certainly so or not so, for somebody who signed in (`signed_in`) or anybody.
    fn has_no_third_case(&self, signed_in: bool) -> bool {
        match &self.leaf {
            StatedLeaf::Role(..) => signed_in,
            StatedLeaf::Condition(kind, _) => *kind != ConditionKind::Address,
            _ => false,
        }
    }
}

fn is_several(literal: &StatedLiteral) -> bool {
    !literal.negated && literal.leaf == StatedLeaf::Factor(Factor::Several)
}

/// What a delegated credential never satisfies, negated or not.
fn is_of_somebody_signed_in(leaf: &StatedLeaf) -> bool {
    matches!(
        leaf,
        StatedLeaf::SignedIn
            | StatedLeaf::Undelegated
            | StatedLeaf::Recent(_)
            | StatedLeaf::Factor(_)
            | StatedLeaf::Role(..)
    )
}

/// Whether the two can never hold together.
pub(super) fn excludes(one: &StatedLiteral, other: &StatedLiteral) -> bool {
    let against = |positive: &StatedLiteral, negative: &StatedLiteral| {
        !positive.negated && negative.negated && positive.implies(&negative.opposite())
    };
    match (&one.leaf, &other.leaf) {
        // A credential is issued to one client.
        (StatedLeaf::Client(one), StatedLeaf::Client(other)) => one != other,
        _ => against(one, other) || against(other, one),
    }
}

impl Statement {
    /// Whether every caller that `self` admits is admitted by `other`: then `other` is not stronger.
    ///
    /// Roles imply what they are known to include; of statements read from text nothing is known. What cannot be decided
    /// within bounds is "no".
    pub fn implies(&self, other: &Self) -> bool {
        let (Ok(own), Ok(others)) = (self.normal_form(), other.normal_form()) else { return false };
        let left = Cell::new(MOST_COMPARISONS);
        own.iter().all(|literals| {
            let situation = Situation { literals: literals.clone(), left: &left };
            !situation.is_possible() || situation.satisfies(&others, MOST_CASES)
        })
    }
}

/// Literals that hold together.
struct Situation<'a> {
    literals: Vec<StatedLiteral>,
    /// How many comparisons are left, of all that are made for one answer.
    left: &'a Cell<usize>,
}

impl Situation<'_> {
    /// Whether no two of them exclude each other.
    fn is_possible(&self) -> bool {
        let mut rest = self.literals.as_slice();
        while let [one, others @ ..] = rest {
            if others.iter().any(|other| excludes(one, other)) {
                return false;
            }
            rest = others;
        }
        true
    }

    fn holds(&self, literal: &StatedLiteral) -> bool {
        self.left.set(self.left.get().saturating_sub(self.literals.len()));
        self.literals.iter().any(|held| held.implies(literal))
            || (is_several(literal) && self.has_several_factors())
    }

    /// Two different factors of those with a name of their own are `mfa`, as in a [`FactorSet`](crate::FactorSet).
    fn has_several_factors(&self) -> bool {
        let named = self.literals.iter().filter(|held| !held.negated).filter_map(|held| match &held.leaf {
            StatedLeaf::Factor(factor) if *factor != Factor::Several => Some(*factor),
            _ => None,
        });
        let mut named = named.collect::<Vec<_>>();
        named.sort();
        named.dedup();
        named.len() > 1
    }

    fn allows(&self, literal: &StatedLiteral) -> bool {
        !self.literals.iter().any(|held| excludes(held, literal))
    }

    /// Whether one of `alternatives` holds, in each case that `cases` more leaves may distinguish.
    fn satisfies(&self, alternatives: &[Alternative], cases: usize) -> bool {
        if alternatives.iter().any(|all| all.iter().all(|literal| self.holds(literal))) {
            return true;
        }
        let signed_in = self.holds(&StatedLiteral { leaf: StatedLeaf::SignedIn, negated: false });
        let open = |literal: &&StatedLiteral| {
            literal.has_no_third_case(signed_in) && !self.holds(literal) && !self.holds(&literal.opposite())
        };
        let Some(undecided) =
            alternatives.iter().flatten().find(open).filter(|_| cases > 0 && self.left.get() > 0)
        else {
            return false;
        };
        [undecided.clone(), undecided.opposite()]
            .into_iter()
            .all(|case| !self.allows(&case) || self.with(case).satisfies(alternatives, cases - 1))
    }

    fn with(&self, literal: StatedLiteral) -> Self {
        Self { literals: self.literals.iter().cloned().chain([literal]).collect(), left: self.left }
    }
}
