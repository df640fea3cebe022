//! Replacements of dependencies.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::Arc,
};

use http::request::Parts;

use crate::problem::Problem;

type Make<T> = Box<dyn Fn(&mut Parts) -> Result<T, Problem> + Send + Sync>;

/// Replacements of dependencies, for one app instance: given to [`Router::overrides`](crate::Router::overrides), they are
/// never global. A replaced dependency keeps its requirement and its documentation.
#[derive(Clone, Default)]
pub struct Overrides(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl Overrides {
    /// No replacements.
    pub fn new() -> Self {
        Self::default()
    }

    /// Wherever a `T` is asked for, `value` is given.
    #[must_use]
    pub fn value<T: Clone + Send + Sync + 'static>(self, value: T) -> Self {
        self.with(move |_| Ok(value.clone()))
    }

    /// Wherever a `T` is asked for, `make` is called with the head of the request; still at most once per request.
    #[must_use]
    pub fn with<T, F>(mut self, make: F) -> Self
    where
        T: Send + 'static,
        F: Fn(&mut Parts) -> Result<T, Problem> + Send + Sync + 'static,
    {
        let make: Make<T> = Box::new(make);
        self.0.insert(TypeId::of::<T>(), Arc::new(make));
        self
    }

    pub(crate) fn resolve<T: 'static>(&self, head: &mut Parts) -> Option<Result<T, Problem>> {
        let make = self.0.get(&TypeId::of::<T>())?.downcast_ref::<Make<T>>()?;
        Some(make(head))
    }
}

impl fmt::Debug for Overrides {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Overrides({})", self.0.len())
    }
}
