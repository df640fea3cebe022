//! The handshake (RFC 6455, section 4).

use axum::{
    extract::{FromRequestParts, ws},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use tokio_util::task::task_tracker::TaskTrackerToken;
use tracing::Instrument;

use super::{Socket, connection::serve, watch::Watch};
use crate::{
    describe::{Describe, DescribeResponse, Description},
    exchange::Exchange,
    problem::Problem,
};

/// The largest message that is received unless the handler says otherwise, in bytes.
const LARGEST_RECEIVED: usize = 64 * 1024;

/// The largest message that can be sent, in bytes: all that may wait for a client that does not read.
const LARGEST_SENT: usize = 1024 * 1024;

/// What a connection's buffer for reading holds, in bytes: there is one for each socket.
const READ_BUFFER: usize = 8 * 1024;

/// A request to speak WebSocket over this connection, as an argument of a `GET` handler.
///
/// Refused before the handler runs: with 426 for a request that does not ask to upgrade, or to another version than 13;
/// with 400 for one whose key is malformed. Whoever the route does not allow was refused before that.
///
/// A message received is at most 64 KiB unless [`largest_message`](Self::largest_message) says otherwise; one sent is at
/// most 1 MiB. How long the socket lives, and what ends it: see the [module](super).
#[derive(Debug)]
#[must_use = "answer with what `on_upgrade` gives"]
pub struct WebSocketUpgrade {
    upgrade: ws::WebSocketUpgrade,
    watch: Watch,
    largest: usize,
    waited_for: TaskTrackerToken,
}

impl WebSocketUpgrade {
    /// Receives messages of at most `bytes`, in one frame or in several. A larger one ends the socket.
    pub fn largest_message(mut self, bytes: usize) -> Self {
        self.largest = bytes;
        self
    }

    /// Offers these protocols, the preferred first. The first that the client asked for is agreed upon
    /// (`Sec-WebSocket-Protocol`).
    pub fn protocols(mut self, protocols: impl IntoIterator<Item = &'static str>) -> Self {
        self.upgrade = self.upgrade.protocols(protocols);
        self
    }

    /// The protocol that was agreed upon.
    pub fn protocol(&self) -> Option<&str> {
        self.upgrade.selected_protocol()?.to_str().ok()
    }

    /// The answer that opens the socket. `work` gets it, in a task of its own, and a shutdown waits for that task; it is
    /// not cut short when the socket ends, but sees that it did. The request's clean-ups run with the handshake, unless a
    /// [hold](crate::Cleanup::hold) is moved into `work`.
    pub fn on_upgrade<F, W>(self, work: F) -> Upgraded
    where
        F: FnOnce(Socket) -> W + Send + 'static,
        W: Future<Output = ()> + Send + 'static,
    {
        let Self { upgrade, watch, largest, waited_for } = self;
        let upgrade = upgrade
            .max_message_size(largest)
            .max_frame_size(largest)
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(LARGEST_SENT);
        let span = tracing::Span::current();
        let served = move |socket| {
            let serving = async move {
                let _waited_for = waited_for;
                serve(socket, watch, work).await;
            };
            serving.instrument(span)
        };
        Upgraded(upgrade.on_upgrade(served))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for WebSocketUpgrade {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Problem> {
        asked_for(&head.headers)?;
        let watch = Watch::of(head);
        let waited_for = Exchange::of(head).tasks().token();
        match ws::WebSocketUpgrade::from_request_parts(head, state).await {
            Ok(upgrade) => Ok(Self { upgrade, watch, largest: LARGEST_RECEIVED, waited_for }),
            Err(rejection) => Err(Problem::from_rejection(rejection)),
        }
    }
}

/// Whether the handshake is whole (RFC 6455, section 4.2.1).
fn asked_for(headers: &HeaderMap) -> Result<(), Problem> {
    if !lists(headers, &header::CONNECTION, "upgrade") || !lists(headers, &header::UPGRADE, "websocket") {
        return Err(upgrade_required("This is a WebSocket: ask to upgrade the connection to one"));
    }
    if only(headers, &header::SEC_WEBSOCKET_VERSION) != Some("13") {
        let problem = upgrade_required("This WebSocket speaks version 13 of the protocol");
        return Err(problem.header(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")));
    }
    let key = only(headers, &header::SEC_WEBSOCKET_KEY).and_then(|key| STANDARD.decode(key).ok());
    if key.is_none_or(|key| key.len() != 16) {
        let detail = "`Sec-WebSocket-Key` must be given once, as 16 bytes in base64";
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    Ok(())
}

/// 426, which must name the protocol (RFC 9110, section 15.5.22).
fn upgrade_required(detail: &'static str) -> Problem {
    Problem::new(StatusCode::UPGRADE_REQUIRED, detail)
        .header(header::UPGRADE, HeaderValue::from_static("websocket"))
        .header(header::CONNECTION, HeaderValue::from_static("upgrade"))
}

fn lists(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(wanted))
}

fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())?.to_str().ok()
}

impl<S> Describe<S> for WebSocketUpgrade {
    fn describe(description: &mut Description<'_>) {
        description.rechecked = true;
        description.refusal(StatusCode::BAD_REQUEST, "The handshake is malformed");
        description.refusal(StatusCode::UPGRADE_REQUIRED, "The request does not ask for a WebSocket");
    }
}

/// The answer that opens a socket: 101, and the other half of the handshake.
#[derive(Debug)]
pub struct Upgraded(Response);

impl IntoResponse for Upgraded {
    fn into_response(self) -> Response {
        self.0
    }
}

impl DescribeResponse for Upgraded {
    fn describe_response(description: &mut Description<'_>) {
        let words = "From here on the connection speaks WebSocket (RFC 6455)";
        description.answers_with(StatusCode::SWITCHING_PROTOCOLS, words, None);
    }
}
