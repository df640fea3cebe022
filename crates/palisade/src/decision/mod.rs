//! Decisions that can be asked "why", and replayed.
//!
//! Whenever a caller who is known is refused, the guard makes a [`Decision`] of it: who asked for which route, what the
//! requirement came to leaf by leaf, and the facts it rests on. The caller is told its [`DecisionId`], and nothing else; the log
//! has the same id. [`Decisions`] keeps the newest in memory, within bounds. Whoever nobody knows is refused too (401), which is
//! counted and not kept: anybody can cause it.
//!
//! ```
//! use palisade::{decision::Decisions, prelude::*, testing::Client};
//! # #[derive(Clone)] struct Caller(Authority);
//! # impl Principal for Caller { fn authority(&self) -> &Authority { &self.0 } }
//! # #[dependency] async fn caller() -> Caller { Caller(Authority::account("ada")) }
//!
//! let api = Router::<(), Caller>::new()
//!     .route("/audit", get(|| async { "all of it" }).requires(scope("audit:read")));
//! let built = api.build()?;
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let refused = Client::new(built.router).get("/audit").send().await;
//! let id = refused.json()["decision"].as_str().expect("a refusal has an id").parse()?;
//!
//! let decision = built.decisions.find(id).expect("it is kept");
//! assert_eq!((decision.path.as_str(), decision.subject.to_string().as_str()), ("/audit", "account ada"));
//! assert!(decision.to_string().ends_with("NO      scope(audit:read): the scope is not held\n"));
//! # Ok::<_, palisade::decision::InvalidDecisionId>(())
//! # })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is in a decision, and what never is
//!
//! The caller's id, roles, scopes, factors and the like ([`RecordedFacts`]); the template of the path, and of its parameters only
//! those that name a tenant. Never a token, key, cookie, the value of a header, a body or a query.
//!
//! # Replaying
//!
//! [`replay`] decides recorded decisions again, by what their routes require now, and says for which callers the answer is
//! another one. That a change of a requirement does what it was meant to, and nothing else, can so be seen before it is
//! deployed. Usually only refusals are recorded, which shows who would now be let in; [`Decisions::also_allowed`] records the
//! others too, on a machine for tests, which shows who would be shut out.
//!
//! # In the library
//!
//! Refusals come here by `refused`, from the guard and from whatever else decides by a requirement. It records, attaches the id
//! to the problem, and adds the explanation where that may be shown: only in development, to this machine, and only to a 403. A
//! 404 that stands for "you may not even know" goes the same way whether or not there is something, so that the answers do not
//! differ.

mod facts;
mod forms;
mod id;
mod kept;
mod print;
mod record;
mod replay;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use self::{
    facts::Noted,
    record::{Case, refused},
};
pub use self::{
    facts::{Held, RecordedCondition, RecordedFacts},
    id::{DecisionId, InvalidDecisionId},
    kept::Decisions,
    replay::{Change, Replayed, replay, replay_policy},
};
use crate::{
    authority::Subject,
    requirement::{Explanation, Verdict},
};

/// Who asked for what, what came of it, and why.
///
/// It prints as text for people and serialises as what the server's `GET /admin/decisions/{id}` answers; both can be shown to
/// whoever may read them, as can what `Debug` prints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Decision {
    /// Its name.
    pub id: DecisionId,
    /// The method of the request.
    pub method: String,
    /// The path as the route has it: `/items/{id}`.
    pub path: String,
    /// Who was calling.
    #[serde(with = "forms::subject")]
    #[schemars(with = "forms::subject::Form")]
    pub subject: Subject,
    /// Who decided.
    pub stage: Stage,
    /// What the caller was told.
    pub ruling: Ruling,
    /// What the requirement came to; absent where it was not asked, as there was no object to ask about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What it rests on.
    pub facts: RecordedFacts,
    /// What was required, leaf by leaf, with the verdict of each; absent where it is too large to be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")]
    pub explanation: Option<Explanation>,
}

/// Who decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Stage {
    /// The requirement of the route.
    Route,
    /// The policy of an object.
    Policy {
        /// The action, by the name of its type.
        action: String,
        /// The kind of object, by the name of its type.
        resource: String,
    },
    /// The handler or a dependency, for reasons of its own: the route's requirement held.
    Handler,
}

/// What the caller was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Ruling {
    /// It may.
    Allowed,
    /// It may not, by this status: 403, or 404 where it is not to know that there is something.
    Refused(u16),
    /// It could not be found out: 503.
    Undecided,
}
