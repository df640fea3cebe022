//! The parameters of the path.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams, rejection::RawPathParamsRejection};
use http::request::Parts;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::input::{self, Schema, Shape};
use crate::{
    describe::{Describe, Description, ParameterPlace, Schemas},
    exchange::Exchange,
    problem::{FieldError, Problem},
};

/// The parameters of the path, decoded, in the order of the path.
#[derive(Debug)]
pub(crate) enum PathParameters {
    /// Read by axum's router.
    Axum(RawPathParams),
    /// Read by Palisade's own routing, which left them in the exchange.
    Own(Exchange),
}

/// What Palisade's own routing reads of a path: name and decoded value of each parameter.
pub(crate) type ReadPath = Result<Vec<(Arc<str>, Box<str>)>, NotUtf8>;

/// A parameter that is not UTF-8 when it is decoded, so that it names nothing there could be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotUtf8;

impl PathParameters {
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let (axum, own) = match self {
            Self::Axum(parameters) => (Some(parameters.iter()), None),
            Self::Own(exchange) => (None, exchange.path()),
        };
        let own = own.into_iter().flatten().flatten().map(|(name, value)| (&**name, &**value));
        axum.into_iter().flatten().chain(own)
    }

    /// The parameters of the request's path; `None` where one is not UTF-8.
    ///
    /// # Errors
    ///
    /// 500 where there is no path to read them from.
    pub(crate) async fn of(head: &mut Parts) -> Result<Option<Self>, Problem> {
        let exchange = Exchange::entered(&mut head.extensions);
        if let Some(path) = exchange.path() {
            return Ok(path.is_ok().then(|| Self::Own(exchange.clone())));
        }
        match RawPathParams::from_request_parts(head, &()).await {
            Ok(path) => Ok(Some(Self::Axum(path))),
            Err(RawPathParamsRejection::InvalidUtf8InPathParam(_)) => Ok(None),
            Err(rejection) => Err(Problem::internal(rejection)),
        }
    }
}

/// The parameters of the path: by name if `T` has fields, in order if it is a tuple, the one there is if it is a single
/// value. What is not of the schema is refused with 422.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Path<T>(pub T);

impl<S, T> FromRequestParts<S> for Path<T>
where
    S: Send + Sync,
    T: DeserializeOwned + JsonSchema + 'static,
{
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Ok(Some(parameters)) = PathParameters::of(head).await else {
            return Err(input::not_utf8(["path"]));
        };
        let texts: Vec<_> =
            parameters.iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let schema = Schema::of::<T>()?;
        match &schema.shape {
            Shape::Fields(_) => input::from_pairs(texts, "path").map(Self),
            Shape::Tuple(items) => {
                let value =
                    texts.iter().zip(items).map(|((_, text), item)| input::typed(text, item)).collect();
                input::checked(&Value::Array(value), "path").map(Self)
            }
            Shape::Single(schema) => single(&texts, schema).map(Self),
        }
    }
}

fn single<T>(texts: &[(String, String)], schema: &Value) -> Result<T, Problem>
where
    T: DeserializeOwned + JsonSchema + 'static,
{
    let [(name, text)] = texts else {
        return Err(Problem::internal(
            "a single path parameter is asked for where the path does not have one",
        ));
    };
    input::checked(&input::typed(text, schema), "path").map_err(|problem| {
        let named =
            |error: &FieldError| FieldError::new(["path", name], error.kind.clone(), error.msg.clone());
        Problem::invalid_input(problem.errors().iter().map(named).collect())
    })
}

impl<S, T: JsonSchema + 'static> Describe<S> for Path<T> {
    fn describe(description: &mut Description<'_>) {
        input::checkable::<T>(description);
        let known = description.path_parameters();
        let parameters: Vec<(String, Value)> = match Shape::of(&Schemas::inlined::<T>()) {
            Shape::Fields(fields) => fields.into_iter().collect(),
            Shape::Tuple(items) if items.len() == known.len() => known.into_iter().zip(items).collect(),
            Shape::Single(schema) if known.len() == 1 => {
                known.into_iter().map(|name| (name, plain(&schema))).collect()
            }
            Shape::Tuple(_) | Shape::Single(_) => {
                description.fault(format!(
                    "`Path<{}>` does not fit the {} parameters of the path",
                    std::any::type_name::<T>(),
                    known.len()
                ));
                return;
            }
        };
        for (name, schema) in parameters {
            description.parameter(ParameterPlace::Path, &name, true, schema);
        }
        description.validated();
    }
}

/// A root schema as a schema among others.
fn plain(schema: &Value) -> Value {
    let members = schema.as_object().cloned().unwrap_or_default();
    let keep = |(name, _): &(String, Value)| name != "$schema" && name != "title";
    Value::Object(members.into_iter().filter(keep).collect::<Map<_, _>>())
}
