//! The body of an OAuth endpoint, for which RFC 6749 has rules of its own.

use axum::{body::Bytes, extract::Request};
use http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::{form, input, json};
use crate::problem::Problem;

/// Reads a form of at most `largest` bytes. Fields without a value are left out (RFC 6749, section 3.2), fields given twice
/// are not.
pub(crate) async fn read<T>(request: Request, largest: usize) -> Result<T, Problem>
where
    T: DeserializeOwned + JsonSchema + 'static,
{
    if json::media_type(request.headers()).as_deref() != Some(form::MEDIA_TYPE) {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "The body must be application/x-www-form-urlencoded",
        ));
    }
    let body = bounded(request, largest).await?;
    made_of(input::pairs(&body, "body")?)
}

/// The body, of at most `largest` bytes.
pub(super) async fn bounded(request: Request, largest: usize) -> Result<Bytes, Problem> {
    match Limited::new(request.into_body(), largest).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            let detail = "The form is larger than this endpoint reads";
            Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail))
        }
        Err(error) => Err(Problem::new(StatusCode::BAD_REQUEST, "The body broke off").because(error)),
    }
}

/// The value of these fields.
pub(super) fn made_of<T>(mut pairs: Vec<(String, String)>) -> Result<T, Problem>
where
    T: DeserializeOwned + JsonSchema + 'static,
{
    input::once(&pairs, "body")?;
    pairs.retain(|(_, value)| !value.is_empty());
    input::from_pairs(pairs, "body")
}
