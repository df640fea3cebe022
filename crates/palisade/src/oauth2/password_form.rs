//! The forms sent to a token endpoint.

use axum::extract::{FromRequest, Request};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};

use super::{OAuth2Error, OAuth2ErrorCode, error};
use crate::{
    describe::{Describe, Description},
    extract::Form,
    secret::SecretString,
};

/// A form sent to a token endpoint: as [`Form`], refused as RFC 6749, section 5.2 says. A missing, repeated or empty field
/// is 400 `invalid_request`.
#[derive(Clone, Debug)]
pub struct TokenForm<T>(pub T);

impl<S, T> FromRequest<S> for TokenForm<T>
where
    S: Send + Sync,
    T: DeserializeOwned + JsonSchema + 'static,
{
    type Rejection = OAuth2Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, OAuth2Error> {
        let Form(form) = Form::<T>::from_request(request, state).await.map_err(|problem| {
            match problem.errors().first().map(|fault| (fault, fault.loc.last())) {
                Some((fault, Some(crate::Segment::Name(field)))) => {
                    let sentence = format!("`{field}`: {}", fault.msg);
                    OAuth2Error::new(OAuth2ErrorCode::InvalidRequest, sentence)
                }
                _ => problem.into(),
            }
        })?;
        Ok(Self(form))
    }
}

impl<S, T: JsonSchema> Describe<S> for TokenForm<T> {
    fn describe(description: &mut Description<'_>) {
        let schema = description.schemas.input::<T>();
        description.body = Some(("application/x-www-form-urlencoded", schema));
        for (status, words) in [
            (StatusCode::BAD_REQUEST, "A field is missing, repeated or not of its form"),
            (StatusCode::PAYLOAD_TOO_LARGE, "The body is larger than this endpoint reads"),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is not of the documented media type"),
        ] {
            error::describe(description, status, words);
        }
    }
}

/// The password grant (RFC 6749, section 4.3.2), for an endpoint that knows no other grant.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct OAuth2PasswordForm {
    /// `password`, or left out.
    #[schemars(regex(pattern = "^(password)?$"))]
    #[serde(default)]
    pub grant_type: String,
    /// The name to sign in with.
    #[schemars(length(min = 1))]
    pub username: String,
    /// The password.
    pub password: SecretString,
    /// The scopes asked for, separated by spaces; empty for all the account has.
    #[serde(default)]
    pub scope: String,
    /// The client, if it is known.
    pub client_id: Option<String>,
    /// The client's secret, if it has one.
    pub client_secret: Option<SecretString>,
}
