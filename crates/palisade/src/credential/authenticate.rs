//! Reading and verifying in one: what credentials and their combinations have in common.

use std::sync::Arc;

use http::request::Parts;

use super::{Credential, FromCredential, Reading};
use crate::{
    denied::{Denial, Denied},
    edge::{TrustedOrigins, check_origin},
    exchange::Exchange,
    problem::Problem,
};

/// A credential, or a combination of credentials, that a request is checked for. Each is an extractor too, also as
/// `Option`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no credential that can be combined with others",
    label = "not a credential of the state `{S}`",
    note = "combine credentials such as `Bearer<C>`, tuples of them and `AnyOf<(..)>`; what may be missing is an `Option` around all of it: `Option<AnyOf<(A, B)>>`"
)]
pub trait Authenticate<S>: Sized {
    /// Looks for the credential and verifies it; `None` if the request has none.
    ///
    /// # Errors
    ///
    /// The request has one that is malformed, does not verify, is sent from another site, or could not be checked.
    fn authenticate(
        head: &mut Parts,
        state: &S,
    ) -> impl Future<Output = Result<Option<Self>, Problem>> + Send;
}

/// What the credential `A` of the request verifies to as a `C`; `None` if the request has none.
pub(super) async fn verified<A, C, S>(head: &mut Parts, state: &S) -> Result<Option<Arc<C>>, Problem>
where
    A: Credential<Read: Send>,
    C: FromCredential<A::Read, S>,
    S: Sync,
{
    if let Some(known) = cached::<A, C, S>(head, state)? {
        return Ok(Some(known));
    }
    match A::read(head) {
        Reading::Absent => Ok(None),
        Reading::Malformed(why) => Err(refused::<A>(Denied::invalid_credentials().because(why))),
        Reading::Present(read) => {
            if A::AMBIENT {
                from_our_pages(head)?;
            }
            match C::verify(read, head, state).await {
                Ok(verified) => Ok(Some(verified)),
                Err(denied) if *denied.denial() == Denial::NotAuthenticated => Ok(None),
                Err(denied) => Err(refused::<A>(denied)),
            }
        }
    }
}

/// What exactly this credential was verified as before, if that is cached and still holds.
fn cached<A, C, S>(head: &Parts, state: &S) -> Result<Option<Arc<C>>, Problem>
where
    A: Credential,
    C: FromCredential<A::Read, S>,
{
    let Some(presented) = A::presented(head) else { return Ok(None) };
    if A::AMBIENT {
        from_our_pages(head)?;
    }
    match C::cached(presented, head, state) {
        // Verifying says so, too.
        Err(denied) if *denied.denial() == Denial::NotAuthenticated => Ok(None),
        known => known.map_err(refused::<A>),
    }
}

/// The refusal of the credential `A`, which knows that it is `A`'s.
fn refused<A: Credential>(denied: Denied) -> Problem {
    let challenge = A::scheme().challenge;
    Problem::from(denied).presented(challenge)
}

/// Refuses an ambient credential that another site made the browser send.
fn from_our_pages(head: &Parts) -> Result<(), Denied> {
    match head.extensions.get::<Exchange>() {
        Some(exchange) => check_origin(head, &exchange.app().trusted_origins),
        None => check_origin(head, &TrustedOrigins::default()),
    }
}
