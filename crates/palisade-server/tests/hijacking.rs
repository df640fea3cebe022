//! Cross-site WebSocket hijacking, in a real browser: a page of another site opens a WebSocket to ours, the browser adds
//! the victim's cookie, and nothing of the browser's own would keep the page from reading what comes back.

#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

mod process;

use std::{
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};

use axum::{
    body::Body,
    response::{Html, Response},
};
use fantoccini::{Client, ClientBuilder, wd::Capabilities};
use http::Request;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{client::legacy::connect::HttpConnector, rt::TokioIo};
use palisade::{
    credential::{ApiKeyCookie, ApiKeyScheme, FromCredential, PresentedKey},
    prelude::*,
    socket::{Socket, Upgraded, WebSocketUpgrade},
};
use process::Running;
use serde_json::json;
use tokio::net::TcpListener;
use tower::ServiceExt as _;

struct VisitorCookie;

impl ApiKeyScheme for VisitorCookie {
    const NAME: &'static str = "Visitor";
    const PARAMETER: &'static str = "visitor";
}

struct Known;

impl<S: Sync> FromCredential<PresentedKey, S> for Known {
    async fn verify(key: PresentedKey, _: &Parts, _: &S) -> Result<Arc<Self>, Denied> {
        if key.expose() == "victim" { Ok(Arc::new(Self)) } else { Err(Denied::invalid_credentials()) }
    }
}

#[derive(Clone)]
struct Visitor(Authority);

impl Principal for Visitor {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
async fn visitor(_: ApiKeyCookie<VisitorCookie, Known>) -> Visitor {
    Visitor(Authority::account("victim"))
}

async fn tells(upgrade: WebSocketUpgrade) -> Upgraded {
    upgrade.on_upgrade(async |mut socket: Socket| {
        let _ = socket.send("what only the victim may read").await;
    })
}

async fn page() -> Html<&'static str> {
    Html("<!doctype html><title>a page</title>")
}

/// Gives the cookie, in the form that browsers guard least: they send it from any site's page.
async fn sign_in(headers: ResponseHeaders) -> Html<&'static str> {
    let cookie = "visitor=victim; Path=/; Secure; HttpOnly; SameSite=None";
    headers.append(http::header::SET_COOKIE, http::HeaderValue::from_static(cookie));
    page().await
}

/// What came of the handshakes for the guarded socket: whether the cookie was there, and the status.
type Handshakes = Arc<Mutex<Vec<(bool, u16)>>>;

/// Serves a page and two sockets, one guarded and one public, at a port of its own.
async fn serve(handshakes: Handshakes) -> u16 {
    let router = Router::<(), Visitor>::new()
        .route("/", get(page).public("a test"))
        .route("/sign-in", get(sign_in).public("a test"))
        .route("/guarded", get(tells).requires(signed_in()))
        .route("/public", get(tells).public("a test"))
        .into_axum()
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (router, handshakes) = (router.clone(), handshakes.clone());
            let service = service_fn(move |request: Request<Incoming>| {
                let (router, handshakes) = (router.clone(), handshakes.clone());
                answer(router, handshakes, request.map(Body::new))
            });
            let connection = hyper::server::conn::http1::Builder::new();
            tokio::spawn(connection.serve_connection(TokioIo::new(stream), service).with_upgrades());
        }
    });
    port
}

async fn answer(
    router: axum::Router,
    handshakes: Handshakes,
    request: Request<Body>,
) -> Result<Response, std::convert::Infallible> {
    let guarded = request.uri().path() == "/guarded";
    let cookie = request.headers().contains_key("cookie");
    let response = router.oneshot(request).await?;
    if guarded {
        handshakes.lock().unwrap().push((cookie, response.status().as_u16()));
    }
    Ok(response)
}

#[tokio::test]
async fn attack_cross_site_websocket_hijacking() {
    for program in ["chromedriver", "chromium"] {
        if !process::has(program) {
            return process::skip(program, "browser");
        }
    }
    let handshakes = Handshakes::default();
    let (ours, theirs) = (serve(handshakes.clone()).await, serve(Handshakes::default()).await);
    let (_driver, page) = browser().await;
    // The browser is closed also when the visit did not succeed.
    let visit = tokio::spawn(visit(page.clone(), ours, theirs)).await;
    page.close().await.unwrap();
    if let Err(stopped) = visit {
        std::panic::resume_unwind(stopped.into_panic());
    }
    let seen = handshakes.lock().unwrap().clone();
    let [nobody, own_page, other_site, other_origin] = seen[..] else { panic!("{seen:?}") };
    assert_eq!((nobody, own_page), ((false, 401), (true, 101)));
    assert_eq!(other_origin, (true, 403), "the browser sends the cookie, and the guard refuses");
    // Some browsers keep even such a cookie from another site's page; not all do, and none from another port's.
    assert!(matches!(other_site, (false, 401) | (true, 403)), "{other_site:?}");
}

/// `127.0.0.1` and `localhost` are two sites, two ports of one name are one site and two origins.
async fn visit(page: Client, ours: u16, theirs: u16) {
    const SECRET: &str = "what only the victim may read";
    let [guarded, public] = ["guarded", "public"].map(|path| format!("ws://127.0.0.1:{ours}/{path}"));
    page.goto(&format!("http://127.0.0.1:{ours}/")).await.unwrap();
    assert_eq!(told(&page, &guarded).await, "refused", "before there is a cookie");
    page.goto(&format!("http://127.0.0.1:{ours}/sign-in")).await.unwrap();
    assert_eq!(told(&page, &guarded).await, SECRET, "our own page");

    for elsewhere in [format!("http://localhost:{theirs}/"), format!("http://127.0.0.1:{theirs}/")] {
        page.goto(&elsewhere).await.unwrap();
        assert_eq!(told(&page, &public).await, SECRET, "nothing but the guard is in the way of {elsewhere}");
        assert_eq!(told(&page, &guarded).await, "refused", "{elsewhere}");
    }
}

/// What the page is told by the socket at `address`, or `refused`.
async fn told(page: &Client, address: &str) -> String {
    let script = "const [address, done] = arguments;
        const socket = new WebSocket(address);
        socket.onmessage = message => done(message.data);
        socket.onerror = () => done('refused');";
    let told = page.execute_async(script, vec![json!(address)]).await.unwrap();
    told.as_str().unwrap().to_owned()
}

/// A browser without a window. It ends with its driver.
async fn browser() -> (Running, Client) {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map(Running)
        .unwrap();
    let port = process::line_after(&mut driver, "started successfully on port ");
    let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
    let wanted = json!({ "goog:chromeOptions": { "args": arguments } });
    let wanted: Capabilities = serde_json::from_value(wanted).unwrap();
    let address = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
    let mut builder = ClientBuilder::new(HttpConnector::new());
    let page = builder.capabilities(wanted).connect(&address).await.unwrap();
    (driver, page)
}
