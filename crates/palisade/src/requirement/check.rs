//! Checks of your own, by name: a fact about the request or the caller that no built-in leaf states.

use std::{
    any::{Any, TypeId},
    fmt,
    pin::Pin,
    sync::Arc,
};

use http::request::Parts;

use super::evaluate::Verdict;
use crate::{
    authority::{Authority, Principal},
    clock::Timestamp,
};

/// What a check may look at: the caller and the head of the request, never its body.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    pub(crate) authority: &'a Authority,
    pub(crate) principal: &'a (dyn Any + Send + Sync),
    pub(crate) head: &'a Parts,
    pub(crate) now: Timestamp,
}

impl<'a> Facts<'a> {
    /// What the caller may do.
    pub fn authority(&self) -> &'a Authority {
        self.authority
    }

    /// The caller, if the router's principal is a `P`.
    pub fn principal<P: Principal>(&self) -> Option<&'a P> {
        self.principal.downcast_ref()
    }

    /// The head of the request.
    pub fn head(&self) -> &'a Parts {
        self.head
    }

    /// The time of the request.
    pub fn now(&self) -> Timestamp {
        self.now
    }
}

impl fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts").field("authority", &self.authority).finish_non_exhaustive()
    }
}

/// The answer of a check that waits for a back end: `Box::pin(async move { .. })`.
pub type Checking<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// A custom check: whether it holds, or unknown when a back end did not answer.
pub(crate) type Check = dyn for<'a> Fn(Facts<'a>) -> Checking<'a> + Send + Sync;

/// A check and the name by which it is printed, listed and compared.
#[derive(Clone)]
pub(crate) struct NamedCheck {
    pub(crate) name: &'static str,
    /// The type of the function it was made of: tells two checks apart that were given one name.
    pub(crate) written: TypeId,
    pub(crate) check: Arc<Check>,
}

impl fmt::Debug for NamedCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for NamedCheck {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && Arc::ptr_eq(&self.check, &other.check)
    }
}
