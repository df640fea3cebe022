//! The body of an OAuth endpoint, for which RFC 6749 has rules of its own.

use axum::extract::Request;
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
    let body = match Limited::new(request.into_body(), largest).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Err(Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "The form is larger than this endpoint reads",
            ));
        }
        Err(error) => return Err(Problem::new(StatusCode::BAD_REQUEST, "The body broke off").because(error)),
    };
    let mut pairs = input::pairs(&body, "body")?;
    input::once(&pairs, "body")?;
    pairs.retain(|(_, value)| !value.is_empty());
    input::from_pairs(pairs, "body")
}
