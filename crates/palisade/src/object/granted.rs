//! The proof that this caller may do this to this object.

use std::{fmt, marker::PhantomData, sync::Arc};

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::{
    Load, Policy, Resource, again::GrantedObjects, decide, describe, describe::described_object, short_name,
};
use crate::{
    describe::{Describe, Description},
    problem::Problem,
};

/// An object, and the proof that the caller may do `A` to it.
///
/// As an argument of a handler or of a dependency it asks for the object that the path names: the principal is resolved,
/// the object is [loaded](Load), and the [`Policy`] is asked, before the handler runs and before its body is read. A list
/// gets its proofs from [`Grants`](super::Grants). Nobody else can make one, so a function that takes a `Granted<Edit,
/// Document>` needs no check of its own, and cannot be called without one having been made.
///
/// It says what held when it was made. A handler whose body took long, and an open [socket](crate::socket), have it asked
/// again.
///
/// # Errors
///
/// As an extractor it refuses with
///
/// - 401 and what else the principal refuses with;
/// - 404 where there is no such object, the path has no id in that place, the object is of another tenant than the path
///   says, or the policy does not hold and the object is [hidden](Resource::HIDDEN) from the caller;
/// - 403 where the policy does not hold and the caller may know of the object;
/// - 503 where the policy could not be decided;
/// - 500 where the loader gave another object than it was asked for.
pub struct Granted<A, R: Resource> {
    id: R::Id,
    resource: Arc<R>,
    action: PhantomData<fn() -> A>,
}

impl<A, R: Resource> Granted<A, R> {
    /// Only after the policy held for it.
    pub(super) fn proven(resource: Arc<R>) -> Self {
        Self { id: resource.id(), resource, action: PhantomData }
    }

    /// The object's id.
    pub fn id(&self) -> &R::Id {
        &self.id
    }

    /// The object.
    pub fn resource(&self) -> &R {
        &self.resource
    }

    /// The object alone, without the proof. It may be shared with other proofs of the same request.
    pub fn into_resource(self) -> Arc<R> {
        self.resource
    }
}

impl<A, R: Resource> Clone for Granted<A, R> {
    /// It is the same proof.
    fn clone(&self) -> Self {
        Self { id: self.id.clone(), resource: Arc::clone(&self.resource), action: PhantomData }
    }
}

impl<A: 'static, R: Resource> fmt::Debug for Granted<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Granted<{}, {}>({})", short_name::<A>(), short_name::<R>(), self.id)
    }
}

impl<S, A, R> FromRequestParts<S> for Granted<A, R>
where
    S: Clone + Send + Sync + 'static,
    A: 'static,
    R: Load<S>,
    R::Principal: Policy<A, R> + FromRequestParts<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Problem> {
        let granted = decide::granted::<A, R, S>(head, state).await?;
        GrantedObjects::note::<A, R, S>(head, state);
        Ok(granted)
    }
}

impl<S, A, R> Describe<S> for Granted<A, R>
where
    A: 'static,
    R: Load<S>,
    R::Principal: Policy<A, R> + Describe<S>,
{
    fn describe(description: &mut Description<'_>) {
        R::Principal::describe(description);
        describe::parameter::<A, R>(description);
        described_object::<A, R>(description, false);
    }
}
