//! The normal form of a requirement: alternatives (OR) of literals (AND), as the API document needs it.

use super::{Leaf, Node, Requirement};

/// The largest normal form that is accepted. A requirement that grows past it is a mistake no reader would find.
pub(crate) const MOST_TERMS: usize = 64;

/// A leaf, or its negation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Literal {
    pub(crate) leaf: Leaf,
    pub(crate) negated: bool,
}

impl Literal {
    /// A credential shows what it has, not what its holder lacks: only facts that are complete can be negated.
    pub(crate) fn can_be_checked(&self) -> bool {
        !self.negated || matches!(self.leaf, Leaf::Role(_) | Leaf::Check(_))
    }

    /// Whether whoever satisfies this literal also satisfies `other`.
    fn implies(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        match (&self.leaf, &other.leaf) {
            (Leaf::Role(held), Leaf::Role(wanted)) if !self.negated && !other.negated => {
                held.implies(*wanted)
            }
            (Leaf::Recent(held), Leaf::Recent(wanted)) if !self.negated && !other.negated => held <= wanted,
            _ => false,
        }
    }
}

/// One way to satisfy a requirement: all of these.
pub(crate) type Alternative = Vec<Literal>;

/// The normal form has more than [`MOST_TERMS`] alternatives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

impl Requirement {
    /// The alternatives, without repetitions and without those another one makes needless.
    pub(crate) fn normal_form(&self) -> Result<Vec<Alternative>, TooLarge> {
        let mut alternatives: Vec<Alternative> = Vec::new();
        for candidate in expand(&self.0)? {
            if alternatives.iter().any(|kept| weaker(kept, &candidate)) {
                continue;
            }
            alternatives.retain(|kept| !weaker(&candidate, kept));
            alternatives.push(candidate);
        }
        Ok(alternatives)
    }

    /// The same requirement as alternatives (`|`) of leaves that must hold together (`&`), without what repeats or is
    /// implied. `None` when that would be more than 64 alternatives, which no router starts with.
    pub fn normalized(&self) -> Option<Self> {
        let all = |alternative: Alternative| joint(alternative.into_iter().map(Node::Literal), Node::All);
        let alternatives = self.normal_form().ok()?;
        Some(Self(joint(alternatives.into_iter().map(all), Node::Any)))
    }
}

/// The one part there is, or all of them joined.
fn joint(parts: impl Iterator<Item = Node>, join: fn(Vec<Node>) -> Node) -> Node {
    let mut parts: Vec<Node> = parts.collect();
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

/// Whether whoever satisfies `strong` also satisfies `weak`.
fn weaker(weak: &Alternative, strong: &Alternative) -> bool {
    weak.iter().all(|literal| strong.iter().any(|held| held.implies(literal)))
}

fn expand(node: &Node) -> Result<Vec<Alternative>, TooLarge> {
    match node {
        Node::Literal(literal) => Ok(vec![vec![literal.clone()]]),
        Node::Any(parts) => either(parts),
        Node::All(parts) => both(parts),
    }
}

fn either(parts: &[Node]) -> Result<Vec<Alternative>, TooLarge> {
    let mut alternatives = Vec::new();
    for part in parts {
        alternatives.extend(expand(part)?);
        if alternatives.len() > MOST_TERMS {
            return Err(TooLarge);
        }
    }
    Ok(alternatives)
}

fn both(parts: &[Node]) -> Result<Vec<Alternative>, TooLarge> {
    let mut alternatives: Vec<Alternative> = vec![Vec::new()];
    for part in parts {
        let choices = expand(part)?;
        if alternatives.len() * choices.len() > MOST_TERMS {
            return Err(TooLarge);
        }
        alternatives =
            alternatives.iter().flat_map(|left| choices.iter().map(|right| joined(left, right))).collect();
    }
    Ok(alternatives)
}

fn joined(left: &Alternative, right: &Alternative) -> Alternative {
    let mut all = left.clone();
    for literal in right {
        if !all.contains(literal) {
            all.push(literal.clone());
        }
    }
    all
}
