//! What dependencies add to the response survives whatever the response turns out to be.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use palisade::{extract::Undescribed, prelude::*};

use crate::common::{Caller, client};

#[derive(Clone)]
struct Rolled;

#[dependency]
async fn rolled(headers: ResponseHeaders) -> Rolled {
    headers.append(header::SET_COOKIE, HeaderValue::from_static("session=new"));
    headers.append(header::VARY, HeaderValue::from_static("cookie"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private"));
    Rolled
}

#[derive(Clone, Debug)]
struct Rolling(Caller);

impl Principal for Rolling {
    fn authority(&self) -> &Authority {
        self.0.authority()
    }
}

#[dependency]
async fn rolling(_: Rolled, caller: Caller) -> Rolling {
    Rolling(caller)
}

#[tokio::test]
async fn they_are_there_on_success_refusal_and_panic() {
    async fn good() -> &'static str {
        "good"
    }
    async fn own() -> Undescribed<Response> {
        let headers =
            [(header::SET_COOKIE, "mine=1"), (header::VARY, "accept"), (header::CACHE_CONTROL, "public")];
        Undescribed(headers.into_response())
    }
    async fn missing() -> Result<NoContent, Problem> {
        Err(Problem::new(StatusCode::NOT_FOUND, "no such thing"))
    }
    async fn number(_: Path<u8>) -> NoContent {
        NoContent
    }
    async fn panics() -> NoContent {
        panic!("a fault of the handler")
    }
    let router = Router::<(), Rolling>::new()
        .route("/good", get(good).requires(signed_in()))
        .route("/own", get(own).requires(signed_in()))
        .route("/missing", get(missing).requires(signed_in()))
        .route("/number/{number}", get(number).requires(signed_in()))
        .route("/scoped", get(good).requires(scope("more")))
        .route("/panics", get(panics).requires(signed_in()));
    let anonymous = palisade::testing::Client::new(router.into_axum().unwrap());
    let ada = anonymous.bearer("ada");
    for (client, path, status) in [
        (&ada, "/good", 200),
        (&ada, "/own", 200),
        (&anonymous, "/good", 401),
        (&ada, "/scoped", 403),
        (&ada, "/missing", 404),
        (&ada, "/number/x", 422),
        (&ada, "/panics", 500),
    ] {
        let response = client.get(path).send().await;
        assert_eq!(response.status.as_u16(), status, "{path}");
        let all = |name| response.headers.get_all(name).iter().collect::<Vec<_>>();
        assert!(all(header::SET_COOKIE).contains(&&HeaderValue::from_static("session=new")), "{path}");
        assert_eq!(all(header::CACHE_CONTROL), ["private"], "{path}: an inserted one replaces the handler's");
        if path == "/own" {
            assert_eq!(all(header::SET_COOKIE), ["mine=1", "session=new"]);
            assert_eq!(
                all(header::VARY),
                ["accept", "cookie"],
                "an appended one stands beside the handler's"
            );
        }
        if status == 401 {
            assert!(response.header("www-authenticate").is_some());
        }
    }
}

#[tokio::test]
async fn what_is_kept_is_let_go_of_though_it_holds_the_exchange() {
    use std::sync::{Arc, Weak};

    #[derive(Clone)]
    struct Session {
        _headers: ResponseHeaders,
        _cleanup: Cleanup,
        alive: Arc<()>,
    }
    #[dependency]
    async fn session(_headers: ResponseHeaders, _cleanup: Cleanup) -> Session {
        Session { _headers, _cleanup, alive: Arc::new(()) }
    }
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel::<Weak<()>>();
    let handler = move |session: Session| {
        let sender = sender.clone();
        async move {
            sender.send(Arc::downgrade(&session.alive)).unwrap();
            NoContent
        }
    };
    let router = Router::<(), Caller>::new().route("/", get(handler).public("a test"));
    client(router, ()).get("/").send().await;
    assert_eq!(receiver.recv().await.unwrap().strong_count(), 0, "or each request would leak a session");
}
