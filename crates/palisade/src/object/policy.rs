//! Policies: what an action on an object requires, as a requirement; worked out once per app.

use std::{
    any::TypeId,
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use super::{Hidden, Resource};
use crate::{authority::Principal, requirement::Requirement};

/// What the action `A` on a resource `R` requires of this principal.
///
/// An action is a type of yours without content: `struct Edit;`. The policy is a [`Requirement`] like that of a route,
/// which may also ask for [relations](crate::requirement::relation) to the object; so it prints, is listed and documented,
/// is compared with another one, and explains itself.
#[diagnostic::on_unimplemented(
    message = "nothing says what `{A}` of `{R}` requires of `{Self}`",
    label = "no policy for the action `{A}`",
    note = "implement `palisade::Policy<{A}, {R}>` for `{Self}`: `fn requirement() -> Requirement`"
)]
pub trait Policy<A, R>: Principal {
    /// What is required. It says the same each time: it is asked at start-up, for the checks and the document, and once by
    /// each app that runs.
    fn requirement() -> Requirement;
}

/// The policies that an app has worked out: one for each combination of types its routes name, and no more.
#[derive(Clone, Default)]
pub(crate) struct Policies(Arc<RwLock<HashMap<TypeId, Arc<Requirement>>>>);

impl Policies {
    /// What `A` of `R` requires.
    pub(super) fn of<A, R>(&self) -> Arc<Requirement>
    where
        A: 'static,
        R: Resource,
        R::Principal: Policy<A, R>,
    {
        self.kept(TypeId::of::<fn(A, R)>(), R::Principal::requirement)
    }

    /// What somebody satisfies who learns that an `R` exists; none where nobody or everybody does.
    pub(super) fn seen<R: Resource>(&self) -> Option<Arc<Requirement>> {
        let Hidden::Unless(seen) = R::HIDDEN else { return None };
        Some(self.kept(TypeId::of::<fn(R)>(), seen))
    }

    fn kept(&self, name: TypeId, work_out: fn() -> Requirement) -> Arc<Requirement> {
        // Whole values are put into it: after a panic it is as good as before.
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        known.unwrap_or_else(|| {
            let policy = Arc::new(work_out());
            let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(kept.entry(name).or_insert(policy))
        })
    }
}

impl fmt::Debug for Policies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Policies")
    }
}
