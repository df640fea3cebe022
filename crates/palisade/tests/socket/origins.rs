//! Whose page opens a socket. A browser sends its cookies with a handshake from any site's page and lets the page read what
//! comes back: neither the same-origin policy nor CORS asks whether it may.

use std::sync::Arc;

use palisade::{
    credential::{ApiKeyScheme, FromCredential, SessionCookie, SessionText},
    prelude::*,
};

use crate::{
    app::{App, echo},
    client::{Refused, Server},
};

struct Cookie;

impl ApiKeyScheme for Cookie {
    const NAME: &'static str = "Session";
    const PARAMETER: &'static str = "__Host-session";
}

struct Known;

impl FromCredential<SessionText, App> for Known {
    async fn verify(text: SessionText, _: &Parts, _: &App) -> Result<Arc<Self>, Denied> {
        if text.expose() == "adas" { Ok(Arc::new(Self)) } else { Err(Denied::not_authenticated()) }
    }
}

/// Whoever has a session.
#[derive(Clone)]
struct Visitor(Authority);

impl Principal for Visitor {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency(state = App)]
async fn visitor(_: SessionCookie<Cookie, Known>) -> Visitor {
    Visitor(Authority::account("ada"))
}

async fn serve(app: &App) -> Server {
    let router = Router::<App, Visitor>::new().route("/echo", get(echo).requires(signed_in()));
    Server::of(router.trust_origins(["https://app.example.org"]).with_state(app.clone()).build().unwrap())
        .await
}

const COOKIE: (&str, &str) = ("cookie", "__Host-session=adas");

#[tokio::test(start_paused = true)]
async fn attack_cross_site_websocket_hijacking() {
    let app = App::default();
    let server = serve(&app).await;
    for from_elsewhere in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "null")],
        // Another port, and another name, of the same machine.
        &[("origin", "http://127.0.0.1:1")],
        &[("origin", "http://localhost")],
        &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
        &[("origin", "https://evil.example"), ("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site")],
        // A browser always says where from: what does not is none, and has no business with a cookie.
        &[],
    ] {
        let headers: Vec<_> = from_elsewhere.iter().copied().chain([COOKIE]).collect();
        let refused = server.open("/echo", &headers).await.unwrap_err();
        let expected =
            Refused { status: 403, challenge: None, media_type: "application/problem+json".into() };
        assert_eq!(refused, expected, "{from_elsewhere:?}");
    }
    assert_eq!(app.count("the handler ran"), 0);
}

#[tokio::test(start_paused = true)]
async fn our_own_pages_and_trusted_ones_open_sockets_and_keep_them() {
    let app = App::default();
    let server = serve(&app).await;
    let own = format!("http://{}", server.address);
    for origin in [own.as_str(), "https://app.example.org"] {
        let mut client = server.open("/echo", &[("origin", origin), COOKIE]).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_secs(20)).await;
        client.send("asked again by now").await;
        assert_eq!(client.text().await, "asked again by now");
    }
    let nobody = server.open("/echo", &[("origin", own.as_str())]).await.unwrap_err();
    assert_eq!(nobody.status, 401);
}

/// A page cannot have a browser send a bearer token that it does not know.
#[tokio::test(start_paused = true)]
async fn a_token_is_taken_from_any_origin() {
    let app = App::default();
    let server = app.serve().await;
    let headers = [("authorization", "Bearer ada"), ("origin", "https://elsewhere.example")];
    let mut client = server.open("/echo", &headers).await.unwrap();
    client.send("hello").await;
    assert_eq!(client.text().await, "hello");
}
