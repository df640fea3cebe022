//! Palisade guards a web API: a route states its *requirement* once, as a value, and the check, the API
//! document, the challenge, the access table and the negative tests are derived from it.

mod authority;
pub mod clock;
pub mod credential;
mod denied;
mod dependency;
mod describe;
pub mod edge;
pub mod exchange;
pub mod extract;
#[doc(hidden)]
pub mod macros;
pub mod oauth2;
pub mod openapi;
pub mod prelude;
mod problem;
pub mod random;
pub mod requirement;
pub mod router;
pub mod scope;
pub mod secret;
mod table;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "tokens")]
pub mod token;

pub use self::{
    authority::{Authority, Nobody, Principal, Subject},
    denied::{Denial, Denied},
    dependency::{Dependency, resolve, resolve_optional},
    describe::{Describe, DescribeResponse, Description, ParameterPlace},
    exchange::{Cleanup, Outcome, ResponseHeaders, layer},
    problem::{FieldError, Problem, Segment},
    requirement::{Requirement, Role, check, recent, role, scope, signed_in, undelegated},
    router::{Router, StartupErrors},
    table::{AccessTable, Row},
};
#[cfg(feature = "macros")]
pub use palisade_macros::{Role, dependency};
