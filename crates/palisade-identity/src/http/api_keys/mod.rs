//! `/me/api-keys` and `/admin/accounts/{id}/api-keys`: the keys of oneself, and those of an account an admin looks after.
//!
//! Each endpoint is there for both; whose keys they are is all that differs.

pub(super) mod create;
pub(super) mod links;
pub(super) mod list;
pub(super) mod revoke;
pub(super) mod rotate;
mod view;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use palisade::{DescribeResponse, Description, Problem, prelude::Created};
use schemars::JsonSchema;
use serde::Deserialize;

use self::view::NewApiKeyView;
use super::refusal::fault;
use crate::{account::AccountId, api_keys::ApiKeysError, id::ApiKeyId, store::StoreError};

/// A key of an account.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::http) struct OfAccount {
    /// The account.
    id: AccountId,
    /// Its key.
    key: ApiKeyId,
}

/// 201 with a key that is shown this once, and that no cache keeps.
pub(in crate::http) struct Shown(NewApiKeyView);

impl IntoResponse for Shown {
    fn into_response(self) -> Response {
        let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        ([no_store], Created(self.0)).into_response()
    }
}

impl DescribeResponse for Shown {
    fn describe_response(description: &mut Description<'_>) {
        Created::<NewApiKeyView>::describe_response(description);
    }
}

impl From<ApiKeysError> for Problem {
    fn from(error: ApiKeysError) -> Self {
        problem(error)
    }
}

/// What the caller is told of `error`.
fn problem(error: ApiKeysError) -> Problem {
    let sentence = error.to_string();
    let of = |field, kind| Problem::invalid_input(vec![fault(field, kind, &sentence)]);
    match error {
        ApiKeysError::NotFound => Problem::new(StatusCode::NOT_FOUND, "There is no such API key or account"),
        ApiKeysError::NoScope => of("scopes", "missing"),
        ApiKeysError::NotHeld(_) => of("scopes", "not_held"),
        ApiKeysError::Expiry(_) => of("expires_at", "expiry"),
        ApiKeysError::Overlap(_) => of("overlap_seconds", "overlap"),
        ApiKeysError::Full => Problem::new(
            StatusCode::CONFLICT,
            "There are as many API keys, or revoked links, as there may be: revoke a key first",
        ),
        ApiKeysError::ChangedMeanwhile => Problem::new(
            StatusCode::CONFLICT,
            "This API key has been replaced already, or its account is disabled or was signed out meanwhile",
        ),
        ApiKeysError::NotYours => Problem::new(
            StatusCode::CONFLICT,
            "A person's keys are made by that person: an admin makes keys for services",
        ),
        ApiKeysError::Random(error) => Problem::unavailable(error),
        ApiKeysError::Store(StoreError::Corrupt(what)) => Problem::internal(what),
        ApiKeysError::Store(error) => Problem::unavailable(error),
    }
}
