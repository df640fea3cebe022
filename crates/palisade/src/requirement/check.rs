//! Checks of your own, by name: a fact about the request or the caller that no built-in leaf states; and what all leaves are
//! decided by.

use std::{
    any::{Any, TypeId},
    fmt,
    pin::Pin,
    sync::{Arc, OnceLock},
};

use http::request::Parts;

use super::evaluate::Verdict;
use crate::{
    authority::{Authority, Principal},
    clock::{Clock, Timestamp},
    extract::PathParameters,
};

/// The time of a request. The clock is read when the time is first asked for, and once: most requirements never ask.
pub(crate) struct RequestTime<'a> {
    clock: &'a dyn Clock,
    read: OnceLock<Timestamp>,
}

impl<'a> RequestTime<'a> {
    pub(crate) fn of(clock: &'a dyn Clock) -> Self {
        Self { clock, read: OnceLock::new() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        *self.read.get_or_init(|| self.clock.now())
    }

    /// The time, if something has asked for it.
    pub(crate) fn read(&self) -> Option<Timestamp> {
        self.read.get().copied()
    }
}

/// What a check may look at: the caller and the head of the request, never its body.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    pub(crate) authority: &'a Authority,
    pub(crate) principal: &'a (dyn Any + Send + Sync),
    pub(crate) head: &'a Parts,
    pub(crate) time: &'a RequestTime<'a>,
    /// The parameters of the path, where something asks for one of them.
    pub(crate) path: Option<&'a PathParameters>,
    /// What a policy is about.
    pub(crate) resource: Option<&'a (dyn Any + Send + Sync)>,
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
        self.time.now()
    }

    /// What stands in the path for the parameter `name`, decoded, as the handler will see it.
    pub(crate) fn parameter(&self, name: &str) -> Option<&'a str> {
        only(self.path?, name)
    }
}

/// The value of the path parameter `name`. None where a router around this one has a parameter of the same name: which of the
/// two the handler will read is not known.
pub(crate) fn only<'a>(path: &'a PathParameters, name: &str) -> Option<&'a str> {
    let mut values = path.iter().filter(|(known, _)| *known == name).map(|(_, value)| value);
    values.next().filter(|_| values.next().is_none())
}

impl fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts").field("authority", &self.authority).finish_non_exhaustive()
    }
}

/// The answer of a check that waits for a back end: `Box::pin(async move { .. })`.
pub type Checking<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// A custom check: whether it holds, or unknown when a back end did not answer.
#[derive(Clone)]
pub(crate) enum Check {
    /// Says at once.
    Now(Arc<dyn for<'a> Fn(Facts<'a>) -> Verdict + Send + Sync>),
    /// Waits for a back end.
    Waiting(Arc<dyn for<'a> Fn(Facts<'a>) -> Checking<'a> + Send + Sync>),
}

impl Check {
    /// Asks it.
    pub(super) async fn ask(&self, facts: Facts<'_>) -> Verdict {
        match self {
            Self::Now(check) => check(facts),
            Self::Waiting(check) => check(facts).await,
        }
    }

    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Now(one), Self::Now(other)) => Arc::ptr_eq(one, other),
            (Self::Waiting(one), Self::Waiting(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

/// A check and the name by which it is printed, listed and compared.
#[derive(Clone)]
pub(crate) struct NamedCheck {
    pub(crate) name: &'static str,
    /// The type of the function it was made of: tells two checks apart that were given one name.
    pub(crate) written: TypeId,
    /// Whether the function is nothing but its type: made twice, it is the same.
    captures_nothing: bool,
    pub(crate) check: Check,
}

impl NamedCheck {
    pub(super) fn of<F: 'static>(name: &'static str, check: Check) -> Self {
        Self { name, written: TypeId::of::<F>(), captures_nothing: size_of::<F>() == 0, check }
    }
}

impl fmt::Debug for NamedCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for NamedCheck {
    fn eq(&self, other: &Self) -> bool {
        let same = self.captures_nothing && self.written == other.written;
        (same || self.check.is(&other.check)) && self.name == other.name
    }
}
