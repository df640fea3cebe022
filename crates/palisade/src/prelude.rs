//! Everything a module that declares routes and dependencies needs: `use palisade::prelude::*`.

pub use axum::extract::{FromRef, State};
pub use http::{StatusCode, request::Parts};

#[cfg(feature = "tokens")]
pub use crate::token::AccessToken;
pub use crate::{
    Authority, BodyEnd, Cleanup, Denied, Dependency, Describe, DescribeResponse, Description, Factor,
    Outcome, Principal, Problem, Requirement, ResponseHeaders, Role, Router,
    credential::{AnyOf, Bearer, OAuth2PasswordBearer, PasswordFlow},
    extract::{Created, Form, Json, NoContent, Path, Query, Undescribed},
    object::{Granted, Grants, Load, Policy, Resource},
    openapi::Info,
    requirement::{
        Verdict, check, check_async, client, factor, recent, relation, role, scope, signed_in, tenant,
        undelegated,
    },
    router::{any, delete, get, options, patch, post, put},
};
#[cfg(feature = "macros")]
pub use palisade_macros::dependency;
