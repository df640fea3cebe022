//! What an endpoint reads and answers, told by the types of its arguments and of its result.
//!
//! Each argument type implements [`Describe`], each result type [`DescribeResponse`]; both write into one
//! [`Description`]. The API document, the access table and the start-up checks read it: there is nothing else to keep in
//! step with the code.

mod builtin;
mod schemas;

use std::{
    any::{TypeId, type_name},
    collections::BTreeMap,
};

use http::StatusCode;
use serde_json::Value;

pub(crate) use self::schemas::Schemas;
use crate::{
    credential::{Need, Scheme},
    requirement::Requirement,
    table::short,
};

/// An argument that can say what it reads from a request.
///
/// Written by `#[dependency]` for dependencies; by hand for an extractor of your own. `S` is the router's state.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be described, so a Palisade endpoint or dependency cannot take it",
    label = "not an argument Palisade knows",
    note = "make it a dependency with `#[dependency]`, implement `palisade::Describe` for it, or wrap it: `Undescribed<{Self}>`"
)]
pub trait Describe<S> {
    /// Adds what this argument reads.
    fn describe(description: &mut Description<'_>);
}

/// A result that can say what it answers with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be described as a response",
    label = "not a result Palisade knows",
    note = "return `Json<T>`, `Created<T>`, `NoContent` or a `Result` of them, implement `palisade::DescribeResponse`, or wrap it: `Undescribed<..>`"
)]
pub trait DescribeResponse {
    /// Adds the responses this type can become.
    fn describe_response(description: &mut Description<'_>);
}

/// Where a parameter stands in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterPlace {
    /// In the path: `/items/{id}`.
    Path,
    /// In the query: `?page=2`.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
}

/// A parameter of an operation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parameter {
    pub(crate) place: ParameterPlace,
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) schema: Value,
}

/// One way a response with some status can look.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) description: String,
    /// Media type and schema; none for a response without a body.
    pub(crate) content: Option<(&'static str, Value)>,
}

/// What one operation reads and answers, as it is being collected.
#[derive(Debug)]
pub struct Description<'a> {
    pub(crate) schemas: &'a mut Schemas,
    pub(crate) path: String,
    pub(crate) needs: Vec<Need>,
    pub(crate) parameters: Vec<Parameter>,
    /// The schema of the body, by media type.
    pub(crate) body: BTreeMap<&'static str, Value>,
    pub(crate) answers: BTreeMap<u16, Vec<Answer>>,
    pub(crate) undescribed: Vec<&'static str>,
    pub(crate) any_answer: Option<Answer>,
    /// Whether its answer can go on for long, so that it is asked again whether it is allowed.
    pub(crate) rechecked: bool,
    /// Whether something reads what axum's router leaves in a request.
    pub(crate) axums_route: bool,
    /// What dependencies require of the caller, beside what the route says.
    pub(crate) requirements: Vec<OwnRequirement>,
    /// The objects it decides about, and by which policies.
    pub(crate) objects: Vec<ObjectRule>,
    pub(crate) faults: Vec<String>,
}

/// What an action on an object requires: its policy.
#[derive(Clone, Debug)]
pub(crate) struct ObjectRule {
    /// The action's type, without its module.
    pub(crate) action: &'static str,
    /// The object's type, without its module.
    pub(crate) resource: &'static str,
    pub(crate) requirement: Requirement,
    /// Whether it is about each of a list, rather than about one.
    pub(crate) each: bool,
}

/// What one dependency requires.
#[derive(Clone, Debug)]
pub(crate) struct OwnRequirement {
    /// The dependency's type.
    pub(crate) dependency: TypeId,
    pub(crate) name: &'static str,
    pub(crate) requirement: Requirement,
}

impl<'a> Description<'a> {
    pub(crate) fn of_path(path: &str, schemas: &'a mut Schemas) -> Self {
        Self {
            schemas,
            path: path.to_owned(),
            needs: Vec::new(),
            parameters: Vec::new(),
            body: BTreeMap::new(),
            answers: BTreeMap::new(),
            undescribed: Vec::new(),
            any_answer: None,
            rechecked: false,
            axums_route: false,
            requirements: Vec::new(),
            objects: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// The names of the path's parameters, in order.
    pub fn path_parameters(&self) -> Vec<String> {
        path_parameters(&self.path)
    }

    /// The request must carry a credential of this scheme.
    pub fn credential(&mut self, scheme: Scheme) {
        self.faults.extend(scheme.faults.iter().cloned());
        let need = Need::Scheme(scheme);
        if !self.needs.contains(&need) {
            self.needs.push(need);
        }
    }

    /// The dependency `T` is for callers who satisfy `requirement`. It is added to what the route requires: checked before the
    /// handler and any of its arguments, documented and listed.
    pub fn requires<T: 'static>(&mut self, requirement: Requirement) {
        let (dependency, name) = (TypeId::of::<T>(), short(type_name::<T>()));
        if self.requirements.iter().all(|known| known.dependency != dependency) {
            self.requirements.push(OwnRequirement { dependency, name, requirement });
        }
    }

    /// Describes what may not be asked for: a requirement that holds only sometimes is none.
    fn unconditionally(&mut self, describe: impl FnOnce(&mut Self), how: &str) {
        let before = self.requirements.len();
        describe(self);
        let conditional = self.requirements.drain(before..).map(|own| {
            let OwnRequirement { name, requirement, .. } = own;
            format!("`{name}` requires `{requirement}`, and is asked for {how}: say what is required at the route instead")
        });
        self.faults.extend(conditional);
    }

    /// What `describe` says the request needs, it may lack: documented as `{}` among the alternatives.
    pub fn optional(&mut self, describe: impl FnOnce(&mut Self)) {
        let before = std::mem::take(&mut self.needs);
        let required: Vec<bool> = self.parameters.iter().map(|parameter| parameter.required).collect();
        self.unconditionally(describe, "as an `Option`");
        let inner = std::mem::replace(&mut self.needs, before);
        if !inner.is_empty() {
            let need = Need::Optional(Box::new(Need::All(inner)));
            if !self.needs.contains(&need) {
                self.needs.push(need);
            }
        }
        for parameter in self.parameters.iter_mut().skip(required.len()) {
            parameter.required = parameter.place == ParameterPlace::Path;
        }
    }

    /// The request must carry what one of `alternatives` describes.
    pub fn any_of(&mut self, alternatives: &[fn(&mut Description<'_>)]) {
        let before = std::mem::take(&mut self.needs);
        let mut each = |describe: &fn(&mut Description<'_>)| {
            self.unconditionally(describe, "as one of several alternatives");
            match std::mem::take(&mut self.needs) {
                mut one if one.len() == 1 => one.remove(0),
                all => Need::All(all),
            }
        };
        let need = Need::Any(alternatives.iter().map(&mut each).collect());
        self.needs = before;
        if !self.needs.contains(&need) {
            self.needs.push(need);
        }
    }

    /// The request is read at this place by a value of schema `schema`.
    pub fn parameter(&mut self, place: ParameterPlace, name: &str, required: bool, schema: Value) {
        if place == ParameterPlace::Path && !self.path_parameters().iter().any(|known| known == name) {
            self.faults.push(format!(
                "reads the path parameter `{name}`, which `{}` does not have: add `{{{name}}}` to the path or rename the \
                 field",
                self.path
            ));
            return;
        }
        let parameter = Parameter { place, name: name.to_owned(), required, schema };
        match self.parameters.iter_mut().find(|known| known.place == place && known.name == name) {
            // A required declaration beats an optional one.
            Some(known) => known.required |= required,
            None => self.parameters.push(parameter),
        }
    }

    /// The request has a body of media type `media_type`, read as a `T`. It can be refused for its type (415), its size
    /// (413) and its content (422).
    pub fn body<T: schemars::JsonSchema>(&mut self, media_type: &'static str) {
        let schema = self.schemas.input::<T>();
        self.raw_body(media_type, schema);
        self.refusal(StatusCode::UNPROCESSABLE_ENTITY, "The input is not valid; `errors` lists every fault");
        self.refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is not of the documented media type");
    }

    /// The request has a body of media type `media_type` and of this schema, which can be refused for its size (413). Said
    /// of several media types, each of them will do.
    pub fn raw_body(&mut self, media_type: &'static str, schema: Value) {
        self.body.insert(media_type, schema);
        self.refusal(StatusCode::PAYLOAD_TOO_LARGE, "The body is larger than this endpoint reads");
    }

    /// Its input can be refused: 422 with every fault.
    pub fn validated(&mut self) {
        self.refusal(StatusCode::UNPROCESSABLE_ENTITY, "The input is not valid; `errors` lists every fault");
    }

    /// The operation can answer `status` with a JSON body of type `T`.
    pub fn answers<T: schemars::JsonSchema>(&mut self, status: StatusCode, description: &str) {
        let schema = self.schemas.output::<T>();
        self.answers_with(status, description, Some(("application/json", schema)));
    }

    /// The operation can answer `status` with a body of this media type and schema, or without a body.
    pub fn answers_with(
        &mut self,
        status: StatusCode,
        description: &str,
        content: Option<(&'static str, Value)>,
    ) {
        let answer = Answer { description: description.to_owned(), content };
        let answers = self.answers.entry(status.as_u16()).or_default();
        if !answers.contains(&answer) {
            answers.push(answer);
        }
    }

    /// The operation can refuse with `status` and a problem document (RFC 9457).
    pub fn refusal(&mut self, status: StatusCode, description: &str) {
        let schema = self.schemas.problem();
        self.answers_with(status, description, Some(("application/problem+json", schema)));
    }

    /// The operation can refuse with any error status and a problem document.
    pub fn any_refusal(&mut self) {
        let content = Some(("application/problem+json", self.schemas.problem()));
        self.any_answer.get_or_insert(Answer { description: "Any other refusal".into(), content });
    }

    /// The operation can answer with any status and anything.
    pub fn any_response(&mut self) {
        self.any_answer = Some(Answer { description: "Not described".into(), content: None });
    }

    /// It reads what axum's router leaves in a request: [`MatchedPath`](axum::extract::MatchedPath),
    /// [`OriginalUri`](axum::extract::OriginalUri), or the parameters of the path by axum's extractors. Only then, or where
    /// something is [undescribed](Self::undescribed), does a request pass axum's router on its way to this operation (see
    /// [`RouterService`](crate::router::RouterService)). An extractor of your own that reads any of these has to say so.
    pub fn reads_axums_route(&mut self) {
        self.axums_route = true;
    }

    /// Something about this operation is wrong; told at start-up.
    pub fn fault(&mut self, fault: impl Into<String>) {
        self.faults.push(fault.into());
    }

    /// The operation reads or answers something that is not described.
    pub fn undescribed(&mut self, type_name: &'static str) {
        self.undescribed.push(type_name);
    }
}

/// The names of the parameters of a path template, in order: `id` of `/items/{id}`, `rest` of `/files/{*rest}`. A brace that is
/// written twice is one of the path's own.
pub(crate) fn path_parameters(path: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = path;
    while let Some(at) = rest.find('{') {
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('{') {
            rest = after;
        } else if let Some((name, after)) = rest.split_once('}') {
            names.push(name.trim_start_matches('*').to_owned());
            rest = after;
        }
    }
    names
}
