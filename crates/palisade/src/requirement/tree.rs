//! Trees of "all of these" and "any of these" over leaves of one kind: what is checked, what is said and what was found out
//! about it have one shape.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeMap};

/// The largest number of alternatives that is accepted. A requirement that grows past it is a mistake no reader would find.
pub(crate) const MOST_TERMS: usize = 64;

/// The largest number of leaves of one alternative: what is read from a text could else take time without end.
pub(crate) const MOST_LEAVES: usize = 256;

/// More than [`MOST_TERMS`] alternatives, or more than [`MOST_LEAVES`] in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// Leaves joined by "all" and "any". Negation stands at leaves only: `!(a & b)` is kept as `!a | !b`, so that what a
/// negation means is decided leaf by leaf.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree<L> {
    Leaf(L),
    All(Vec<Tree<L>>),
    Any(Vec<Tree<L>>),
}

impl<L> Tree<L> {
    /// Both of them.
    pub(crate) fn and(self, other: Self) -> Self {
        let mut parts = match self {
            Self::All(parts) => parts,
            one => vec![one],
        };
        match other {
            Self::All(more) => parts.extend(more),
            one => parts.push(one),
        }
        joint(parts, Self::All)
    }

    /// One of them.
    pub(crate) fn or(self, other: Self) -> Self {
        let mut parts = match self {
            Self::Any(parts) => parts,
            one => vec![one],
        };
        match other {
            Self::Any(more) => parts.extend(more),
            one => parts.push(one),
        }
        joint(parts, Self::Any)
    }

    /// The same tree over `leaf` of each leaf, with "all" and "any" swapped if `swapped`.
    pub(crate) fn into_map<M>(self, swapped: bool, leaf: &mut impl FnMut(L) -> M) -> Tree<M> {
        let mut each =
            |parts: Vec<Self>| parts.into_iter().map(|part| part.into_map(swapped, leaf)).collect();
        match self {
            Self::All(parts) if swapped => Tree::Any(each(parts)),
            Self::Any(parts) if swapped => Tree::All(each(parts)),
            Self::All(parts) => Tree::All(each(parts)),
            Self::Any(parts) => Tree::Any(each(parts)),
            Self::Leaf(one) => Tree::Leaf(leaf(one)),
        }
    }

    /// The same tree over `leaf` of each leaf.
    pub(crate) fn map<'a, M>(&'a self, leaf: &mut impl FnMut(&'a L) -> M) -> Tree<M> {
        match self {
            Self::Leaf(one) => Tree::Leaf(leaf(one)),
            Self::All(parts) => Tree::All(parts.iter().map(|part| part.map(leaf)).collect()),
            Self::Any(parts) => Tree::Any(parts.iter().map(|part| part.map(leaf)).collect()),
        }
    }

    /// The leaves, from left to right.
    pub(crate) fn leaves(&self) -> Vec<&L> {
        match self {
            Self::Leaf(leaf) => vec![leaf],
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::leaves).collect(),
        }
    }

    /// All ways to satisfy the tree: each a list of leaves that must hold together.
    pub(crate) fn alternatives(&self) -> Result<Vec<Vec<&L>>, TooLarge> {
        match self {
            Self::Leaf(leaf) => Ok(vec![vec![leaf]]),
            Self::Any(parts) => either(parts),
            Self::All(parts) => both(parts),
        }
    }

    /// Any of `alternatives`, each all of its leaves.
    pub(crate) fn of_alternatives(alternatives: Vec<Vec<L>>) -> Self {
        let all = |alternative: Vec<L>| joint(alternative.into_iter().map(Self::Leaf).collect(), Self::All);
        joint(alternatives.into_iter().map(all).collect(), Self::Any)
    }
}

/// The one part there is, or all of them joined.
fn joint<L>(mut parts: Vec<Tree<L>>, join: fn(Vec<Tree<L>>) -> Tree<L>) -> Tree<L> {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

fn either<L>(parts: &[Tree<L>]) -> Result<Vec<Vec<&L>>, TooLarge> {
    let mut alternatives = Vec::new();
    for part in parts {
        alternatives.extend(part.alternatives()?);
        if alternatives.len() > MOST_TERMS {
            return Err(TooLarge);
        }
    }
    Ok(alternatives)
}

fn both<L>(parts: &[Tree<L>]) -> Result<Vec<Vec<&L>>, TooLarge> {
    let mut alternatives: Vec<Vec<&L>> = vec![Vec::new()];
    for part in parts {
        let choices = part.alternatives()?;
        let longest = |all: &[Vec<&L>]| all.iter().map(Vec::len).max().unwrap_or_default();
        if alternatives.len() * choices.len() > MOST_TERMS
            || longest(&alternatives) + longest(&choices) > MOST_LEAVES
        {
            return Err(TooLarge);
        }
        let joined = |left: &Vec<_>, right: &Vec<_>| left.iter().chain(right).copied().collect();
        alternatives = alternatives
            .iter()
            .flat_map(|left| choices.iter().map(move |right| joined(left, right)))
            .collect();
    }
    Ok(alternatives)
}

impl<L: fmt::Display> fmt::Display for Tree<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, joint) = match self {
            Self::Leaf(leaf) => return leaf.fmt(f),
            Self::All(parts) => (parts, " & "),
            Self::Any(parts) => (parts, " | "),
        };
        if parts.is_empty() {
            return f.write_str(if matches!(self, Self::All(_)) { "anybody" } else { "nobody" });
        }
        for (position, part) in parts.iter().enumerate() {
            if position > 0 {
                f.write_str(joint)?;
            }
            match (self, part) {
                // `&` binds tighter than `|`, as in the source.
                (Self::All(_), Self::Any(inner)) if !inner.is_empty() => {
                    f.write_str("(")?;
                    part.fmt(f)?;
                    f.write_str(")")?;
                }
                _ => part.fmt(f)?,
            }
        }
        Ok(())
    }
}

impl<L: Serialize> Serialize for Tree<L> {
    /// `{"all": [..]}`, `{"any": [..]}`, or the leaf.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (key, parts) = match self {
            Self::Leaf(leaf) => return leaf.serialize(serializer),
            Self::All(parts) => ("all", parts),
            Self::Any(parts) => ("any", parts),
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(key, parts)?;
        map.end()
    }
}
