//! Dependencies: async functions whose result other functions ask for by naming its type as an argument.
//!
//! A dependency is resolved once per request and per state it is resolved from; a failure is kept like a value.
//! `#[dependency]` writes the implementation of [`Dependency`] and the extractor for axum from an `async fn`; writing
//! them by hand gives the same.

use std::{
    any::{TypeId, type_name},
    sync::Arc,
};

use http::request::Parts;

#[cfg(doc)]
use crate::describe::Describe;
use crate::{denied::Denial, exchange::Exchange, problem::Problem};

/// How a value of this type is made from the head of a request and the router's state `S`.
///
/// By hand, put `#[dependency]` on the `impl` block, which adds the extractors, and say what it reads by [`Describe`]:
///
/// ```
/// use palisade::prelude::*;
///
/// #[derive(Clone)]
/// struct Tenant(String);
///
/// #[dependency]
/// impl<S: Send + Sync> Dependency<S> for Tenant {
///     async fn resolve(head: &mut Parts, _: &S) -> Result<Self, Problem> {
///         let name = head.headers.get("x-tenant").and_then(|name| name.to_str().ok());
///         name.map(|name| Self(name.to_owned())).ok_or(Denied::forbidden().into())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a dependency",
    note = "write `#[dependency] async fn ..() -> Result<{Self}, _>`, or implement `Dependency` for it by hand"
)]
pub trait Dependency<S>: Clone + Send + Sync + Sized + 'static {
    /// Makes the value. Called at most once per request, by [`resolve`].
    ///
    /// # Errors
    ///
    /// Whatever the caller shall be told; [`Denied`](crate::Denied) becomes 401, 403 or 503.
    fn resolve(head: &mut Parts, state: &S) -> impl Future<Output = Result<Self, Problem>> + Send;
}

/// The dependencies whose own requirements the guard has checked for this request.
#[derive(Clone)]
pub(crate) struct Admitted(pub(crate) Arc<[TypeId]>);

/// Refuses to make a `T` that requires something which nobody has checked: asked for in a way that no route could know of.
///
/// # Errors
///
/// 500: name it as an argument of a handler, or of a dependency that is one.
pub(crate) fn admitted<T: 'static>(head: &Parts) -> Result<(), Problem> {
    let checked = head.extensions.get::<Admitted>();
    if checked.is_some_and(|Admitted(dependencies)| dependencies.contains(&TypeId::of::<T>())) {
        return Ok(());
    }
    Err(Problem::internal(format_args!(
        "`{}` requires something of the caller, and no route has checked it: name it as an argument of the handler of a \
         route in a Palisade router",
        type_name::<T>()
    )))
}

/// What `T` resolves to in this request: kept from before, replaced in a test, or made now.
///
/// # Errors
///
/// The dependency's problem, the same each time.
pub async fn resolve<T, S>(head: &mut Parts, state: &S) -> Result<T, Problem>
where
    T: Dependency<S>,
    S: Sync + 'static,
{
    if let Some(kept) = Exchange::entered(&mut head.extensions).kept::<T, S>() {
        return kept;
    }
    let value = match replaced(head) {
        Some(replacement) => replacement,
        // In a box: the future of what a dependency is made of is part of that of every argument which asks for it.
        None => Box::pin(T::resolve(head, state)).await,
    };
    Exchange::entered(&mut head.extensions).keep::<T, S>(value.clone());
    value
}

/// What a test has in place of `T`.
#[cfg(feature = "testing")]
fn replaced<T: Clone + Send + Sync + 'static>(head: &mut Parts) -> Option<Result<T, Problem>> {
    if let Some(posed) = crate::testing::posed::<T>(head) {
        return Some(Ok(posed));
    }
    Exchange::of(head).app().overrides.resolve::<T>(head)
}

#[cfg(not(feature = "testing"))]
fn replaced<T>(_: &mut Parts) -> Option<Result<T, Problem>> {
    None
}

/// As [`resolve`], where a request without a credential is no fault. A credential that is there and does not verify
/// still refuses.
///
/// # Errors
///
/// The dependency's problem, unless it is that there is no credential.
pub async fn resolve_optional<T, S>(head: &mut Parts, state: &S) -> Result<Option<T>, Problem>
where
    T: Dependency<S>,
    S: Sync + 'static,
{
    match resolve(head, state).await {
        Ok(value) => Ok(Some(value)),
        Err(problem) if matches!(problem.denial(), Some(Denial::NotAuthenticated)) => Ok(None),
        Err(problem) => Err(problem),
    }
}
