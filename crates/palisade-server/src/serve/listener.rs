//! Accepting connections: so many at once, and no more.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Result;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_util::task::TaskTracker;

use super::{connection::Connections, edge::Edge, shutdown::Shutdown};
use crate::config::Server;

/// How long to wait when the system has no more file handles.
const BREATH: Duration = Duration::from_millis(100);

/// A bound address.
#[derive(Debug)]
pub(crate) struct Listener {
    listener: TcpListener,
    address: SocketAddr,
}

impl Listener {
    pub(crate) async fn bind(wanted: SocketAddr) -> Result<Self> {
        let bound = TcpListener::bind(wanted).await;
        let listener = bound.map_err(|error| explain(wanted, error))?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Where it really listens: port 0 has become a port.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves connections until it is time to stop, then lets those that are open end, for at most `deadline`.
    ///
    /// When as many are open as may be, the next ones wait in the system's queue, which is bounded too.
    pub(crate) async fn accept(
        self,
        edge: Arc<Edge>,
        settings: &Server,
        shutdown: &Shutdown,
        deadline: Duration,
    ) {
        let open = TaskTracker::new();
        let room = Arc::new(Semaphore::new(settings.connections));
        let connections = Connections::new(edge, settings, shutdown.clone());
        let mut stopping = shutdown.asked();
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut stopping => break,
                accepted = self.next(&room) => accepted,
            };
            let Some((permit, stream, peer)) = accepted else { continue };
            // An answer is one write: waiting for more to send only delays it.
            let _ = stream.set_nodelay(true);
            let connections = connections.clone();
            open.spawn(async move {
                connections.serve(stream, peer).await;
                drop(permit);
            });
        }
        // Whoever connects from now on is refused by the system.
        drop(self.listener);
        open.close();
        if timeout(deadline, open.wait()).await.is_err() {
            tracing::warn!(open = open.len(), "connections were cut off: their time was over");
        }
    }

    async fn next(&self, room: &Arc<Semaphore>) -> Option<(OwnedSemaphorePermit, TcpStream, SocketAddr)> {
        let permit = Arc::clone(room).acquire_owned().await.ok()?;
        match self.listener.accept().await {
            Ok((stream, peer)) => Some((permit, stream, peer)),
            Err(error) => {
                // A client that has already gone is no reason to wait; having no file handles is.
                if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
                {
                    tracing::error!(%error, "a connection was not accepted");
                    sleep(BREATH).await;
                }
                None
            }
        }
    }
}

fn explain(wanted: SocketAddr, error: io::Error) -> anyhow::Error {
    let advice = match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program listens there: stop it, or choose another port with --listen"
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine does not have that address: choose another with --listen"
        }
        io::ErrorKind::PermissionDenied => "ports below 1024 need a privilege: choose another with --listen",
        _ => "choose another address with --listen",
    };
    anyhow::Error::new(error).context(format!("cannot listen on {wanted}: {advice}"))
}
