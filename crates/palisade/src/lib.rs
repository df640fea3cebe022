//! Palisade guards a web API built with axum. A route states its *requirement* once, as a value, and everything else is
//! derived from it: the check before the handler and before the body is read, the challenge of a refusal, the API
//! document, and the access table.
//!
//! ```
//! use std::sync::Arc;
//!
//! use palisade::{
//!     credential::{BearerToken, FromCredential},
//!     prelude::*,
//!     testing::Client,
//! };
//!
//! /// What a bearer token is verified as. `AccessToken` of the module `token` does this for signed tokens.
//! struct Key;
//!
//! impl<S: Sync> FromCredential<BearerToken, S> for Key {
//!     async fn verify(token: BearerToken, _: &Parts, _: &S) -> Result<Arc<Self>, Denied> {
//!         let known = token.expose() == "open-sesame";
//!         if known { Ok(Arc::new(Self)) } else { Err(Denied::invalid_credentials()) }
//!     }
//! }
//!
//! /// Who is calling. A handler that takes it is reached only by somebody.
//! #[derive(Clone)]
//! struct Caller(Authority);
//!
//! impl Principal for Caller {
//!     fn authority(&self) -> &Authority {
//!         &self.0
//!     }
//! }
//!
//! #[dependency]
//! async fn caller(_: Bearer<Key>) -> Caller {
//!     let scopes = [palisade::scope::Scope::new("items:read").expect("a scope")];
//!     Caller(Authority::account("ali").scopes(scopes.into_iter().collect()))
//! }
//!
//! async fn items(_: Caller) -> Json<Vec<String>> {
//!     Json(vec!["stake".into()])
//! }
//!
//! let api = Router::<(), Caller>::new()
//!     .document(Info::new("Items", "1"))
//!     .route("/health", get(|| async { "ok" }).public("liveness probe"))
//!     .route("/items", get(items).requires(scope("items:read")))
//!     .route("/audit", get(items).requires(scope("audit:read")));
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let client = Client::new(api.into_axum()?);
//! assert_eq!(client.get("/items").send().await.status, 401);
//!
//! let signed_in = client.bearer("open-sesame");
//! assert_eq!(signed_in.get("/items").send().await.text(), r#"["stake"]"#);
//!
//! let refused = signed_in.get("/audit").send().await;
//! assert_eq!(refused.status, 403);
//! let challenge = r#"Bearer error="insufficient_scope", scope="audit:read""#;
//! assert_eq!(refused.header("www-authenticate"), Some(challenge));
//! # Ok::<_, palisade::StartupErrors>(())
//! # })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! A route that says neither `.requires(..)` nor `.public("reason")` does not compile; what else is wrong with a router is
//! told when it is built, all of it together ([`StartupErrors`]).
//!
//! # Where to look
//!
//! - [`requirement`]: who may call, as a value; [`Authority`]: what a caller may do.
//! - [`object`]: who may do what to which object; the proof that handlers and repositories take.
//! - [`credential`]: how a caller says who it is.
//! - [`Dependency`]: async functions whose results handlers name as arguments; [`Cleanup`] runs before the response is sent.
//! - [`socket`]: WebSockets and event streams, which end when the caller may no longer.
//! - [`router`]: routes, nesting, foreign routers, and where the promise ends.
//! - [`extract`]: inputs of which every fault is told at once; [`Problem`]: what a refused caller is told (RFC 9457).
//! - [`openapi`] and [`AccessTable`]: what is written of it all; [`lock`]: the table as a file, and what changed in it.
//! - [`decision`]: why somebody was refused, kept and replayed.
//! - `testing` (a feature, for `[dev-dependencies]`): the access lock, the matrix of all callers, replaced dependencies, a client
//!   without a socket.

#[cfg(feature = "api-keys")]
pub mod api_key;
mod authority;
pub mod clock;
pub mod credential;
pub mod decision;
mod denied;
mod dependency;
mod describe;
pub mod edge;
pub mod exchange;
pub mod extract;
mod factor;
pub mod lock;
#[doc(hidden)]
pub mod macros;
pub mod oauth2;
pub mod object;
pub mod openapi;
pub mod picture;
pub mod prelude;
mod problem;
pub mod random;
pub mod requirement;
pub mod router;
pub mod scope;
pub mod secret;
#[cfg(feature = "api-keys")]
pub mod signature;
pub mod socket;
mod table;
mod tenants;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "tokens")]
pub mod token;

pub use self::{
    authority::{Authority, Nobody, Principal, Subject},
    denied::{Denial, Denied},
    dependency::{Dependency, resolve, resolve_optional},
    describe::{Describe, DescribeResponse, Description, ParameterPlace},
    exchange::{BodyEnd, Cleanup, Hold, Outcome, ResponseHeaders, layer},
    factor::{Factor, FactorSet, UnknownFactor},
    object::{Granted, Grants, Load, Policy, Resource},
    problem::{FieldError, Problem, Segment},
    requirement::{
        Requirement, Role, check, client, factor, recent, role, scope, signed_in, tenant, undelegated,
    },
    router::{Router, StartupErrors},
    socket::Rechecking,
    table::{AccessTable, ObjectRow, Row},
    tenants::{Membership, Tenants},
};
#[cfg(feature = "macros")]
pub use palisade_macros::{Role, dependency};
