//! The projection of a requirement on what OpenAPI can say: schemes and scopes.
//!
//! The document's `security` is a list of alternatives (OR), each an object of schemes that are needed together (AND),
//! each with the scopes it must carry. What cannot be said that way (a role, a check) is weakened to "true", never
//! strengthened: whoever the server admits, the document admits.

use serde_json::{Map, Value, json};

use crate::{
    credential::{Need, Scheme, Together},
    requirement::{Requirement, StatedLeaf},
    router::{Described, Rule},
};

type Scopes = Vec<String>;

pub(super) fn write(described: &Described<'_>) -> Value {
    // The principal's credential carries the scopes; what a handler reads beside it needs none.
    let carriers: Vec<&Scheme> = described.principal_needs.iter().flat_map(Need::schemes).collect();
    let scopes = match &described.operation.rule {
        Rule::Requires(requirement) => scope_alternatives(requirement),
        Rule::Public(_) => vec![Scopes::new()],
    };
    let mut alternatives: Vec<Value> = Vec::new();
    for together in described.need().alternatives() {
        for scopes in &scopes {
            let alternative = alternative(&together, scopes, &carriers);
            if !alternatives.contains(&alternative) {
                alternatives.push(alternative);
            }
        }
    }
    // A list with nothing but "nothing needed" is the empty list.
    if alternatives == [json!({})] { json!([]) } else { json!(alternatives) }
}

fn alternative(together: &Together, scopes: &Scopes, carriers: &[&Scheme]) -> Value {
    let member = |name: &String| {
        let says_scopes = carriers.iter().any(|scheme| scheme.name() == name && scheme.says_scopes());
        (name.clone(), if says_scopes { json!(scopes) } else { json!([]) })
    };
    Value::Object(together.iter().map(member).collect::<Map<_, _>>())
}

/// The sets of scopes of which one must be carried, without those that another one makes needless.
fn scope_alternatives(requirement: &Requirement) -> Vec<Scopes> {
    // A requirement without a normal form was refused at start-up.
    let alternatives = requirement.statement().normal_form().unwrap_or_default();
    let sets: Vec<Scopes> = alternatives
        .iter()
        .map(|alternative| {
            // What is held in a tenant cannot be said: a credential that carries the scope may have it elsewhere.
            let scope = |leaf: &StatedLeaf| match leaf {
                StatedLeaf::Scope(scope, None) => Some(scope.to_string()),
                _ => None,
            };
            alternative
                .iter()
                .filter(|literal| !literal.negated)
                .filter_map(|literal| scope(&literal.leaf))
                .collect()
        })
        .collect();
    let mut kept: Vec<Scopes> = Vec::new();
    for set in sets {
        if kept.iter().any(|known| known.iter().all(|scope| set.contains(scope))) {
            continue;
        }
        kept.retain(|known| !set.iter().all(|scope| known.contains(scope)));
        kept.push(set);
    }
    kept
}
