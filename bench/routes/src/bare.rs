//! The same routes in a bare axum router: the same work, and nothing is asked of the caller. A route that refuses answers as
//! Palisade does, without looking.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{FromRequestParts, Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{StatusCode, header, request::Parts};
use serde::Serialize;

use crate::{
    app::{App, Documents, Finished, Order, Reply, Settings},
    kind::Kind,
    service::Service,
};

pub(crate) fn service(kind: Kind, app: App) -> Service {
    let items = if kind == Kind::Unauthenticated { get(unauthenticated) } else { get(reply) };
    let router = Router::new()
        .route("/public", get(reply))
        .route("/items", items)
        .route("/staff", get(reply))
        .route("/documents/{document}", get(read_document))
        .route("/pages", get(read_page))
        .route("/work", get(do_work))
        .route("/orders", post(add_order))
        .route("/items/{item}", get(read_item))
        .route("/audit", get(forbidden));
    Service::Bare(router.with_state(app))
}

async fn reply() -> Json<Reply> {
    Json(Reply::of(1))
}

async fn read_document(
    Path(id): Path<u64>,
    State(documents): State<Arc<Documents>>,
) -> Result<Json<Reply>, StatusCode> {
    let document = documents.find(id).ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(Reply::of_document(&document)))
}

/// What the handler of `/pages` takes.
struct Page(u64);

impl FromRequestParts<App> for Page {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(head: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let State(settings) = State::<Arc<Settings>>::from_request_parts(head, app).await?;
        Ok(Self(settings.page))
    }
}

async fn read_page(Page(size): Page) -> Json<Reply> {
    Json(Reply::of(size))
}

async fn do_work(State(finished): State<Arc<Finished>>) -> Json<Reply> {
    let reply = Json(Reply::of(1));
    finished.count();
    reply
}

async fn add_order(Json(order): Json<Order>) -> Json<Reply> {
    Json(Reply::of_order(&order))
}

async fn read_item(Path(item): Path<u64>) -> Json<Reply> {
    Json(Reply::of(item))
}

/// What a refused caller is told (RFC 9457).
#[derive(Serialize)]
struct Refusal {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'static str,
}

async fn unauthenticated() -> Response {
    refusal(StatusCode::UNAUTHORIZED, "Unauthorized", "Not authenticated", "Bearer")
}

async fn forbidden() -> Response {
    let challenge = r#"Bearer error="insufficient_scope", scope="audit:read""#;
    refusal(StatusCode::FORBIDDEN, "Forbidden", "Not enough permissions", challenge)
}

fn refusal(
    status: StatusCode,
    title: &'static str,
    detail: &'static str,
    challenge: &'static str,
) -> Response {
    let body = Refusal { r#type: "about:blank", title, status: status.as_u16(), detail };
    let headers = [(header::WWW_AUTHENTICATE, challenge), (header::CONTENT_TYPE, "application/problem+json")];
    (status, headers, Json(body)).into_response()
}
