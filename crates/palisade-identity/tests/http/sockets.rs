//! Open WebSockets beside the routes: each ends with the credential it was opened with.
//!
//! The server is a real one, on a port of its own. The store has threads, for which tokio's time does not wait: it is the
//! running one, and whether a caller is still allowed is asked often.

use std::time::Duration;

use axum::{Router as AxumRouter, body::Body};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::{SinkExt as _, StreamExt as _};
use http::{Method, Request, StatusCode};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use palisade::{
    api_key::Caveats,
    prelude::{get, scope},
    random::SeededRandom,
    socket::{Socket, Upgraded, WebSocketUpgrade},
};
use palisade_identity::{audit::Actor, http::router, sessions::cookie};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{ClientRequestBuilder, Error, Message, protocol::CloseFrame},
};
use tower::ServiceExt as _;

use crate::app::{App, Browser, PASSWORD};

const OFTEN: Duration = Duration::from_millis(20);

/// Sends back what it receives.
async fn echo(upgrade: WebSocketUpgrade) -> Upgraded {
    upgrade.on_upgrade(async |mut socket: Socket| {
        while let Ok(message) = socket.recv().await {
            if socket.send(message).await.is_err() {
                break;
            }
        }
    })
}

/// Where the app's routes are served, and `/echo` beside them.
struct Server(String);

impl Server {
    async fn of(app: &App) -> Self {
        let router = router().route("/echo", get(echo).requires(scope("me:read"))).recheck_sockets(OFTEN);
        let router = router.clock(app.world.clock.clone()).with_state(app.identity.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(accept(listener, router.into_axum().unwrap()));
        Self(address)
    }

    fn origin(&self) -> String {
        format!("http://{}", self.0)
    }

    /// Opens a socket as a page of `origin` does, or the status of the refusal.
    async fn open_from(&self, origin: &str, credential: Option<(&str, &str)>) -> Result<Client, StatusCode> {
        let request = ClientRequestBuilder::new(format!("ws://{}/echo", self.0).parse().unwrap());
        let request = request.with_header("origin", origin);
        let request =
            credential.into_iter().fold(request, |request, (name, value)| request.with_header(name, value));
        match client_async(request, TcpStream::connect(&self.0).await.unwrap()).await {
            Ok((socket, _)) => Ok(Client(socket)),
            Err(Error::Http(answer)) => Err(answer.status()),
            Err(other) => panic!("the handshake: {other}"),
        }
    }

    /// Opens a socket as a page of the server's own does.
    async fn open(&self, name: &str, value: &str) -> Client {
        self.open_from(&self.origin(), Some((name, value))).await.unwrap()
    }
}

async fn accept(listener: TcpListener, router: AxumRouter) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let router = router.clone();
        let service =
            service_fn(move |request: Request<Incoming>| router.clone().oneshot(request.map(Body::new)));
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection.with_upgrades());
    }
}

/// An open socket, seen by its client.
#[derive(Debug)]
struct Client(WebSocketStream<TcpStream>);

impl Client {
    /// That a message comes back.
    async fn is_open(&mut self) {
        self.0.send("hello".into()).await.unwrap();
        assert_eq!(self.0.next().await.unwrap().unwrap(), Message::from("hello"));
    }

    /// Waits for the end: that it is said, and that it is the one for callers who are no longer allowed.
    async fn is_ended(&mut self) {
        match self.0.next().await {
            Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                assert_eq!((u16::from(code), reason.as_str()), (1008, "no longer allowed"));
            }
            other => panic!("{other:?} is not the end"),
        }
    }
}

fn cookie_of(browser: &Browser) -> String {
    format!("{}={}", cookie::NAME, browser.cookie.as_deref().unwrap())
}

fn basic(name: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{PASSWORD}")))
}

#[tokio::test]
async fn attack_a_session_that_was_ended_keeps_its_socket() {
    let app = App::with_user("ada").await;
    let server = Server::of(&app).await;
    let (mut here, there) = (app.browser("ada").await, app.browser("ada").await);
    let mut stays = server.open("cookie", &cookie_of(&here)).await;
    let mut ends = server.open("cookie", &cookie_of(&there)).await;
    ends.is_open().await;
    let ended = here.delete(&format!("/me/sessions/{}", there.secret().id())).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    ends.is_ended().await;
    stays.is_open().await;
    let out = here.request(Method::POST, "/sign-out-everywhere").send().await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    stays.is_ended().await;
}

#[tokio::test]
async fn attack_an_api_key_that_was_revoked_keeps_its_socket() {
    let app = App::with_user("ada").await;
    let server = Server::of(&app).await;
    let ((stolen, stolen_text), (other, other_text)) =
        (app.key_of("ada", "me:read").await, app.key_of("ada", "me:read").await);
    let derived = stolen_text.derive(Caveats::none(), &*SeededRandom::shared(9)).unwrap();
    let mut stays = server.open("x-api-key", other_text.to_text().expose()).await;
    let mut ends = server.open("x-api-key", stolen_text.to_text().expose()).await;
    let mut ends_too = server.open("x-api-key", derived.to_text().expose()).await;
    ends.is_open().await;
    ends_too.is_open().await;
    let ada = app.client.bearer(app.token("ada").await);
    for (key, sockets) in [(stolen, &mut [&mut ends, &mut ends_too][..]), (other, &mut [&mut stays])] {
        // The other one has been asked about all the while.
        for socket in &mut *sockets {
            socket.is_open().await;
        }
        let revoked = ada.request(Method::DELETE, &format!("/me/api-keys/{}", key.id)).send().await;
        assert_eq!(revoked.status, StatusCode::NO_CONTENT);
        for socket in sockets {
            socket.is_ended().await;
        }
    }
}

#[tokio::test]
async fn attack_a_password_that_was_changed_keeps_its_socket() {
    let app = App::with_user("ada").await;
    app.make("ben", palisade_identity::role::Role::User).await;
    let server = Server::of(&app).await;
    let mut stays = server.open("authorization", &basic("ben")).await;
    let mut ends = server.open("authorization", &basic("ada")).await;
    ends.is_open().await;
    let change = json!({ "current_password": PASSWORD, "new_password": "battery staple" });
    let ada = app.client.bearer(app.token("ada").await);
    let changed = ada.post("/me/password").json(&change).send().await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT);
    ends.is_ended().await;
    stays.is_open().await;
}

#[tokio::test]
async fn attack_an_account_that_was_disabled_keeps_its_sockets() {
    let app = App::with_user("ada").await;
    let server = Server::of(&app).await;
    let browser = app.browser("ada").await;
    let (_, key) = app.key_of("ada", "me:read").await;
    let mut sockets = [
        server.open("authorization", &format!("Bearer {}", app.token("ada").await)).await,
        server.open("cookie", &cookie_of(&browser)).await,
        server.open("x-api-key", key.to_text().expose()).await,
        server.open("authorization", &basic("ada")).await,
    ];
    for socket in &mut sockets {
        socket.is_open().await;
    }
    let ada = app.account("ada").await.id;
    app.identity.parts().accounts.disable(Actor::Operator, ada).await.unwrap();
    for socket in &mut sockets {
        socket.is_ended().await;
    }
}

#[tokio::test]
async fn attack_another_sites_page_opens_a_socket_with_what_the_browser_sends() {
    let app = App::with_user("ada").await;
    let server = Server::of(&app).await;
    let (session, password) = (cookie_of(&app.browser("ada").await), basic("ada"));
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        for credential in [("cookie", session.as_str()), ("authorization", password.as_str())] {
            let refused = server.open_from(origin, Some(credential)).await.unwrap_err();
            assert_eq!(refused, StatusCode::FORBIDDEN, "{origin}: {}", credential.0);
        }
    }
    let nobody = server.open_from(&server.origin(), None).await.unwrap_err();
    assert_eq!(nobody, StatusCode::UNAUTHORIZED);
}
