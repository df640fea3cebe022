//! A client that calls what a server would serve directly, without a socket.

use axum::body::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use serde::Serialize;
use serde_json::Value;
use tower::ServiceExt;

use crate::router::RouterService;

/// What a test calls: an axum router, as [`Built::router`](crate::router::Built::router) is one, or
/// [`Built::service`](crate::router::Built::service).
#[derive(Clone, Debug)]
pub struct Served(Way);

#[derive(Clone, Debug)]
enum Way {
    Axum(axum::Router),
    Service(RouterService),
}

impl From<axum::Router> for Served {
    fn from(router: axum::Router) -> Self {
        Self(Way::Axum(router))
    }
}

impl From<RouterService> for Served {
    fn from(service: RouterService) -> Self {
        Self(Way::Service(service))
    }
}

impl Served {
    /// Which of the two it is, in words.
    pub(super) fn way(&self) -> &'static str {
        match self.0 {
            Way::Axum(_) => "by axum's router",
            Way::Service(_) => "by the service",
        }
    }

    pub(super) async fn answer(&self, request: http::Request<Body>) -> axum::response::Response {
        let Ok(response) = match &self.0 {
            Way::Axum(router) => router.clone().oneshot(request).await,
            Way::Service(service) => service.answer(request).await,
        };
        response
    }
}

/// Calls a router as a client would.
#[derive(Clone, Debug)]
pub struct Client {
    served: Served,
    bearer: Option<String>,
}

impl Client {
    /// A client of what is `served`: an axum router, or a [`RouterService`].
    pub fn new(served: impl Into<Served>) -> Self {
        Self { served: served.into(), bearer: None }
    }

    /// A client that sends `token` as a bearer token with each request.
    #[must_use]
    pub fn bearer(&self, token: impl Into<String>) -> Self {
        Self { served: self.served.clone(), bearer: Some(token.into()) }
    }

    /// A `GET` of `path`.
    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    /// A `POST` to `path`.
    pub fn post(&self, path: &str) -> Request {
        self.request(Method::POST, path)
    }

    /// A request. Nothing is sent before [`Request::send`].
    ///
    /// # Panics
    ///
    /// When `path` is no path.
    pub fn request(&self, method: Method, path: &str) -> Request {
        let request = http::Request::builder().method(method).uri(path).body(Body::empty());
        let mut request = request.expect("a test asks for a path that is one");
        if let Some(token) = &self.bearer {
            let value =
                HeaderValue::try_from(format!("Bearer {token}")).expect("a test sends a token that is text");
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        Request { served: self.served.clone(), request }
    }
}

/// A request in the making.
#[derive(Debug)]
#[must_use = "nothing is sent before `send`"]
pub struct Request {
    served: Served,
    request: http::Request<Body>,
}

impl Request {
    /// Adds a header.
    ///
    /// # Panics
    ///
    /// When it is no header.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let name = HeaderName::try_from(name).expect("a test sends a header name that is one");
        let value = HeaderValue::from_bytes(value.as_ref()).expect("a test sends a header value that is one");
        self.request.headers_mut().append(name, value);
        self
    }

    /// Sets a JSON body.
    ///
    /// # Panics
    ///
    /// When `value` does not serialise.
    pub fn json(self, value: &impl Serialize) -> Self {
        let body = serde_json::to_vec(value).expect("a test sends what serialises");
        self.header("content-type", "application/json").body(body)
    }

    /// Sets an urlencoded body of these fields.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
        };
        let pairs: Vec<_> =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        self.header("content-type", "application/x-www-form-urlencoded").body(pairs.join("&"))
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        *self.request.body_mut() = body.into();
        self
    }

    /// Adds something a layer further out would have put into the request.
    pub fn extension<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.request.extensions_mut().insert(value);
        self
    }

    /// Sends it and reads the whole answer.
    ///
    /// # Panics
    ///
    /// When the response's body breaks off.
    pub async fn send(self) -> Response {
        let response = self.served.answer(self.request).await;
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("the body of a test's response is whole").to_bytes();
        Response { status: head.status, headers: head.headers, body: body.to_vec() }
    }
}

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as text, with the id of its decision taken out if it has one: two refusals that tell nothing apart have the
    /// same.
    pub fn text_without_decision(&self) -> String {
        let text = self.text();
        match self.json()["decision"].as_str() {
            Some(id) => text.replace(id, ""),
            None => text,
        }
    }

    /// The body as JSON; `null` if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A header as text, if it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
