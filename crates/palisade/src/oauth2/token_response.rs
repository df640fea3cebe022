//! What a token endpoint gives (RFC 6749, section 5.1).

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::{
    describe::{DescribeResponse, Description},
    scope::ScopeSet,
    secret::SecretString,
};

/// An access token, for the client. It is never kept by a cache on the way.
#[derive(Clone, Debug)]
pub struct TokenResponse {
    /// The token.
    pub access_token: SecretString,
    /// How long it is valid, in seconds.
    pub expires_in: u64,
    /// What it was given.
    pub scope: ScopeSet,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "TokenResponse")]
struct Body<'a> {
    /// The token; send it as `Authorization: Bearer ...`.
    access_token: &'a str,
    /// `bearer`.
    token_type: &'static str,
    /// How long it is valid, in seconds.
    expires_in: u64,
    /// What it was given, separated by spaces.
    scope: &'a str,
}

impl IntoResponse for TokenResponse {
    fn into_response(self) -> Response {
        let scope = self.scope.to_string();
        let body = Body {
            access_token: self.access_token.expose(),
            token_type: "bearer",
            expires_in: self.expires_in,
            scope: &scope,
        };
        let headers = [
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::PRAGMA, HeaderValue::from_static("no-cache")),
        ];
        (headers, axum::Json(body)).into_response()
    }
}

impl DescribeResponse for TokenResponse {
    fn describe_response(description: &mut Description<'_>) {
        description.answers::<Body<'static>>(StatusCode::OK, "A token");
    }
}
