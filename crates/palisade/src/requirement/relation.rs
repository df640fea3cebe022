//! Relations between a caller and an object, by name: `relation("owner", |user: &User, doc: &Doc| doc.owner == user.id)`.
//!
//! They are the leaves that only a [`Policy`](crate::object::Policy) can have: at a route there is no object yet.

use std::{
    any::{Any, TypeId, type_name},
    fmt,
    sync::Arc,
};

use super::{Leaf, Requirement, evaluate::Verdict};
use crate::authority::Principal;

type Anything = dyn Any + Send + Sync;
type Holds = dyn Fn(&Anything, &Anything) -> Option<Verdict> + Send + Sync;

/// A relation and the name by which it is printed, listed and compared.
#[derive(Clone)]
pub(crate) struct NamedRelation {
    pub(crate) name: &'static str,
    /// The type of the function it was made of: tells two relations apart that were given one name.
    pub(crate) written: TypeId,
    pub(crate) principal: &'static str,
    pub(crate) resource: &'static str,
    holds: Arc<Holds>,
}

impl NamedRelation {
    /// Unknown for a caller or an object of another type.
    pub(crate) fn verdict(&self, principal: &Anything, resource: Option<&Anything>) -> Verdict {
        resource.and_then(|resource| (self.holds)(principal, resource)).unwrap_or(Verdict::Unknown)
    }
}

impl fmt::Debug for NamedRelation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for NamedRelation {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && Arc::ptr_eq(&self.holds, &other.holds)
    }
}

/// That the caller stands in this relation to the object: a leaf of a [`Policy`](crate::object::Policy). A relation that
/// cannot be told (`Err`) is unknown, which admits nobody by itself.
///
/// It is asked for any caller who passed the route's own requirement, a delegated credential included: an API key of the
/// owner stands in for the owner here. What the key itself may do is for the route to say (`scope("docs:write")`).
pub fn relation<P, R, V>(
    name: &'static str,
    holds: impl Fn(&P, &R) -> V + Send + Sync + 'static,
) -> Requirement
where
    P: Principal,
    R: Send + Sync + 'static,
    V: Into<Verdict>,
{
    let written = type_of(&holds);
    let holds: Arc<Holds> = Arc::new(move |principal, resource| {
        let (principal, resource) = (principal.downcast_ref::<P>()?, resource.downcast_ref::<R>()?);
        Some(holds(principal, resource).into())
    });
    let (principal, resource) = (type_name::<P>(), type_name::<R>());
    Leaf::Relation(NamedRelation { name, written, principal, resource, holds }).into()
}

fn type_of<F: 'static>(_: &F) -> TypeId {
    TypeId::of::<F>()
}
