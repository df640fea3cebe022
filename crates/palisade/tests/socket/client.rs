//! A server of the tests' app on a port of its own, and clients of it.

use std::convert::Infallible;

use axum::{body::Body, response::Response};
use futures_util::{SinkExt, StreamExt};
use http::Request;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use palisade::{exchange::Tasks, router::Built};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        ClientRequestBuilder, Error, Message,
        protocol::{
            CloseFrame,
            frame::{
                Frame,
                coding::{Data, OpCode},
            },
        },
    },
};
use tower::{Service, ServiceExt};

/// A server that serves until the test is over.
pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) tasks: Tasks,
}

impl Server {
    pub(crate) async fn of(built: Built) -> Self {
        Self::serving(built.router, built.tasks).await
    }

    /// One for each way in which it can be served.
    pub(crate) async fn of_each_way(built: Built) -> [Self; 2] {
        let by_service = Self::serving(built.service, built.tasks.clone()).await;
        [Self::serving(built.router, built.tasks).await, by_service]
    }

    async fn serving(served: impl Served, tasks: Tasks) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(accept(listener, served));
        Self { address, tasks }
    }

    /// Opens a socket at `path` with these headers.
    pub(crate) async fn open(&self, path: &str, headers: &[(&str, &str)]) -> Result<Client, Refused> {
        let uri = format!("ws://{}{path}", self.address).parse().unwrap();
        let request = headers.iter().fold(ClientRequestBuilder::new(uri), |request, (name, value)| {
            request.with_header(*name, *value)
        });
        let stream = TcpStream::connect(&self.address).await.unwrap();
        match client_async(request, stream).await {
            Ok((socket, answer)) => {
                let protocol = answer.headers().get("sec-websocket-protocol");
                let protocol = protocol.map(|value| value.to_str().unwrap().to_owned());
                Ok(Client { socket, protocol })
            }
            Err(Error::Http(answer)) => Err(Refused {
                status: answer.status().as_u16(),
                challenge: answer
                    .headers()
                    .get("www-authenticate")
                    .map(|value| value.to_str().unwrap().to_owned()),
                media_type: answer.headers()["content-type"].to_str().unwrap().to_owned(),
            }),
            Err(other) => panic!("the handshake: {other}"),
        }
    }

    /// Opens a socket as whoever holds `token`.
    pub(crate) async fn open_as(&self, token: &str, path: &str) -> Result<Client, Refused> {
        self.open(path, &[("authorization", &format!("Bearer {token}"))]).await
    }
}

/// What answers requests.
trait Served:
    Service<Request<Body>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<S> Served for S where
    S: Service<Request<Body>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

async fn accept(listener: TcpListener, served: impl Served) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let served = served.clone();
        let service =
            service_fn(move |request: Request<Incoming>| served.clone().oneshot(request.map(Body::new)));
        let connection =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection.with_upgrades());
    }
}

/// An ordinary answer in place of a socket.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) challenge: Option<String>,
    pub(crate) media_type: String,
}

/// An open socket, seen by its client.
pub(crate) struct Client {
    socket: WebSocketStream<TcpStream>,
    pub(crate) protocol: Option<String>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an open socket")
    }
}

impl Client {
    pub(crate) async fn send(&mut self, message: impl Into<Message>) {
        self.socket.send(message.into()).await.unwrap();
    }

    /// Sends one message in several frames.
    pub(crate) async fn send_frames<const N: usize>(&mut self, parts: [String; N]) {
        for (at, part) in parts.into_iter().enumerate() {
            let code = if at == 0 { OpCode::Data(Data::Text) } else { OpCode::Data(Data::Continue) };
            let frame = Frame::message(part, code, at + 1 == N);
            self.socket.send(Message::Frame(frame)).await.unwrap();
        }
    }

    /// The next message, of any kind.
    pub(crate) async fn next(&mut self) -> Message {
        self.socket.next().await.unwrap().unwrap()
    }

    /// The next text.
    pub(crate) async fn text(&mut self) -> String {
        match self.socket.next().await.unwrap().unwrap() {
            Message::Text(text) => text.to_string(),
            other => panic!("{other:?} is no text"),
        }
    }

    /// Waits for the socket's end: code and reason, none where it was not closed but broke. Nothing else may come.
    pub(crate) async fn end(&mut self) -> Option<(u16, String)> {
        let end = match self.socket.next().await {
            Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => (code.into(), reason.to_string()),
            Some(Ok(Message::Close(None))) => (1005, String::new()),
            Some(Ok(other)) => panic!("{other:?} is not the end"),
            None | Some(Err(_)) => return None,
        };
        // The answer to the close frame is sent while it is asked for more.
        assert!(!matches!(self.socket.next().await, Some(Ok(_))), "nothing comes after the end");
        Some(end)
    }
}

/// An end with this code, and with the library's words for it.
pub(crate) fn ended(code: u16) -> Option<(u16, String)> {
    let reason = match code {
        1001 => "the server stops",
        1008 => "no longer allowed",
        1013 => "could not find out whether this is still allowed, try again later",
        _ => "",
    };
    Some((code, reason.to_owned()))
}
