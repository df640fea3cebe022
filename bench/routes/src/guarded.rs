//! The routes in Palisade's router, and the one in a plain axum router under its layer.

use std::sync::Arc;

use palisade::{StartupErrors, prelude::*};

use crate::{
    app::{App, Caller, Document, Finished, Order, Read, Reply, Settings, Staff},
    kind::Kind,
    service::Service,
};

pub(crate) fn service(kind: Kind, app: App) -> Result<Service, StartupErrors> {
    if kind == Kind::Layer {
        let router = axum::Router::new().route("/items", axum::routing::get(read_by_hand));
        return Ok(Service::Bare(router.layer(palisade::layer()).with_state(app)));
    }
    Service::guarded(api().with_state(app))
}

fn api() -> Router<App, Caller> {
    let reads = || scope("items:read");
    Router::new()
        .route("/public", get(reply).public("is measured"))
        .route("/items", get(reply).requires(reads()))
        .route("/staff", get(reply).requires(role(Staff::User)))
        .route("/documents/{document}", get(read_document).requires(reads()))
        .route("/pages", get(read_page).requires(reads()))
        .route("/work", get(do_work).requires(reads()))
        .route("/orders", post(add_order).requires(scope("items:write")))
        .route("/items/{item}", get(read_item).requires(reads()))
        .route("/audit", get(reply).requires(scope("audit:read")))
}

async fn reply() -> Json<Reply> {
    Json(Reply::of(1))
}

async fn read_by_hand(caller: Caller) -> Result<Json<Reply>, Denied> {
    if !caller.authority().held_scopes().contains("items:read") {
        return Err(Denied::insufficient_scope("items:read".parse().unwrap_or_default()));
    }
    Ok(Json(Reply::of(1)))
}

async fn read_document(document: Granted<Read, Document>) -> Json<Reply> {
    Json(Reply::of_document(document.resource()))
}

/// What the handler of `/pages` takes.
#[derive(Clone)]
struct Page(u64);

#[dependency]
async fn page(State(settings): State<Arc<Settings>>) -> Page {
    Page(settings.page)
}

async fn read_page(Page(size): Page) -> Json<Reply> {
    Json(Reply::of(size))
}

/// What the handler of `/work` takes.
#[derive(Clone)]
struct Work(u64);

#[dependency]
async fn work(cleanup: Cleanup, State(finished): State<Arc<Finished>>) -> Work {
    cleanup.defer(move |_| async move {
        finished.count();
        Ok(())
    });
    Work(1)
}

async fn do_work(Work(unit): Work) -> Json<Reply> {
    Json(Reply::of(unit))
}

async fn add_order(Json(order): Json<Order>) -> Json<Reply> {
    Json(Reply::of_order(&order))
}

async fn read_item(Path(item): Path<u64>) -> Json<Reply> {
    Json(Reply::of(item))
}
