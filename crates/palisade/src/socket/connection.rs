//! An open socket: its two halves, and the line below them, which can be cut from outside at any time.

use std::{
    fmt,
    future::poll_fn,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::extract::ws::{self, CloseFrame, WebSocket};
use futures_util::{Sink, Stream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Message, watch::Watch};
use crate::exchange::CatchPanic;

/// How long the other side may take for the closing handshake (RFC 6455, section 7.1.1).
const GOODBYE: Duration = Duration::from_secs(2);

/// The longest reason a close frame has room for, in bytes (RFC 6455, section 5.5.1).
const LONGEST_REASON: usize = 123;

/// Why there is nothing more to receive, and nothing can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Closed {
    /// The other side closed the socket, or is gone.
    #[error("the other side closed the socket")]
    ByPeer,
    /// This side closed it.
    #[error("this side closed the socket")]
    Here,
    /// The connection broke, or what came over it is no WebSocket message, or one larger than allowed. The other side is
    /// at fault, or the network.
    #[error("the connection is broken")]
    Broken,
    /// The caller is no longer allowed to: closed with 1008.
    #[error("the caller is no longer allowed")]
    NotAllowed,
    /// Whether the caller is still allowed could not be found out in time: closed with 1013.
    #[error("whether the caller is still allowed could not be found out")]
    Undecided,
    /// The server stops: closed with 1001.
    #[error("the server stops")]
    Stopping,
}

impl Closed {
    /// Whether it is the watch that ended the socket.
    fn is_from_outside(self) -> bool {
        matches!(self, Self::NotAllowed | Self::Undecided | Self::Stopping)
    }

    /// What the other side is told (RFC 6455, section 7.4.1; 1013 is of IANA's registry).
    fn frame(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::ByPeer | Self::Broken => return None,
            Self::Here => (1000, ""),
            Self::NotAllowed => (1008, "no longer allowed"),
            Self::Undecided => (1013, "could not find out whether this is still allowed, try again later"),
            Self::Stopping => (1001, "the server stops"),
        };
        Some(CloseFrame { code, reason: reason.into() })
    }
}

/// An open socket.
///
/// Dropping it closes nothing; when the function it was given to returns, the socket is closed with 1000.
#[derive(Debug)]
pub struct Socket {
    sender: Sender,
    receiver: Receiver,
}

/// The half that sends.
#[derive(Debug)]
pub struct Sender(Arc<Line>);

/// The half that receives.
#[derive(Debug)]
pub struct Receiver(Arc<Line>);

impl Socket {
    /// The next message.
    ///
    /// # Errors
    ///
    /// [`Closed`], when there is none any more.
    pub async fn recv(&mut self) -> Result<Message, Closed> {
        self.receiver.recv().await
    }

    /// Sends a message, and waits until it is written.
    ///
    /// # Errors
    ///
    /// [`Closed`], when nothing can be sent any more.
    pub async fn send(&mut self, message: impl Into<Message>) -> Result<(), Closed> {
        self.sender.send(message).await
    }

    /// Closes the socket with a code (RFC 6455, section 7.4; an application's own are 4000 to 4999) and a reason of at most
    /// 123 bytes, of which the rest is left out. Waits for the other side, for two seconds.
    pub async fn close(self, code: u16, reason: &str) {
        self.sender.close(code, reason).await;
    }

    /// Both halves, to be used at the same time.
    pub fn split(self) -> (Sender, Receiver) {
        (self.sender, self.receiver)
    }
}

impl Sender {
    /// As [`Socket::send`].
    ///
    /// # Errors
    ///
    /// As [`Socket::send`].
    pub async fn send(&mut self, message: impl Into<Message>) -> Result<(), Closed> {
        let mut message = Some(message.into().into());
        let sending = poll_fn(|context| self.0.poll_send(context, &mut message));
        match self.0.cut.run_until_cancelled(sending).await {
            Some(Ok(())) => Ok(()),
            Some(Err(_)) => Err(self.0.broke(Closed::Broken)),
            None => Err(self.0.why()),
        }
    }

    /// As [`Socket::close`].
    pub async fn close(self, code: u16, reason: &str) {
        let reason = &reason[..reason.floor_char_boundary(LONGEST_REASON)];
        self.0.end(Closed::Here, Some(CloseFrame { code, reason: reason.into() })).await;
    }
}

impl Receiver {
    /// As [`Socket::recv`].
    ///
    /// # Errors
    ///
    /// As [`Socket::recv`].
    pub async fn recv(&mut self) -> Result<Message, Closed> {
        loop {
            let received = poll_fn(|context| self.0.poll_receive(context));
            match self.0.cut.run_until_cancelled(received).await {
                // The answer to a close frame is written while it is asked for more.
                Some(Some(Ok(message))) => match Message::of(message) {
                    Some(message) => return Ok(message),
                    None => continue,
                },
                Some(Some(Err(_))) => return Err(self.0.broke(Closed::Broken)),
                Some(None) => return Err(self.0.broke(Closed::ByPeer)),
                None => return Err(self.0.why()),
            }
        }
    }
}

/// Runs `work` over the socket until it returns, and cuts the line below it when `watch` says so.
pub(super) async fn serve<F, W>(socket: WebSocket, watch: Watch, work: F)
where
    F: FnOnce(Socket) -> W,
    W: Future<Output = ()>,
{
    let line = Arc::new(Line::over(socket));
    let given = Socket { sender: Sender(line.clone()), receiver: Receiver(line.clone()) };
    let mut watching = pin!(async {
        let why = watch.ended().await;
        line.end(why, why.frame()).await;
    });
    let mut working = pin!(async move { work(given).await });
    let mut working = CatchPanic(working.as_mut());
    let mut watched = false;
    let done = poll_fn(|context| {
        watched = watched || watching.as_mut().poll(context).is_ready();
        Pin::new(&mut working).poll(context)
    });
    let done = done.await;
    if let Err(panic) = &done {
        tracing::error!(cause = panic.cause(), "a socket's handler failed: {panic}");
        line.end(Closed::Here, Some(CloseFrame { code: 1011, reason: "".into() })).await;
    }
    line.end(Closed::Here, Closed::Here.frame()).await;
    if line.why().is_from_outside() && !watched {
        watching.await;
    }
}

/// The connection below both halves. It is taken away when the socket ends, whoever is just using it.
struct Line {
    socket: Mutex<Option<WebSocket>>,
    why: OnceLock<Closed>,
    /// Tells both halves that it is over, whatever they wait for.
    cut: CancellationToken,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("closed", &self.why.get()).finish_non_exhaustive()
    }
}

impl Line {
    fn over(socket: WebSocket) -> Self {
        Self { socket: Mutex::new(Some(socket)), why: OnceLock::new(), cut: CancellationToken::new() }
    }

    fn why(&self) -> Closed {
        self.why.get().copied().unwrap_or(Closed::Broken)
    }

    fn socket(&self) -> MutexGuard<'_, Option<WebSocket>> {
        self.socket.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll_receive(&self, context: &mut Context<'_>) -> Poll<Option<Result<ws::Message, axum::Error>>> {
        match &mut *self.socket() {
            Some(socket) => Pin::new(socket).poll_next(context),
            None => Poll::Ready(None),
        }
    }

    fn poll_send(
        &self,
        context: &mut Context<'_>,
        message: &mut Option<ws::Message>,
    ) -> Poll<Result<(), axum::Error>> {
        let mut socket = self.socket();
        let Some(socket) = &mut *socket else {
            return Poll::Ready(Err(axum::Error::new(self.why())));
        };
        let mut socket = Pin::new(socket);
        if message.is_some() {
            ready!(socket.as_mut().poll_ready(context))?;
        }
        if let Some(message) = message.take() {
            socket.as_mut().start_send(message)?;
        }
        socket.poll_flush(context)
    }

    /// It is over, without a goodbye.
    fn broke(&self, why: Closed) -> Closed {
        drop(self.take(why));
        self.why()
    }

    fn take(&self, why: Closed) -> Option<WebSocket> {
        let mut socket = self.socket();
        let taken = socket.take();
        if taken.is_some() {
            let _ = self.why.set(why);
        }
        drop(socket);
        self.cut.cancel();
        taken
    }

    /// Ends it for this reason, if it has not ended: tells the other side, and waits for its answer for a while.
    async fn end(&self, why: Closed, frame: Option<CloseFrame>) {
        let Some(mut socket) = self.take(why) else { return };
        let goodbye = async {
            if socket.send(ws::Message::Close(frame)).await.is_ok() {
                // What still comes is read and thrown away: closing over it would take the close frame with it.
                while let Some(Ok(_)) = socket.recv().await {}
            }
        };
        // One who does not answer is left.
        let _ = timeout(GOODBYE, goodbye).await;
    }
}
