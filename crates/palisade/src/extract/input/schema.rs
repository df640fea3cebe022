//! A type's schema, ready to check with.

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use jsonschema::{PatternOptions, Validator};
use schemars::JsonSchema;
use serde_json::{Map, Value};

use crate::{describe::Schemas, problem::Problem};

/// A type's schema, compiled.
pub(in crate::extract) struct Schema {
    pub(super) validator: Validator,
    pub(in crate::extract) shape: Shape,
}

/// What kind of value a type asks for.
pub(in crate::extract) enum Shape {
    /// Something with named fields, each with its schema.
    Fields(Map<String, Value>),
    /// So many values in their order.
    Tuple(Vec<Value>),
    /// One value.
    Single(Value),
}

impl Shape {
    pub(in crate::extract) fn of(schema: &Value) -> Self {
        if let Some(fields) = schema["properties"].as_object() {
            Self::Fields(fields.clone())
        } else if let Some(items) = schema["prefixItems"].as_array() {
            Self::Tuple(items.clone())
        } else {
            Self::Single(schema.clone())
        }
    }
}

impl Schema {
    /// The schema of `T`. Compiled once per type: it follows from the type alone, so it is kept for the whole process.
    pub(in crate::extract) fn of<T: JsonSchema + 'static>() -> Result<Arc<Self>, Problem> {
        static KEPT: OnceLock<RwLock<HashMap<TypeId, Arc<Schema>>>> = OnceLock::new();
        let kept = KEPT.get_or_init(RwLock::default);
        let id = TypeId::of::<T>();
        if let Some(schema) = kept.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(schema.clone());
        }
        let schema = Arc::new(Self::compile(&Schemas::inlined::<T>())?);
        kept.write().unwrap_or_else(PoisonError::into_inner).insert(id, schema.clone());
        Ok(schema)
    }

    fn compile(schema: &Value) -> Result<Self, Problem> {
        let validator = jsonschema::draft202012::options()
            // Time linear in the input: no pattern can be made to backtrack.
            .with_pattern_options(PatternOptions::regex())
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true)
            .build(schema)
            .map_err(Problem::internal)?;
        Ok(Self { validator, shape: Shape::of(schema) })
    }

    pub(super) fn property(&self, name: &str) -> Option<&Value> {
        match &self.shape {
            Shape::Fields(fields) => fields.get(name),
            Shape::Tuple(_) | Shape::Single(_) => None,
        }
    }
}
