//! One connection: HTTP/1.1, read with limits, and closed so that the last answer arrives.

use std::{
    convert::Infallible,
    future::poll_fn,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use anyhow::anyhow;
use axum::body::Body;
use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::timeout,
};

use super::{
    activity::{Activity, BusyBody},
    edge::Edge,
    idle_timer::IdleTimer,
    patient::Patient,
    response::ResponseFuture,
    shutdown::Shutdown,
};
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
    header_time: Duration,
    patience: Duration,
}

impl Connections {
    pub(super) fn new(edge: Arc<Edge>, settings: &Server, shutdown: Shutdown) -> Self {
        let mut http = http1::Builder::new();
        // hyper would set a timer for each request; the idle timer bounds the head instead.
        http.header_read_timeout(None).max_header_size(settings.header_bytes);
        Self {
            edge,
            http,
            shutdown,
            header_time: Duration::from_secs(settings.header_seconds),
            patience: Duration::from_secs(settings.request_seconds),
        }
    }

    /// Serves until the client goes, breaks the protocol or says nothing for too long, or it is time to stop.
    pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(self, stream: S, peer: SocketAddr) {
        let activity = Activity::default();
        let mut idle = IdleTimer::new(activity.clone(), self.header_time);
        let io = Patient::new(TokioIo::new(stream), self.patience, activity.clone());
        let service = Requests { edge: self.edge, peer: peer.ip(), activity };
        let mut connection = self.http.serve_connection(io, service);
        let mut stopping = self.shutdown.asked();
        let mut stopped = false;
        let ended = poll_fn(|context| {
            if !stopped && Pin::new(&mut stopping).poll(context).is_ready() {
                stopped = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
            match connection.poll_without_shutdown(context) {
                Poll::Ready(ended) => Poll::Ready(ended.map_err(anyhow::Error::from)),
                Poll::Pending => idle.poll(context).map(|()| Err(anyhow!("read header from client timeout"))),
            }
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
async fn linger(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
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
    activity: Activity,
}

impl hyper::service::Service<Request<Incoming>> for Requests {
    type Response = Response<BusyBody<Body>>;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn call(&self, request: Request<Incoming>) -> ResponseFuture {
        self.edge.answer(self.peer, request, &self.activity)
    }
}

#[cfg(test)]
mod tests;
