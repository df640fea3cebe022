//! One connection: HTTP/1.1, read with limits, and closed so that the last answer arrives.

use std::{
    convert::Infallible,
    future::poll_fn,
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use axum::{body::Body, response::Response};
use http::Request;
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{edge::Edge, patient::Patient, shutdown::Shutdown};
use crate::config::Server;

/// How much of an unread body is taken after the answer, and for how long.
const LINGER_BYTES: usize = 16 * 1024 * 1024;
const LINGER: Duration = Duration::from_secs(2);

/// What all connections have in common. Cheap to clone.
#[derive(Clone)]
pub(super) struct Connections {
    edge: Arc<Edge>,
    http: http1::Builder,
    shutdown: Shutdown,
    patience: Duration,
}

impl Connections {
    pub(super) fn new(edge: Arc<Edge>, settings: &Server, shutdown: Shutdown) -> Self {
        let mut http = http1::Builder::new();
        // From the first byte to the last header, and between two requests: nobody holds a connection by saying nothing.
        http.timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(settings.header_seconds))
            .max_header_size(settings.header_bytes);
        Self { edge, http, shutdown, patience: Duration::from_secs(settings.request_seconds) }
    }

    /// Serves until the client goes, breaks the protocol or says nothing for too long, or it is time to stop.
    pub(super) async fn serve(self, stream: TcpStream, peer: SocketAddr) {
        // An answer is one write: waiting for more to send only delays it.
        let _ = stream.set_nodelay(true);
        let service = Requests { edge: self.edge, peer: peer.ip() };
        let mut connection =
            self.http.serve_connection(Patient::new(TokioIo::new(stream), self.patience), service);
        let mut stopping = pin!(self.shutdown.asked());
        let mut stopped = false;
        let ended = poll_fn(|context| {
            if !stopped && stopping.as_mut().poll(context).is_ready() {
                stopped = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
            connection.poll_without_shutdown(context)
        })
        .await;
        if let Err(error) = ended {
            tracing::debug!(%error, %peer, "a connection ended early");
        }
        // At the end of the server nobody is waited for who has nothing in flight.
        if !stopped {
            linger(connection.into_parts().io.into_inner().into_inner()).await;
        }
    }
}

/// Closes in order. To close while the client is still sending would make the system reset the connection, and the
/// client would lose the answer that says why its body was not read.
async fn linger(mut stream: TcpStream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let _ = timeout(LINGER, async {
        let mut unread = vec![0; 16 * 1024];
        let mut taken = 0;
        while taken < LINGER_BYTES {
            match stream.read(&mut unread).await {
                Ok(0) | Err(_) => break,
                Ok(read) => taken += read,
            }
        }
    })
    .await;
}

struct Requests {
    edge: Arc<Edge>,
    peer: IpAddr,
}

impl hyper::service::Service<Request<Incoming>> for Requests {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        Box::pin(self.edge.answer(self.peer, request))
    }
}
