//! A reader that knows nothing but the API document.

use serde_json::Value;

use crate::{
    facts::{Facts, Sent},
    truth::{Answer, Truth},
};

/// What the operation answers to a request with these facts. Its `security` says which credentials are looked for, its
/// `x-palisade-requirement` what is asked of the caller.
pub(crate) fn answers(operation: &Value, facts: &Facts) -> Answer {
    let security = operation["security"].as_array().unwrap();
    let alternatives: Vec<Vec<&String>> =
        security.iter().map(|together| together.as_object().unwrap().keys().collect()).collect();
    let guarded = operation.get("x-palisade-requirement");
    assert_ne!(
        guarded.is_some(),
        operation.get("x-palisade-public").is_some(),
        "guarded or public: {operation}"
    );
    match (known(&alternatives, facts), guarded) {
        (Known::Refused(answer), _) => answer,
        (Known::Nobody, Some(_)) => Answer::Nobody,
        (Known::Nobody | Known::Somebody, None) => Answer::Allowed,
        (Known::Somebody, Some(requirement)) => truth(requirement, facts).into(),
    }
}

/// Whether `security` (OpenAPI 3.1, section 4.8.30) lets a request through that may do what it is said to.
pub(crate) fn security_admits(operation: &Value, facts: &Facts) -> bool {
    let security = operation["security"].as_array().unwrap();
    let satisfied = |(scheme, needed): (&String, &Value)| {
        let mut needed = needed.as_array().unwrap().iter().map(|scope| scope.as_str().unwrap());
        sent(scheme, facts) == Sent::Valid && needed.all(|scope| facts.scopes().contains(&scope))
    };
    security.is_empty() || security.iter().any(|together| together.as_object().unwrap().iter().all(satisfied))
}

/// Who a request's credentials say is calling.
pub(crate) enum Known {
    Nobody,
    Somebody,
    Refused(Answer),
}

pub(crate) fn sent(scheme: &str, facts: &Facts) -> Sent {
    match scheme {
        "OAuth2PasswordBearer" => facts.bearer,
        "Key" => facts.key,
        _ => panic!("no scheme is called {scheme:?}"),
    }
}

/// The first alternative of which anything is there counts; what is there has to be valid, and all of it there.
pub(crate) fn known<N: AsRef<str>>(alternatives: &[Vec<N>], facts: &Facts) -> Known {
    for together in alternatives {
        // They are looked at in order; the token first.
        let mut names: Vec<&str> = together.iter().map(AsRef::as_ref).collect();
        names.sort_unstable_by(|a, b| b.cmp(a));
        let parts: Vec<Sent> = names.iter().map(|name| sent(name, facts)).collect();
        if parts.iter().all(|part| *part == Sent::Nothing) {
            continue;
        }
        let bad = parts.iter().find(|part| [Sent::Silent, Sent::Invalid].contains(part));
        return match bad {
            Some(Sent::Silent) => Known::Refused(Answer::Undecided),
            Some(_) => Known::Refused(Answer::Nobody),
            None if parts.contains(&Sent::Nothing) => Known::Refused(Answer::Nobody),
            None => Known::Somebody,
        };
    }
    Known::Nobody
}

/// `x-palisade-requirement`, evaluated.
fn truth(requirement: &Value, facts: &Facts) -> Truth {
    let parts =
        |parts: &Value| parts.as_array().unwrap().iter().map(|part| truth(part, facts)).collect::<Vec<_>>();
    if let Some(all) = requirement.get("all") {
        return parts(all).into_iter().min().unwrap_or(Truth::Yes);
    }
    if let Some(any) = requirement.get("any") {
        return parts(any).into_iter().max().unwrap_or(Truth::No);
    }
    match requirement.get("not") {
        Some(leaf) => leaf_truth(leaf, facts, true),
        None => leaf_truth(requirement, facts, false),
    }
}

fn leaf_truth(leaf: &Value, facts: &Facts, negated: bool) -> Truth {
    if let Some(word) = leaf.as_str() {
        return facts.leaf(word, "", None, negated);
    }
    let members = leaf.as_object().unwrap();
    let within = members.get("in").map(|within| within.as_str().unwrap());
    let (word, name) = members.iter().find(|(word, _)| !["in", "of"].contains(&word.as_str())).unwrap();
    let name = name.as_str().map_or_else(|| name.to_string(), str::to_owned);
    facts.leaf(word, &name, within, negated)
}
