//! Statements decided by recorded facts: what a requirement would say of a request that is long over.
//!
//! A fact that was not recorded can be anything. So each part comes to a set of possible verdicts, and only where one is left
//! is there an answer.

use super::{
    Requirement,
    evaluate::Verdict,
    explain::{Explained, Explanation, because},
    statement::{StatedLeaf, StatedLiteral, StatedRole, Statement},
    tree::Tree,
};
use crate::decision::{Held, RecordedFacts};

/// The answer hangs on a leaf whose fact was not recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it hangs on `{leaf}`, which was not recorded")]
pub struct Unrecorded {
    leaf: String,
}

impl Unrecorded {
    /// The leaf, as it is printed.
    pub fn leaf(&self) -> &str {
        &self.leaf
    }
}

impl Statement {
    /// What the statement comes to for recorded facts. Roles are compared by name, with all they included when the facts were
    /// recorded; conditions, checks and relations by the answers that were recorded under their names.
    ///
    /// # Errors
    ///
    /// [`Unrecorded`] when the answer hangs on a fact that was not recorded.
    pub fn verdict_of(&self, facts: &RecordedFacts) -> Result<Verdict, Unrecorded> {
        Possible::of(&self.0, facts).only()
    }

    /// Why it comes to what it comes to for recorded facts.
    pub fn explain(&self, facts: &RecordedFacts) -> Explanation {
        Explanation(self.0.map(&mut |literal| {
            let verdict = literal.verdict_of(facts);
            Explained { literal: literal.clone(), verdict, because: because(literal, facts, verdict) }
        }))
    }
}

impl Requirement {
    /// As [`Statement::verdict_of`]; an address and a time are decided by what the requirement says now.
    ///
    /// # Errors
    ///
    /// [`Unrecorded`] when the answer hangs on a fact that was not recorded.
    pub fn verdict_of(&self, facts: &RecordedFacts) -> Result<Verdict, Unrecorded> {
        self.statement().verdict_of(&facts.clone().judged_by(self))
    }

    /// Why it comes to that.
    pub fn explain(&self, facts: &RecordedFacts) -> Explanation {
        self.statement().explain(&facts.clone().judged_by(self))
    }
}

impl StatedLiteral {
    /// None if the fact was not recorded. The meaning of each leaf is that of `Literal::verdict`.
    pub(crate) fn verdict_of(&self, facts: &RecordedFacts) -> Option<Verdict> {
        if self.negated && !self.leaf.is_complete() {
            return Some(Verdict::Unknown);
        }
        let signed = |verdict: Verdict| if self.negated { !verdict } else { verdict };
        let undelegated = !facts.delegated;
        let holds = match &self.leaf {
            StatedLeaf::SignedIn | StatedLeaf::Undelegated => undelegated,
            StatedLeaf::Recent(age) => {
                undelegated && facts.authenticated_at.is_some_and(|at| facts.at.since(at) <= *age)
            }
            StatedLeaf::Factor(factor) => undelegated && facts.factors.contains(*factor),
            StatedLeaf::Client(id) => facts.client.as_ref() == Some(id),
            StatedLeaf::Role(role, None) => undelegated && facts.held.has_role(role) != self.negated,
            StatedLeaf::Scope(scope, None) => return facts.held.has_scope(scope.as_str()),
            StatedLeaf::Role(_, Some(tenant))
            | StatedLeaf::Scope(_, Some(tenant))
            | StatedLeaf::Tenant(tenant) => {
                return self.in_tenant(tenant, facts);
            }
            StatedLeaf::Condition(kind, name) => {
                let is_it = |known: &&_| known_as(known, kind.word(), name);
                return facts.conditions.iter().find(is_it).map(|known| signed(known.verdict));
            }
            StatedLeaf::Check(name) => return facts.checks.get(name).copied().map(signed),
            StatedLeaf::Relation(name) => return facts.relations.get(name).copied().map(signed),
        };
        Some(holds.into())
    }

    fn in_tenant(&self, parameter: &str, facts: &RecordedFacts) -> Option<Verdict> {
        let tenant = facts.parameters.get(parameter)?;
        let held = facts.tenants.get(tenant);
        match &self.leaf {
            StatedLeaf::Role(role, _) => {
                let has = held.is_some_and(|held| held.has_role(role));
                Some((!facts.delegated && has != self.negated).into())
            }
            StatedLeaf::Scope(scope, _) => {
                held.map_or(Some(Verdict::False), |held| held.has_scope(scope.as_str()))
            }
            _ => Some(held.is_some().into()),
        }
    }
}

fn known_as(known: &crate::decision::RecordedCondition, kind: &str, name: &str) -> bool {
    known.kind == kind && known.name == name
}

impl StatedLeaf {
    /// As for a `Leaf`: whether its negation can be decided.
    pub(super) fn is_complete(&self) -> bool {
        matches!(self, Self::Role(..) | Self::Condition(..) | Self::Check(_) | Self::Relation(_))
    }
}

impl Held {
    pub(super) fn has_role(&self, role: &StatedRole) -> bool {
        let of_its_type = |(of, _): &(&String, &Vec<String>)| role.of.is_empty() || **of == role.of;
        self.roles.iter().filter(of_its_type).any(|(_, names)| names.contains(&role.name))
    }

    fn has_scope(&self, scope: &str) -> Option<Verdict> {
        let has = self.scopes.contains(scope);
        (has || !self.more_scopes).then(|| has.into())
    }
}

/// The verdicts a part may come to, and the first leaf that leaves it open.
struct Possible {
    verdicts: u8,
    open: Option<String>,
}

const ALL: [Verdict; 3] = [Verdict::False, Verdict::Unknown, Verdict::True];

impl Possible {
    fn of(tree: &Tree<StatedLiteral>, facts: &RecordedFacts) -> Self {
        let fold = |parts: &[Tree<StatedLiteral>], decisive: Verdict| {
            let none = Self { verdicts: bit(!decisive), open: None };
            parts.iter().fold(none, |all, part| all.and(Self::of(part, facts), decisive))
        };
        match tree {
            Tree::Leaf(literal) => match literal.verdict_of(facts) {
                Some(verdict) => Self { verdicts: bit(verdict), open: None },
                None => Self { verdicts: ALL.map(bit).iter().sum(), open: Some(literal.leaf.to_string()) },
            },
            Tree::All(parts) => fold(parts, Verdict::False),
            Tree::Any(parts) => fold(parts, Verdict::True),
        }
    }

    /// Both, of which one that comes to `decisive` decides.
    fn and(self, other: Self, decisive: Verdict) -> Self {
        let mut verdicts = 0;
        for one in self.verdicts() {
            for other in other.verdicts() {
                verdicts |= bit(match (one, other) {
                    (verdict, _) | (_, verdict) if verdict == decisive => decisive,
                    (Verdict::Unknown, _) | (_, Verdict::Unknown) => Verdict::Unknown,
                    _ => !decisive,
                });
            }
        }
        // What decides by itself does not hang on anything.
        let open = if verdicts.count_ones() > 1 { self.open.or(other.open) } else { None };
        Self { verdicts, open }
    }

    fn verdicts(&self) -> impl Iterator<Item = Verdict> + use<> {
        let verdicts = self.verdicts;
        ALL.into_iter().filter(move |verdict| verdicts & bit(*verdict) != 0)
    }

    fn only(self) -> Result<Verdict, Unrecorded> {
        let mut verdicts = self.verdicts();
        match (verdicts.next(), verdicts.next()) {
            (Some(verdict), None) => Ok(verdict),
            _ => Err(Unrecorded { leaf: self.open.unwrap_or_default() }),
        }
    }
}

fn bit(verdict: Verdict) -> u8 {
    1 << verdict as u8
}
