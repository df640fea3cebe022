//! A form sent as `multipart/form-data` (RFC 7578), without files: what a browser's `FormData` sends.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Multipart, Request, multipart::Field},
};
use http::StatusCode;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::{form, input, json, urlencoded};
use crate::problem::Problem;

pub(crate) const MEDIA_TYPE: &str = "multipart/form-data";

/// The most fields that are read. No form of these endpoints has half as many.
const MOST_FIELDS: usize = 32;

/// Reads a form as [`urlencoded::read`] does, in either encoding.
pub(crate) async fn read_either<T>(request: Request, largest: usize) -> Result<T, Problem>
where
    T: DeserializeOwned + JsonSchema + 'static,
{
    match json::media_type(request.headers()).as_deref() {
        Some(form::MEDIA_TYPE) => urlencoded::read(request, largest).await,
        Some(MEDIA_TYPE) => urlencoded::made_of(pairs(request, largest).await?),
        _ => Err(malformed("The body must be application/x-www-form-urlencoded or multipart/form-data")),
    }
}

async fn pairs(request: Request, largest: usize) -> Result<Vec<(String, String)>, Problem> {
    let (head, body) = request.into_parts();
    // Whole before it is taken apart: so the bound holds for all of it, parts and what is between them.
    let body = urlencoded::bounded(Request::new(body), largest).await?;
    let request = Request::from_parts(head, Body::from(body));
    let broken = || malformed("The body is not valid multipart/form-data");
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|_| broken())?;
    let mut pairs = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(|error| broken().because(error))? {
        if pairs.len() == MOST_FIELDS {
            return Err(malformed("The form has more fields than this endpoint reads"));
        }
        let name = text_field(&field)?;
        let value = field.bytes().await.map_err(|error| broken().because(error))?;
        pairs.push((name.clone(), text(&value).ok_or_else(|| input::not_utf8(["body", &name]))?));
    }
    Ok(pairs)
}

/// The field's name, if it is a text and no file.
fn text_field(field: &Field<'_>) -> Result<String, Problem> {
    let is_text = field.content_type().is_none_or(|media_type| {
        media_type
            .split(';')
            .next()
            .is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("text/plain"))
    });
    if field.file_name().is_some() || !is_text {
        return Err(malformed("The form has a file in it, and this endpoint reads none"));
    }
    field.name().map(str::to_owned).ok_or_else(|| malformed("The form has a field without a name"))
}

fn text(value: &Bytes) -> Option<String> {
    std::str::from_utf8(value).ok().map(str::to_owned)
}

fn malformed(detail: &'static str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, detail)
}
