//! `GET /.well-known/jwks.json`: the keys our tokens are verified with (RFC 7517, section 5).

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use palisade::{DescribeResponse, Description, Problem};
use serde_json::json;

use super::{Identity, refusal::refusals};

/// A set of public keys, as it is kept.
#[derive(Debug)]
pub(super) struct KeySet(String);

impl IntoResponse for KeySet {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/jwk-set+json")),
            // Whoever keeps it longer does not see a key that has been retired.
            (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60")),
        ];
        (headers, self.0).into_response()
    }
}

impl DescribeResponse for KeySet {
    fn describe_response(description: &mut Description<'_>) {
        let keys = json!({ "type": "array", "items": { "type": "object" } });
        let schema = json!({ "type": "object", "required": ["keys"], "properties": { "keys": keys } });
        description.answers_with(StatusCode::OK, "The keys", Some(("application/jwk-set+json", schema)));
    }
}

refusals! {
    /// How the keys are refused.
    Refused { SERVICE_UNAVAILABLE "The store does not answer" }
}

pub(super) async fn jwks(State(Identity(identity)): State<Identity>) -> Result<KeySet, Refused> {
    let published = identity.keys.published().await.map_err(Problem::unavailable)?;
    Ok(KeySet(published.to_string()))
}
