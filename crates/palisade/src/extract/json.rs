//! JSON in and out.

use std::marker::PhantomData;

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use super::{input, strict};
use crate::{
    describe::{Describe, DescribeResponse, Description},
    problem::Problem,
};

/// A JSON body: as an argument, read and checked against the schema of `T`; as a result, 200 with `T` in it.
///
/// A body without `application/json` or `application/*+json` is refused with 415, so that no form of another site can
/// send one; a body that is no JSON, has a member twice, or is not of the schema, with 422 and every fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<S, T> FromRequest<S> for Json<T>
where
    S: Send + Sync,
    T: DeserializeOwned + JsonSchema + 'static,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(unsupported_media_type("application/json"));
        }
        let bytes = bytes(request, state).await?;
        input::checked(&strict::read(&bytes)?, "body").map(Self)
    }
}

impl<S, T: JsonSchema + 'static> Describe<S> for Json<T> {
    fn describe(description: &mut Description<'_>) {
        input::checkable::<T>(description);
        description.body::<T>("application/json");
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        json_response(StatusCode::OK, &self.0)
    }
}

impl<T: JsonSchema> DescribeResponse for Json<T> {
    fn describe_response(description: &mut Description<'_>) {
        description.answers::<T>(StatusCode::OK, "Success");
    }
}

/// As a result what [`Json`] is, of a `T` that is only borrowed or was serialized before. Clones share the text.
///
/// ```
/// use palisade::{extract::Serialized, prelude::*};
/// # use std::sync::Arc;
/// # #[derive(serde::Serialize, schemars::JsonSchema)] struct Catalog { titles: Vec<String> }
///
/// async fn catalog(State(catalog): State<Arc<Catalog>>) -> Serialized<Catalog> {
///     Serialized::new(&catalog)
/// }
/// # use axum::extract::State;
/// ```
#[derive(Clone, Debug)]
pub struct Serialized<T> {
    text: Result<Bytes, Problem>,
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize> Serialized<T> {
    /// Serializes `value`. What does not serialize is answered with 500.
    pub fn new(value: &T) -> Self {
        let text = serde_json::to_vec(value).map(Bytes::from);
        let text =
            text.map_err(|error| Problem::internal(format_args!("the response does not serialize: {error}")));
        Self { text, of: PhantomData }
    }
}

impl<T> Serialized<T> {
    /// The same with a text of its own. For a short text that is kept and sent often this is quicker than a clone, which writes
    /// down twice how many share the text.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use palisade::{extract::Serialized, prelude::*};
    /// struct Kept {
    ///     titles: Serialized<Vec<String>>,
    /// }
    ///
    /// async fn titles(State(kept): State<Arc<Kept>>) -> Serialized<Vec<String>> {
    ///     kept.titles.copied()
    /// }
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// # let kept = Arc::new(Kept { titles: Serialized::new(&vec!["Dune".to_owned()]) });
    /// # for _ in 0..2 {
    /// #     let response = axum::response::IntoResponse::into_response(titles(State(Arc::clone(&kept))).await);
    /// #     assert_eq!(axum::body::to_bytes(response.into_body(), 100).await?, r#"["Dune"]"#);
    /// # }
    /// # Ok::<_, axum::Error>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn copied(&self) -> Self {
        let text = self.text.as_ref().map(|text| Bytes::copy_from_slice(text));
        Self { text: text.map_err(Problem::clone), of: PhantomData }
    }

    pub(super) fn with_status(self, status: StatusCode) -> Response {
        let text = match self.text {
            Ok(text) => text,
            Err(problem) => return problem.into_response(),
        };
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

impl<T> IntoResponse for Serialized<T> {
    fn into_response(self) -> Response {
        self.with_status(StatusCode::OK)
    }
}

impl<T: JsonSchema> DescribeResponse for Serialized<T> {
    fn describe_response(description: &mut Description<'_>) {
        description.answers::<T>(StatusCode::OK, "Success");
    }
}

pub(super) fn json_response<T: Serialize>(status: StatusCode, value: &T) -> Response {
    Serialized::new(value).with_status(status)
}

/// The whole body, within the limit that is set for it.
pub(super) async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    match Bytes::from_request(request, state).await {
        Ok(bytes) => Ok(bytes),
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "The body is larger than this endpoint reads"))
        }
        Err(rejection) => Err(Problem::from_rejection(rejection)),
    }
}

pub(super) fn unsupported_media_type(wanted: &'static str) -> Problem {
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        format!("This endpoint reads `{wanted}`: send that, with a `Content-Type` that says so"),
    )
}

/// Whether the content type is `application/json` or `application/*+json`.
fn is_json(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|media_type| {
        media_type == "application/json"
            || media_type.strip_prefix("application/").is_some_and(|subtype| subtype.ends_with("+json"))
    })
}

/// The content type without its parameters, in lower case; `None` if there is not exactly one.
pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let only = values.next().filter(|_| values.next().is_none())?.to_str().ok()?;
    only.split(';').next().map(|media_type| media_type.trim().to_ascii_lowercase())
}
