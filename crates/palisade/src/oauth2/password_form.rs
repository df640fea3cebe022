//! The forms sent to a token endpoint.

use axum::extract::{FromRequest, Request};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};

use super::{OAuth2Error, OAuth2ErrorCode, error};
use crate::{
    describe::{Describe, Description},
    extract::{multipart, urlencoded},
    problem::{Problem, Segment},
    secret::SecretString,
};

/// The largest form that is read, in bytes: these forms are read before anybody is authenticated.
const LARGEST: usize = 16 * 1024;

const URLENCODED: &str = "application/x-www-form-urlencoded";

/// A form sent to a token endpoint (RFC 6749, section 3.2): urlencoded, UTF-8, no field twice; a field without a value
/// counts as left out. Refused as section 5.2 says: 400 `invalid_request`, also for another media type; 413 beyond 16 KiB;
/// 400 `unsupported_grant_type` for a `grant_type` that `T` does not know.
#[derive(Clone, Debug)]
pub struct TokenForm<T>(pub T);

impl<S, T> FromRequest<S> for TokenForm<T>
where
    S: Send + Sync,
    T: DeserializeOwned + JsonSchema + 'static,
{
    type Rejection = OAuth2Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, OAuth2Error> {
        urlencoded::read::<T>(request, LARGEST).await.map(Self).map_err(|problem| refusal(&problem))
    }
}

fn refusal(problem: &Problem) -> OAuth2Error {
    let Some(fault) = problem.errors().first() else { return problem.clone().into() };
    match fault.loc.last() {
        Some(Segment::Name(field))
            if field == "grant_type" && !matches!(&*fault.kind, "missing" | "repeated") =>
        {
            OAuth2Error::new(OAuth2ErrorCode::UnsupportedGrantType, "This grant type is not known here")
        }
        Some(Segment::Name(field)) => {
            OAuth2Error::new(OAuth2ErrorCode::InvalidRequest, format!("{field}: {}", fault.msg))
        }
        _ => problem.clone().into(),
    }
}

impl<S, T: JsonSchema> Describe<S> for TokenForm<T> {
    fn describe(description: &mut Description<'_>) {
        described::<T>(description, &[URLENCODED]);
    }
}

fn described<T: JsonSchema>(description: &mut Description<'_>, media_types: &[&'static str]) {
    let schema = description.schemas.input::<T>();
    description.body.extend(media_types.iter().map(|media_type| (*media_type, schema.clone())));
    for (status, words) in [
        (StatusCode::BAD_REQUEST, "A field is missing, repeated or not of its form"),
        (StatusCode::PAYLOAD_TOO_LARGE, "The form is larger than this endpoint reads"),
    ] {
        error::describe(description, status, words);
    }
}

/// The password grant (RFC 6749, section 4.3.2), for an endpoint that knows no other grant.
///
/// In a [`TokenForm`] it is read as the standard says, urlencoded. As an argument by itself it is also read from
/// `multipart/form-data` (RFC 7578), which is what a script's `FormData` sends: text fields only, a file is refused. The
/// bounds and the refusals are those of a [`TokenForm`].
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
    #[schemars(length(min = 1))]
    pub password: SecretString,
    /// The scopes asked for, separated by spaces; empty for all the account has.
    #[serde(default)]
    pub scope: String,
    /// The client, if it is known.
    pub client_id: Option<String>,
    /// The client's secret, if it has one.
    pub client_secret: Option<SecretString>,
}

impl<S: Send + Sync> FromRequest<S> for OAuth2PasswordForm {
    type Rejection = OAuth2Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, OAuth2Error> {
        multipart::read_either(request, LARGEST).await.map_err(|problem| refusal(&problem))
    }
}

impl<S> Describe<S> for OAuth2PasswordForm {
    fn describe(description: &mut Description<'_>) {
        described::<Self>(description, &[URLENCODED, multipart::MEDIA_TYPE]);
    }
}
