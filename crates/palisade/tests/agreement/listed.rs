//! A reader that knows nothing but the access table: its rows as JSON, and in each the requirement as text.

use serde_json::Value;

use crate::{
    document::{Known, known},
    facts::Facts,
    truth::{Answer, Truth},
};

/// What the route of `row` answers to a request with these facts; `None` where its text cannot be read.
pub(crate) fn answers(row: &Value, facts: &Facts) -> Option<Answer> {
    let together = |alternative: &Value| -> Vec<String> {
        alternative.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let schemes: Vec<Vec<String>> = row["schemes"].as_array().unwrap().iter().map(together).collect();
    let guarded = row.get("requires").map(|text| text.as_str().unwrap());
    assert_ne!(guarded.is_some(), row.get("public").is_some(), "guarded or public: {row}");
    Some(match (known(&schemes, facts), guarded) {
        (Known::Refused(answer), _) => answer,
        (Known::Nobody, Some(_)) => Answer::Nobody,
        (Known::Nobody | Known::Somebody, None) => Answer::Allowed,
        (Known::Somebody, Some(text)) => truth(text, facts)?.into(),
    })
}

/// `a & (b | !c)`, evaluated as it is read: `!` before `&` before `|`.
fn truth(text: &str, facts: &Facts) -> Option<Truth> {
    let mut rest = text;
    let truth = any(&mut rest, facts)?;
    rest.is_empty().then_some(truth)
}

fn takes(rest: &mut &str, token: &str) -> bool {
    let after = rest.strip_prefix(token);
    *rest = after.unwrap_or(rest);
    after.is_some()
}

fn any(rest: &mut &str, facts: &Facts) -> Option<Truth> {
    let mut truth = all(rest, facts)?;
    while takes(rest, " | ") {
        truth = truth.max(all(rest, facts)?);
    }
    Some(truth)
}

fn all(rest: &mut &str, facts: &Facts) -> Option<Truth> {
    let mut truth = one(rest, facts)?;
    while takes(rest, " & ") {
        truth = truth.min(one(rest, facts)?);
    }
    Some(truth)
}

fn one(rest: &mut &str, facts: &Facts) -> Option<Truth> {
    if takes(rest, "(") {
        let truth = any(rest, facts)?;
        return takes(rest, ")").then_some(truth);
    }
    let negated = takes(rest, "!");
    let (word, after) = rest.split_once('(')?;
    *rest = after;
    if takes(rest, ")") {
        return Some(facts.leaf(word, "", None, negated));
    }
    let named = name(rest)?;
    let within = if takes(rest, " in ") { Some(name(rest)?) } else { None };
    // `60s`; the tests draw whole seconds.
    let named = if word == "recent" { named.trim_end_matches('s').to_owned() } else { named };
    takes(rest, ")").then(|| facts.leaf(word, &named, within.as_deref(), negated))
}

/// A plain name, or one in quotes, in which `\` stands before a quote.
fn name(rest: &mut &str) -> Option<String> {
    if !takes(rest, "\"") {
        let (name, after) = rest.split_at(rest.find([' ', ')'])?);
        *rest = after;
        return Some(name.to_owned());
    }
    let (mut name, mut escaped) = (String::new(), false);
    for (at, letter) in rest.char_indices() {
        match letter {
            '"' if !escaped => {
                *rest = &rest[at + 1..];
                return Some(name);
            }
            '\\' if !escaped => escaped = true,
            letter => {
                name.push(letter);
                escaped = false;
            }
        }
    }
    None
}
