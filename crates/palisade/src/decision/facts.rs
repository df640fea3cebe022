//! The facts a decision rests on, as they are written down: enough to decide again, and no more.
//!
//! Of the caller that is its authority; of the request what leaves of the requirement read. No credential, header value, body
//! or query is among them, and of the path only the parameters that name a tenant. Whatever a caller can make long is cut, or
//! left out; then it counts as not recorded.

use std::{collections::BTreeMap, net::IpAddr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::forms;
use crate::{
    authority::Authority,
    clock::Timestamp,
    extract::PathParameters,
    factor::FactorSet,
    requirement::{
        Answers, Facts, Requirement, RoleSet, StatedLeaf, Verdict, client_address, header_outcomes, only,
    },
    scope::{Scope, ScopeSet},
    tenants::Membership,
};

/// How many bytes of scopes are kept: of what is held everywhere, and of what is held in one tenant.
const MOST_SCOPES: usize = 2048;

/// How long an id or the value of a path parameter may be, in bytes.
const LONGEST: usize = 256;

/// What was known when a requirement was decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct RecordedFacts {
    /// When it was decided, in seconds since 1970-01-01T00:00:00Z.
    #[schemars(with = "i64")]
    pub at: Timestamp,
    /// Whether the credential acted with less than its account's authority.
    pub delegated: bool,
    /// What the caller held everywhere.
    pub held: Held,
    /// When the account last proved itself, in seconds since 1970-01-01T00:00:00Z, if that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i64>")]
    pub authenticated_at: Option<Timestamp>,
    /// What it proved itself with, by the names of RFC 8176.
    #[serde(default, with = "forms::factors")]
    #[schemars(with = "Vec<String>")]
    pub factors: FactorSet,
    /// The OAuth 2.0 client the credential was issued to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The parameters of the path that the requirement reads.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
    /// What the caller held in the tenants these name; a tenant that is missing is one it did not belong to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tenants: BTreeMap<String, Held>,
    /// Where the request came from, if the server noted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub address: Option<IpAddr>,
    /// What came of the conditions on the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<RecordedCondition>,
    /// What the checks answered that were asked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<String, Verdict>,
    /// Which relations the caller stood in to the object.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub relations: BTreeMap<String, Verdict>,
}

/// What was held, everywhere or in one tenant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Held {
    /// The scopes.
    #[serde(default, with = "forms::scopes", skip_serializing_if = "ScopeSet::is_empty")]
    #[schemars(with = "String")]
    pub scopes: ScopeSet,
    /// The roles with all they included then, by the name of their type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, Vec<String>>,
    /// Whether there were more scopes than are kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more_scopes: bool,
}

/// What came of a condition on the request, by the condition's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct RecordedCondition {
    /// `address`, `hours` or `header`.
    pub kind: String,
    /// The name under which it is listed.
    pub name: String,
    /// Whether it held.
    pub verdict: Verdict,
    /// For a header: its name, and never its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// For a header: whether it was sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sent: bool,
}

impl RecordedFacts {
    /// The facts of `authority` at `now`, without a request: what a requirement asks of one was not recorded.
    pub fn of_authority(authority: &Authority, now: Timestamp) -> Self {
        Self::for_leaves(authority, now, &[])
    }

    /// With the scopes that `asked` asks for before others.
    fn for_leaves(authority: &Authority, now: Timestamp, asked: &[&Scope]) -> Self {
        Self {
            at: now,
            delegated: authority.is_delegated(),
            held: Held::of(authority.held_scopes(), authority.held_roles(), asked),
            authenticated_at: authority.last_authenticated(),
            factors: authority.used_factors(),
            client: authority.client_id().map(|id| cut(id, LONGEST)),
            parameters: BTreeMap::new(),
            tenants: BTreeMap::new(),
            address: None,
            conditions: Vec::new(),
            checks: BTreeMap::new(),
            relations: BTreeMap::new(),
        }
    }

    /// All that `requirement` was decided by.
    pub(crate) fn of(requirement: &Requirement, facts: Facts<'_>, answers: &Answers<'_>) -> Self {
        let noted = Noted {
            now: facts.now(),
            address: client_address(facts.head),
            headers: header_outcomes(requirement, facts.head),
            path: facts.path,
        };
        let mut recorded = Self::noted(requirement, facts.authority, noted, answers);
        if facts.resource.is_some() {
            let said = requirement.relations().map(|relation| {
                (relation.name.to_owned(), relation.verdict(facts.principal, facts.resource))
            });
            recorded.relations = said.collect();
        }
        recorded
    }

    /// The same where the head of the request is gone, and this was noted of it.
    pub(crate) fn noted(
        requirement: &Requirement,
        authority: &Authority,
        noted: Noted<'_>,
        answers: &Answers<'_>,
    ) -> Self {
        let statement = requirement.statement();
        let leaves = statement.0.leaves();
        let asked: Vec<&Scope> = leaves
            .iter()
            .filter_map(|literal| match &literal.leaf {
                StatedLeaf::Scope(scope, _) => Some(scope),
                _ => None,
            })
            .collect();
        let mut recorded = Self::for_leaves(authority, noted.now, &asked);
        recorded.address = noted.address;
        recorded.conditions = noted.headers;
        recorded.checks = answers.iter().map(|(name, verdict)| (name.to_owned(), verdict)).collect();
        let value = |name: &str| only(noted.path?, name);
        for parameter in requirement.parameters() {
            let Some(tenant) = value(parameter).filter(|value| value.len() <= LONGEST) else { continue };
            recorded.parameters.insert(parameter.to_owned(), tenant.to_owned());
            if let Some(membership) = authority.memberships().get(tenant) {
                recorded.tenants.insert(tenant.to_owned(), Held::of_member(membership, &asked));
            }
        }
        recorded.judged_by(requirement)
    }

    /// With what `requirement` makes of where the request came from and when: what a name stands for may have changed since.
    pub(crate) fn judged_by(mut self, requirement: &Requirement) -> Self {
        for named in requirement.conditions() {
            let (kind, name) = (named.condition.kind().word(), named.name);
            let is_it = |known: &RecordedCondition| known.kind == kind && known.name == name;
            if let Some(header) = named.condition.header() {
                // What is asked of another header now was not recorded.
                self.conditions.retain(|known| !is_it(known) || known.header.as_deref() == Some(header));
                continue;
            }
            let Some(verdict) = named.condition.verdict_for(self.address, self.at) else { continue };
            self.conditions.retain(|known| !is_it(known));
            self.conditions.push(RecordedCondition {
                kind: kind.to_owned(),
                name: name.to_owned(),
                verdict,
                header: None,
                sent: false,
            });
        }
        self
    }
}

/// What is kept of a request's head for a decision about what became of it.
#[derive(Default)]
pub(crate) struct Noted<'a> {
    pub(crate) now: Timestamp,
    pub(crate) address: Option<IpAddr>,
    pub(crate) headers: Vec<RecordedCondition>,
    pub(crate) path: Option<&'a PathParameters>,
}

impl Held {
    fn of(scopes: &ScopeSet, roles: &RoleSet, asked: &[&Scope]) -> Self {
        let mut by_type: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (of, name) in roles.names() {
            by_type.entry(of.to_owned()).or_default().push(name.to_owned());
        }
        let (scopes, more_scopes) = kept(scopes, asked);
        Self { scopes, roles: by_type, more_scopes }
    }

    fn of_member(membership: &Membership, asked: &[&Scope]) -> Self {
        Self::of(membership.held_scopes(), membership.held_roles(), asked)
    }
}

/// As many scopes as there is room for, and whether there are more: first those that are asked for.
fn kept(scopes: &ScopeSet, asked: &[&Scope]) -> (ScopeSet, bool) {
    let size = |scope: &Scope| scope.as_str().len() + 1;
    if scopes.iter().map(size).sum::<usize>() <= MOST_SCOPES {
        return (scopes.clone(), false);
    }
    let (first, rest): (Vec<&Scope>, Vec<&Scope>) = scopes.iter().partition(|scope| asked.contains(scope));
    let mut room = MOST_SCOPES;
    let fits = |scope: &&&Scope| {
        let left = room.checked_sub(size(scope));
        room = left.unwrap_or(room);
        left.is_some()
    };
    let kept = first.iter().chain(&rest).filter(fits).map(|scope| (**scope).clone()).collect();
    (kept, true)
}

/// `text`, or as much of it as `most` bytes hold, and a mark.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        text.to_owned()
    } else {
        format!("{}\u{2026}", &text[..text.floor_char_boundary(most)])
    }
}
