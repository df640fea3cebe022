//! One operation of the document.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::security;
use crate::{
    describe::{Answer, ObjectRule, Parameter, ParameterPlace, Schemas, path_parameters},
    edge::CROSS_SITE_REFUSAL,
    requirement::Requirement,
    router::{Described, Rule},
    table::short,
};

/// Writes an operation. `names` are the operation ids given so far.
pub(super) fn write(described: &Described<'_>, schemas: &mut Schemas, names: &mut Vec<String>) -> Value {
    let operation = described.operation;
    let mut written = Map::new();
    written.insert("operationId".into(), json!(operation_id(described, names)));
    if let Some(summary) = operation.summary {
        written.insert("summary".into(), json!(summary));
    }
    match &operation.rule {
        Rule::Requires(requirement) => {
            written.insert("description".into(), json!(in_words(requirement, described)));
            written.insert("x-palisade-requirement".into(), json!(requirement));
        }
        Rule::Public(reason) => {
            written.insert("x-palisade-public".into(), json!(reason));
        }
    }
    if !described.objects.is_empty() {
        let objects: Vec<Value> = described.objects.iter().map(object).collect();
        written.insert("x-palisade-objects".into(), json!(objects));
    }
    if !described.undescribed.is_empty() {
        written.insert("x-palisade-undescribed".into(), json!(described.undescribed));
    }
    written.insert("security".into(), security::write(described));
    let parameters: Vec<Value> =
        described.parameters.iter().chain(&unread_parameters(described)).map(parameter).collect();
    if !parameters.is_empty() {
        written.insert("parameters".into(), json!(parameters));
    }
    if !described.body.is_empty() {
        let each = described.body.iter().map(|(media_type, schema)| {
            let schema = json!({ "schema": schema });
            ((*media_type).to_owned(), schema)
        });
        let content: Map<String, Value> = each.collect();
        written.insert("requestBody".into(), json!({ "required": true, "content": content }));
    }
    written.insert("responses".into(), responses(described, schemas));
    Value::Object(written)
}

/// The handler's name; where that is taken or no name, method and path; where that is taken too, with a number.
fn operation_id(described: &Described<'_>, names: &mut Vec<String>) -> String {
    let operation = described.operation;
    let named = short(operation.handler).to_owned();
    let is_name = !named.is_empty() && named.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let by_path = || {
        let path: String =
            operation.path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        format!("{}{}", operation.method_name().to_ascii_lowercase(), path.trim_end_matches('_'))
    };
    let first = Some(named).filter(|named| is_name && !names.contains(named)).unwrap_or_else(by_path);
    let numbered = (2..).map(|number| format!("{first}_{number}"));
    let mut candidates = std::iter::once(first.clone()).chain(numbered);
    let id = candidates.find(|id| !names.contains(id)).unwrap_or(first);
    names.push(id.clone());
    id
}

/// What the operation requires, and what it requires of each object.
fn in_words(requirement: &Requirement, described: &Described<'_>) -> String {
    let mut words = requirement.in_words();
    for ObjectRule { action, resource, requirement, each } in &described.objects {
        let which = if *each { "each" } else { "the" };
        let policy = requirement.in_words().replacen("Requires", "requires", 1);
        words.push_str(&format!(" `{action}` of {which} `{resource}` {policy}"));
    }
    words
}

/// The policy of an object.
fn object(rule: &ObjectRule) -> Value {
    let ObjectRule { action, resource, requirement, each } = rule;
    let mut written = json!({ "action": action, "resource": resource, "requirement": requirement });
    if *each {
        written["each"] = json!(true);
    }
    written
}

/// The parameters of the path that no argument reads, such as the tenant's. A document has to say all of them.
fn unread_parameters(described: &Described<'_>) -> Vec<Parameter> {
    let is_read = |name: &String| {
        let mut read = described.parameters.iter();
        read.any(|parameter| parameter.place == ParameterPlace::Path && parameter.name == *name)
    };
    let unread = path_parameters(&described.operation.path).into_iter().filter(|name| !is_read(name));
    let text = |name| {
        let schema = json!({ "type": "string" });
        Parameter { place: ParameterPlace::Path, name, required: true, schema }
    };
    unread.map(text).collect()
}

fn parameter(parameter: &Parameter) -> Value {
    let place = match parameter.place {
        ParameterPlace::Path => "path",
        ParameterPlace::Query => "query",
        ParameterPlace::Header => "header",
        ParameterPlace::Cookie => "cookie",
    };
    let mut written = json!({ "name": parameter.name, "in": place, "required": parameter.required, "schema": parameter.schema });
    if let Some(description) = parameter.schema.get("description") {
        written["description"] = description.clone();
    }
    written
}

fn responses(described: &Described<'_>, schemas: &mut Schemas) -> Value {
    let mut answers = described.answers.clone();
    let problem = ("application/problem+json", schemas.problem());
    let mut refusal = |status: StatusCode, description: &str| {
        let answer = Answer { description: description.into(), content: Some(problem.clone()) };
        let known = answers.entry(status.as_u16()).or_default();
        if !known.contains(&answer) {
            known.push(answer);
        }
    };
    if described.knows_the_caller() || matches!(described.operation.rule, Rule::Requires(_)) {
        refusal(StatusCode::UNAUTHORIZED, "No valid credential; `WWW-Authenticate` says which are taken");
        refusal(StatusCode::SERVICE_UNAVAILABLE, "A part this depends on does not answer; try again later");
    }
    if matches!(described.operation.rule, Rule::Requires(_)) {
        refusal(StatusCode::FORBIDDEN, "The caller is known and may not do this");
    }
    if described.asks_for_the_origin() {
        refusal(StatusCode::FORBIDDEN, CROSS_SITE_REFUSAL);
    }
    let mut written: Map<String, Value> =
        answers.iter().map(|(status, answers)| (status.to_string(), response(answers))).collect();
    if let Some(answer) = &described.any_answer {
        written.insert("default".into(), response(std::slice::from_ref(answer)));
    }
    if written.is_empty() {
        // A document must say at least one.
        written.insert("default".into(), json!({ "description": "Not described" }));
    }
    Value::Object(written)
}

/// All ways a response of one status can look.
fn response(answers: &[Answer]) -> Value {
    let mut descriptions: Vec<&str> = Vec::new();
    let mut content: Map<String, Value> = Map::new();
    for answer in answers {
        if !descriptions.contains(&answer.description.as_str()) {
            descriptions.push(&answer.description);
        }
        let Some((media_type, schema)) = &answer.content else { continue };
        match content.get_mut(*media_type) {
            Some(known) if known["schema"] != *schema => {
                let both = json!([known["schema"], schema]);
                known["schema"] = json!({ "anyOf": both });
            }
            Some(_) => {}
            None => {
                content.insert((*media_type).to_owned(), json!({ "schema": schema }));
            }
        }
    }
    let mut written = json!({ "description": descriptions.join(". ") });
    if !content.is_empty() {
        written["content"] = Value::Object(content);
    }
    written
}
