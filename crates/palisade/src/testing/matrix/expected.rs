//! What the table says a caller is answered with. Written a second time, from the meaning of each leaf, so that a mistake of
//! the guard is not repeated here.

use std::{collections::BTreeMap, net::IpAddr};

use super::answer::{Answer, bearer_bases};
use crate::{
    authority::Authority,
    clock::Timestamp,
    credential::Scheme,
    requirement::{Condition, Leaf, Literal, Requirement, RoleSet, Tree, Verdict},
    tenants::Membership,
};

/// How many checks of unknown outcome are played through; with more, any answer is taken.
const MOST_CHECKS: usize = 4;

/// The facts of one request.
pub(super) struct Facts<'a> {
    pub(super) authority: &'a Authority,
    pub(super) now: Timestamp,
    pub(super) address: Option<IpAddr>,
    pub(super) headers: &'a BTreeMap<String, String>,
    /// What stands in the path, by parameter.
    pub(super) tenant: &'a dyn Fn(&str) -> String,
}

/// What checks answer, by name.
pub(super) type Checks = BTreeMap<String, Verdict>;

/// The answers that would be right; several where it hangs on checks of which nobody said what they answer.
pub(super) fn answers(
    requirement: &Requirement,
    facts: &Facts<'_>,
    checks: &Checks,
    schemes: &[Scheme],
) -> Vec<Answer> {
    let mut right: Vec<Answer> = Vec::new();
    for checks in outcomes(requirement, checks) {
        let with = Evaluation { facts, checks: &checks };
        let challenges = || with.challenges(requirement, schemes);
        let answer = match with.verdict(&requirement.0) {
            Truth::Yes => Answer::Admitted,
            Truth::No => Answer::Refused { status: 403, challenges: challenges() },
            Truth::Open => Answer::Refused { status: 503, challenges: vec![Vec::new()] },
        };
        if !right.contains(&answer) {
            right.push(answer);
        }
    }
    right
}

/// Every way the checks of `requirement` that are not in `known` could answer.
fn outcomes(requirement: &Requirement, known: &Checks) -> Vec<Checks> {
    let mut names: Vec<&str> = requirement.checks().map(|check| check.name).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| !known.contains_key(*name));
    names.truncate(MOST_CHECKS);
    names.iter().fold(vec![known.clone()], |outcomes, name| {
        let each = |checks: &Checks| {
            [Verdict::True, Verdict::False, Verdict::Unknown].map(|verdict| {
                let mut checks = checks.clone();
                checks.insert((*name).to_owned(), verdict);
                checks
            })
        };
        outcomes.iter().flat_map(each).collect()
    })
}

/// Worse first: "all" is the worst of its parts, "any" the best.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Truth {
    No,
    Open,
    Yes,
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

struct Evaluation<'a> {
    facts: &'a Facts<'a>,
    checks: &'a Checks,
}

impl Evaluation<'_> {
    fn verdict(&self, tree: &Tree<Literal>) -> Truth {
        match tree {
            Tree::Leaf(literal) => self.literal(literal),
            Tree::All(parts) => parts.iter().map(|part| self.verdict(part)).min().unwrap_or(Truth::Yes),
            Tree::Any(parts) => parts.iter().map(|part| self.verdict(part)).max().unwrap_or(Truth::No),
        }
    }

    /// A delegated credential has neither `role(x)` nor `!role(x)`; what is open stays open when it is negated.
    fn literal(&self, literal: &Literal) -> Truth {
        let account = !self.facts.authority.is_delegated();
        let held = self.leaf(&literal.leaf, account);
        match (&literal.leaf, literal.negated, held) {
            (Leaf::Role(..), true, _) if !account => Truth::No,
            (_, false, held) => held,
            (_, true, Truth::Yes) => Truth::No,
            (_, true, Truth::No) => Truth::Yes,
            (_, true, Truth::Open) => Truth::Open,
        }
    }

    fn leaf(&self, leaf: &Leaf, account: bool) -> Truth {
        let Facts { authority, now, .. } = *self.facts;
        let membership = |parameter: &str| authority.memberships().get(&(self.facts.tenant)(parameter));
        match leaf {
            Leaf::SignedIn | Leaf::Undelegated => account.into(),
            Leaf::Role(role, within) => {
                let held = match within {
                    None => Some(authority.held_roles()),
                    Some(tenant) => membership(tenant).map(Membership::held_roles),
                };
                let names = held.map(RoleSet::names).unwrap_or_default();
                (account && names.contains(&(role.kind.name, role.name))).into()
            }
            Leaf::Scope(scope, None) => authority.held_scopes().contains(scope.as_str()).into(),
            Leaf::Scope(scope, Some(tenant)) => {
                membership(tenant).is_some_and(|member| member.held_scopes().contains(scope.as_str())).into()
            }
            Leaf::Tenant(tenant) => membership(tenant).is_some().into(),
            Leaf::Recent(age) => {
                let since = authority.last_authenticated().map(|at| now.as_unix() - at.as_unix());
                let longest = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
                (account && since.is_some_and(|since| since <= longest)).into()
            }
            Leaf::Factor(factor) => (account && authority.used_factors().contains(*factor)).into(),
            Leaf::Client(id) => (authority.client_id() == Some(&**id)).into(),
            Leaf::Condition(named) => self.condition(&named.condition),
            Leaf::Check(named) => match self.checks.get(named.name) {
                Some(Verdict::True) => Truth::Yes,
                Some(Verdict::False) => Truth::No,
                Some(Verdict::Unknown) | None => Truth::Open,
            },
            Leaf::Relation(_) => Truth::Open,
        }
    }

    fn condition(&self, condition: &Condition) -> Truth {
        match condition {
            Condition::Address(networks) => match self.facts.address {
                Some(address) => networks.iter().any(|network| network.contains(&address)).into(),
                None => Truth::Open,
            },
            Condition::Hours(window) => window.contains(self.facts.now).into(),
            Condition::Header(name, value) => (self.facts.headers.get(name.as_str()) == Some(value)).into(),
        }
    }

    /// The challenges of which one may be sent: what to get, if that alone is missing for some alternative (RFC 6750, section
    /// 3.1, and RFC 9470), and otherwise none.
    fn challenges(&self, requirement: &Requirement, schemes: &[Scheme]) -> Vec<Vec<String>> {
        let alternatives = requirement.alternatives();
        let mut sayings: Vec<String> =
            alternatives.iter().filter_map(|alternative| self.obtainable(alternative)).collect();
        sayings.sort();
        sayings.dedup();
        if sayings.is_empty() {
            return vec![Vec::new()];
        }
        let bases = bearer_bases(schemes);
        let with = |saying: &String| {
            let mut all: Vec<String> = bases
                .iter()
                .map(|base| format!("{base}{}{saying}", if base.contains(' ') { ", " } else { " " }))
                .collect();
            all.sort();
            all
        };
        sayings.iter().map(with).collect()
    }

    /// What the caller is told to get, where it lacks only what it could get.
    fn obtainable(&self, alternative: &[&Literal]) -> Option<String> {
        let delegated = self.facts.authority.is_delegated();
        let lacking: Vec<&Leaf> = alternative
            .iter()
            .filter(|literal| self.literal(literal) == Truth::No)
            .map(|literal| &literal.leaf)
            .collect();
        let can_get = |leaf: &&Leaf| match leaf {
            Leaf::Scope(_, within) => within.is_none() || delegated,
            Leaf::Recent(_) | Leaf::Factor(_) => !delegated,
            _ => false,
        };
        if lacking.is_empty() || !lacking.iter().all(can_get) {
            return None;
        }
        if lacking.iter().any(|leaf| matches!(leaf, Leaf::Scope(..))) {
            return Some(format!("error=\"insufficient_scope\", scope=\"{}\"", scopes(alternative)));
        }
        let sign_in = "error=\"insufficient_user_authentication\"";
        if lacking.iter().any(|leaf| matches!(leaf, Leaf::Factor(_))) {
            return Some(sign_in.to_owned());
        }
        let shortest = lacking.iter().filter_map(|leaf| match leaf {
            Leaf::Recent(age) => Some(age.as_secs()),
            _ => None,
        });
        Some(format!("{sign_in}, max_age=\"{}\"", shortest.min()?))
    }
}

/// All scopes of an alternative, sorted: what the next token must carry.
fn scopes(alternative: &[&Literal]) -> String {
    let mut scopes: Vec<&str> = alternative
        .iter()
        .filter_map(|literal| match &literal.leaf {
            Leaf::Scope(scope, _) => Some(scope.as_str()),
            _ => None,
        })
        .collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes.join(" ")
}
