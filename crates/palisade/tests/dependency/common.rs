//! What the tests share: a caller who says who they are by a bearer token, and a log of what happened.

use std::sync::{Arc, Mutex};

use palisade::{prelude::*, testing::Client};

/// What happened, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn say(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn count(&self, what: &str) -> usize {
        self.all().iter().filter(|said| *said == what).count()
    }
}

/// The caller. Its token is its name; `bad` is no valid token.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) name: String,
    authority: Authority,
}

impl Caller {
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), authority: Authority::account(name) }
    }
}

impl Principal for Caller {
    fn authority(&self) -> &Authority {
        &self.authority
    }
}

#[dependency]
async fn caller(token: Bearer) -> Result<Caller, Denied> {
    match token.expose() {
        "bad" => Err(Denied::invalid_credentials()),
        name => Ok(Caller::named(name)),
    }
}

pub(crate) fn client<S>(router: Router<S, Caller>, state: S) -> Client
where
    S: Clone + Send + Sync + 'static,
{
    Client::new(router.with_state(state).into_axum().unwrap())
}
