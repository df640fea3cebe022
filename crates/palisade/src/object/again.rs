//! What was granted in a request, to be asked for again: by the guard when a body took long, and while a socket is open.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::{Load, Policy, decide};
use crate::problem::Problem;

type Asking<'a> = Pin<Box<dyn Future<Output = Result<(), Problem>> + Send + 'a>>;
type Ask = Arc<dyn for<'a> Fn(&'a mut Parts) -> Asking<'a> + Send + Sync>;

/// The objects a handler's arguments were granted, no more than it has arguments. In the head's extensions, where somebody
/// will ask again.
#[derive(Clone, Default)]
pub(crate) struct GrantedObjects(Arc<Mutex<Vec<Ask>>>);

impl GrantedObjects {
    /// Notes how this grant is asked for again, if somebody will.
    pub(super) fn note<A, R, S>(head: &Parts, state: &S)
    where
        A: 'static,
        R: Load<S>,
        R::Principal: Policy<A, R> + FromRequestParts<S>,
        S: Clone + Send + Sync + 'static,
    {
        let Some(Self(noted)) = head.extensions.get::<Self>() else { return };
        let state = state.clone();
        let ask: Ask = Arc::new(move |head| {
            let state = state.clone();
            Box::pin(async move { decide::granted::<A, R, S>(head, &state).await.map(drop) })
        });
        noted.lock().unwrap_or_else(PoisonError::into_inner).push(ask);
    }

    /// Whether all of them would be granted now too: loaded anew, if the head is of an exchange of its own.
    pub(crate) async fn ask_again(&self, head: &mut Parts) -> Result<(), Problem> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for ask in noted {
            ask(head).await?;
        }
        Ok(())
    }
}
