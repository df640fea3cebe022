//! The normal form of a statement: alternatives (OR) of literals (AND), as the API document needs it; without what repeats, is
//! implied by the rest, or can never be.

use super::{
    Literal, Requirement,
    condition::ConditionKind,
    logic::excludes,
    statement::{StatedLeaf, StatedLiteral, Statement},
    tree::{TooLarge, Tree},
};

/// One way to satisfy a statement: all of these.
pub(crate) type Alternative = Vec<StatedLiteral>;

impl Statement {
    /// The alternatives, in the order they are stated; none where nobody could ever satisfy it.
    pub(crate) fn normal_form(&self) -> Result<Vec<Alternative>, TooLarge> {
        let mut alternatives: Vec<Alternative> = Vec::new();
        for candidate in self.0.alternatives()? {
            if is_never(&candidate) {
                continue;
            }
            let candidate = reduced(&candidate);
            if alternatives.iter().any(|kept| is_weaker(kept, &candidate)) {
                continue;
            }
            alternatives.retain(|kept| !is_weaker(&candidate, kept));
            alternatives.push(candidate);
        }
        Ok(alternatives)
    }

    /// The same statement as alternatives (`|`) of leaves that must hold together (`&`), without what repeats or is implied;
    /// `nobody` where that is nothing. `None` when it would be more than 64 alternatives, or one of more than 256
    /// leaves, which no router starts with.
    pub fn normalized(&self) -> Option<Self> {
        self.normal_form().ok().map(Tree::of_alternatives).map(Self)
    }

    /// The normal form in an order that does not depend on how it was stated.
    fn sorted(&self) -> Option<Vec<Alternative>> {
        let mut alternatives = self.normal_form().ok()?;
        for alternative in &mut alternatives {
            alternative.sort();
        }
        alternatives.sort();
        Some(alternatives)
    }
}

impl Requirement {
    /// The same requirement as its [`Statement::normalized`].
    pub fn normalized(&self) -> Option<Self> {
        let own: Vec<(StatedLiteral, &Literal)> =
            self.0.leaves().into_iter().map(|literal| (literal.into(), literal)).collect();
        let of = |stated: &StatedLiteral| {
            own.iter().find(|(known, _)| known == stated).map(|(_, own)| (*own).clone())
        };
        let alternatives = self.statement().normal_form().ok()?;
        let alternatives = alternatives.iter().map(|all| all.iter().filter_map(of).collect()).collect();
        Some(Self(Tree::of_alternatives(alternatives)))
    }
}

impl PartialEq for Statement {
    /// Whether the normal forms are the same. One that has none is equal to what is written like it.
    fn eq(&self, other: &Self) -> bool {
        match (self.sorted(), other.sorted()) {
            (Some(one), Some(other)) => one == other,
            (None, None) => self.0 == other.0,
            _ => false,
        }
    }
}

impl PartialEq for Requirement {
    /// Whether they say the same, up to normal form. A name stands for one check or condition.
    fn eq(&self, other: &Self) -> bool {
        self.statement() == other.statement()
    }
}

/// Without what the rest of it implies.
fn reduced(alternative: &[&StatedLiteral]) -> Alternative {
    let mut kept: Alternative = Vec::new();
    for (at, literal) in alternative.iter().enumerate() {
        let implied_before = kept.iter().any(|other| other.implies(literal));
        let strictly = |other: &&StatedLiteral| other.implies(literal) && !literal.implies(other);
        if !implied_before && !alternative[at + 1..].iter().any(strictly) {
            kept.push((*literal).clone());
        }
    }
    kept
}

/// Whether two of its literals cannot hold together, whoever calls. What may be unknown does not count: that it cannot be
/// found out is another answer than "no".
fn is_never(alternative: &[&StatedLiteral]) -> bool {
    let certain = |literal: &StatedLiteral| match &literal.leaf {
        StatedLeaf::Role(_, within) => within.is_none(),
        StatedLeaf::Condition(kind, _) => *kind != ConditionKind::Address,
        StatedLeaf::Client(_) => true,
        _ => false,
    };
    let certain: Vec<&&StatedLiteral> = alternative.iter().filter(|literal| certain(literal)).collect();
    certain.iter().enumerate().any(|(at, one)| certain[at + 1..].iter().any(|other| excludes(one, other)))
}

/// Whether whoever satisfies `strong` also satisfies `weak`.
fn is_weaker(weak: &Alternative, strong: &Alternative) -> bool {
    weak.iter().all(|literal| strong.iter().any(|held| held.implies(literal)))
}
