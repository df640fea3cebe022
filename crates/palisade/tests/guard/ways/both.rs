//! A request, asked of a built router in both ways.

use axum::body::Body;
use http::{HeaderMap, Method, StatusCode, header};
use palisade::{
    router::Built,
    testing::{Client, Response},
};

/// A request to ask in both ways.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    method: Method,
    path: String,
    bearer: Option<&'static str>,
    headers: Vec<(&'static str, &'static str)>,
    body: &'static str,
}

/// `method` of `path`.
pub(super) fn ask(method: &str, path: impl Into<String>) -> Asked {
    let method = method.parse().unwrap();
    Asked { method, path: path.into(), bearer: None, headers: Vec::new(), body: "" }
}

impl Asked {
    pub(super) fn by(mut self, bearer: &'static str) -> Self {
        self.bearer = Some(bearer);
        self
    }

    pub(super) fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(super) fn sending(self, media_type: &'static str, body: &'static str) -> Self {
        Self { body, ..self.with("content-type", media_type) }
    }

    pub(super) fn json(self, body: &'static str) -> Self {
        self.sending("application/json", body)
    }
}

/// What is answered, apart from what may differ: the length, which a server adds where axum's router has not, and the id of the
/// decision.
#[derive(Debug, PartialEq)]
pub(super) struct Seen {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl From<Response> for Seen {
    fn from(mut response: Response) -> Self {
        response.headers.remove(header::CONTENT_LENGTH);
        let text = response.text_without_decision();
        Self { status: response.status, headers: response.headers, text }
    }
}

/// A built router, in both ways.
#[derive(Clone)]
pub(super) struct Both {
    router: Client,
    service: Client,
}

impl Both {
    pub(super) fn of(built: Built) -> Self {
        Self { router: Client::new(built.router), service: Client::new(built.service) }
    }

    /// A client of each.
    pub(super) fn clients(self) -> [Client; 2] {
        [self.router, self.service]
    }

    /// The two answers: axum's router's, and the service's.
    pub(super) async fn answers(&self, asked: &Asked) -> (Seen, Seen) {
        (send(&self.router, asked).await, send(&self.service, asked).await)
    }

    /// The answer, which is the same in both ways.
    pub(super) async fn answer(&self, asked: Asked) -> Seen {
        let (by_axum, by_service) = self.answers(&asked).await;
        assert_eq!(by_service, by_axum, "the two ways differ, the service first: {asked:?}");
        by_service
    }
}

async fn send(client: &Client, asked: &Asked) -> Seen {
    let client = asked.bearer.map_or_else(|| client.clone(), |token| client.bearer(token));
    let mut request = client.request(asked.method.clone(), &asked.path);
    for (name, value) in &asked.headers {
        request = request.header(name, value);
    }
    request.body(Body::from(asked.body)).send().await.into()
}
