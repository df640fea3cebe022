//! Emitters that are broken on purpose: each is noticed.

use serde_json::{Map, Value, json};

use crate::{
    agree::{ask, disagreements, seed},
    drawn::Draw,
    served::drawn,
};

type Broken = fn(&mut Value);

/// Changes each operation of a document.
fn each_operation(document: &mut Value, change: impl Fn(&mut Map<String, Value>)) {
    for path in document["paths"].as_object_mut().unwrap().values_mut() {
        path.as_object_mut()
            .unwrap()
            .values_mut()
            .for_each(|operation| change(operation.as_object_mut().unwrap()));
    }
}

fn each_requirement(document: &mut Value, change: impl Fn(&mut Value)) {
    each_operation(document, |operation| {
        if let Some(requirement) = operation.get_mut("x-palisade-requirement") {
            change(requirement);
        }
    });
}

/// Changes the first part of `all` or `any` that there is, from the outside in.
fn first_list(requirement: &mut Value, name: &str, change: &impl Fn(&mut Map<String, Value>)) -> bool {
    let Some(members) = requirement.as_object_mut() else { return false };
    if members.contains_key(name) {
        change(members);
        return true;
    }
    let lists = members.values_mut().filter_map(Value::as_array_mut);
    lists.flatten().any(|part| first_list(part, name, change))
}

fn renamed(members: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(parts) = members.remove(from) {
        members.insert(to.to_owned(), parts);
    }
}

fn without_last(members: &mut Map<String, Value>, name: &str) {
    members.get_mut(name).and_then(Value::as_array_mut).map(Vec::pop);
}

fn without_negation(requirement: &mut Value) {
    if let Some(inner) = requirement.get_mut("not") {
        *requirement = inner.take();
    } else if let Some(members) = requirement.as_object_mut() {
        members.values_mut().filter_map(Value::as_array_mut).flatten().for_each(without_negation);
    }
}

fn documents() -> Vec<(&'static str, Broken)> {
    vec![
        ("AND as OR", |document| {
            each_requirement(document, |requirement| {
                first_list(requirement, "all", &|members| renamed(members, "all", "any"));
            });
        }),
        ("OR as AND", |document| {
            each_requirement(document, |requirement| {
                first_list(requirement, "any", &|members| renamed(members, "any", "all"));
            });
        }),
        ("a leaf dropped", |document| {
            each_requirement(document, |requirement| {
                first_list(requirement, "all", &|members| without_last(members, "all"));
            });
        }),
        ("an alternative lost", |document| {
            each_requirement(document, |requirement| {
                first_list(requirement, "any", &|members| without_last(members, "any"));
            });
        }),
        ("negations dropped", |document| each_requirement(document, without_negation)),
        ("the tenant lost", |document| each_requirement(document, without_tenant)),
        ("a role taken for one above", |document| {
            let text = document.to_string().replace(r#""role":"user""#, r#""role":"editor""#);
            *document = serde_json::from_str(&text).unwrap();
        }),
        ("a scope taken for another", |document| {
            let text = document.to_string().replace(r#""scope":"a""#, r#""scope":"items:read""#);
            *document = serde_json::from_str(&text).unwrap();
        }),
        ("guarded as public", |document| {
            each_operation(document, |operation| {
                if operation.remove("x-palisade-requirement").is_some() {
                    operation.insert("x-palisade-public".into(), json!("forgotten"));
                }
            });
        }),
        ("public as guarded", |document| {
            each_operation(document, |operation| {
                if operation.remove("x-palisade-public").is_some() {
                    operation.insert("x-palisade-requirement".into(), json!("signed_in"));
                }
            });
        }),
        ("a strengthened `security`", |document| {
            each_operation(document, |operation| {
                let security = operation["security"].as_array_mut().unwrap();
                let schemes = security.iter_mut().flat_map(|together| together.as_object_mut().unwrap());
                schemes.for_each(|(_, scopes)| *scopes = json!(["a", "b"]));
            });
        }),
        ("an alternative of `security` lost", |document| {
            each_operation(document, |operation| {
                let security = operation["security"].as_array_mut().unwrap();
                if security.len() > 1 {
                    security.pop();
                }
            });
        }),
    ]
}

fn without_tenant(requirement: &mut Value) {
    if let Some(members) = requirement.as_object_mut() {
        members.remove("in");
        members.values_mut().for_each(|value| match value {
            Value::Array(parts) => parts.iter_mut().for_each(without_tenant),
            other => without_tenant(other),
        });
    }
}

/// Changes the text of each row that is guarded.
fn each_text(table: &mut Value, change: impl Fn(&str) -> String) {
    for row in table.as_array_mut().unwrap() {
        if let Some(text) = row.get("requires").and_then(Value::as_str).map(&change) {
            row["requires"] = text.into();
        }
    }
}

/// Without the parentheses that group; those of a leaf follow its name, and those of a name stand in quotes.
fn without_parentheses(text: &str) -> String {
    let (mut written, mut groups, mut quoted) = (String::new(), Vec::new(), false);
    for letter in text.chars() {
        quoted ^= letter == '"' && !written.ends_with('\\');
        match letter {
            '(' if !quoted => {
                let of_a_leaf = written.ends_with(|before: char| before.is_alphanumeric() || before == '_');
                groups.push(of_a_leaf);
                written.extend(of_a_leaf.then_some(letter));
            }
            ')' if !quoted => written.extend((groups.pop() != Some(false)).then_some(letter)),
            letter => written.push(letter),
        }
    }
    written
}

/// Without what follows the last `joint`, where that is no part of a group.
fn without_last_part(text: &str, joint: &str) -> String {
    match text.rsplit_once(joint) {
        Some((before, after)) if after.matches('(').count() == after.matches(')').count() => {
            before.to_owned()
        }
        _ => text.to_owned(),
    }
}

fn tables() -> Vec<(&'static str, Broken)> {
    vec![
        ("AND as OR", |table| each_text(table, |text| text.replacen(" & ", " | ", 1))),
        ("OR as AND", |table| each_text(table, |text| text.replacen(" | ", " & ", 1))),
        ("parentheses dropped", |table| each_text(table, without_parentheses)),
        ("a leaf dropped", |table| each_text(table, |text| without_last_part(text, " & "))),
        ("an alternative lost", |table| each_text(table, |text| without_last_part(text, " | "))),
        ("negations dropped", |table| each_text(table, |text| text.replace('!', ""))),
        ("the tenant lost", |table| each_text(table, |text| text.replace(" in org", ""))),
        ("a scope taken for another", |table| {
            each_text(table, |text| text.replace("scope(a", "scope(items:read"));
        }),
        ("guarded as public", |table| {
            for row in table.as_array_mut().unwrap() {
                if row.as_object_mut().unwrap().remove("requires").is_some() {
                    row["public"] = json!("forgotten");
                }
            }
        }),
        ("public as guarded", |table| {
            for row in table.as_array_mut().unwrap() {
                if row.as_object_mut().unwrap().remove("public").is_some() {
                    row["requires"] = json!("signed_in()");
                }
            }
        }),
    ]
}

/// Over some routers: an emitter may write the same for one of them.
#[test]
fn every_broken_emitter_is_noticed() {
    let mut draw = Draw::new(seed().wrapping_add(77));
    let mut unnoticed: Vec<String> = Vec::new();
    let mut noticed: Vec<String> = Vec::new();
    for _ in 0..6 {
        let served = drawn(&mut draw, 20);
        let answered = ask(&served, &mut draw, 40);
        let mut note = |name: String, found: Vec<String>| {
            if found.is_empty() { unnoticed.push(name) } else { noticed.push(name) }
        };
        for (name, broken) in documents() {
            let mut document = served.document.clone();
            broken(&mut document);
            note(format!("document: {name}"), disagreements(&served, &document, &served.table, &answered));
        }
        for (name, broken) in tables() {
            let mut table = served.table.clone();
            broken(&mut table);
            note(format!("table: {name}"), disagreements(&served, &served.document, &table, &answered));
        }
        assert!(
            disagreements(&served, &served.document, &served.table, &answered).is_empty(),
            "nothing is broken"
        );
    }
    let never: Vec<_> = unnoticed.iter().filter(|name| !noticed.contains(name)).collect();
    assert!(never.is_empty(), "not noticed: {never:?}");
}
