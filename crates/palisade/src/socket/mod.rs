//! WebSockets (RFC 6455), and other answers that go on for long: guarded not only when they begin.
//!
//! A handler that takes [`WebSocketUpgrade`] runs when the guard of its route has let the caller through; whoever is
//! refused gets an ordinary answer (401, 403), and no socket. From then on the route's requirement is asked again, with the
//! credential of the handshake, every five seconds unless [`Router::recheck_sockets`](crate::Router::recheck_sockets) says
//! otherwise. When it no longer holds, because the token expired or was revoked, the session ended or a role was taken
//! away, the socket is closed with 1008, both directions, whatever the handler is doing. [`WhileAllowed`] does the same for
//! event streams and long bodies.
//!
//! **Where the promise ends.** What is asked again is the router's principal and the route's requirement, not the
//! handler's own arguments. The sockets of public routes, of foreign routers mounted below a path, and of plain axum
//! routers are not asked again.
//!
//! ```
//! use palisade::{
//!     prelude::*,
//!     socket::{Socket, Upgraded, WebSocketUpgrade},
//! };
//!
//! async fn echo(upgrade: WebSocketUpgrade) -> Upgraded {
//!     upgrade.on_upgrade(async |mut socket: Socket| {
//!         while let Ok(message) = socket.recv().await {
//!             if socket.send(message).await.is_err() {
//!                 break;
//!             }
//!         }
//!     })
//! }
//!
//! # fn api<P: Principal + axum::extract::FromRequestParts<()> + Describe<()>>() -> Router<(), P> {
//! Router::new().route("/echo", get(echo).requires(signed_in()))
//! # }
//! ```

mod connection;
mod message;
mod upgrade;
mod watch;
mod while_allowed;

pub use axum::extract::ws::Utf8Bytes;

pub(crate) use self::watch::Recheck;
pub use self::{
    connection::{Closed, Receiver, Sender, Socket},
    message::Message,
    upgrade::{Upgraded, WebSocketUpgrade},
    watch::Rechecking,
    while_allowed::WhileAllowed,
};
