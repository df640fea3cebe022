//! What is sent over a socket. Pings, pongs and the closing handshake are the protocol's own and never seen.

use axum::{
    body::Bytes,
    extract::ws::{self, Utf8Bytes},
};

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Text.
    Text(Utf8Bytes),
    /// Bytes.
    Binary(Bytes),
}

impl Message {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) => None,
        }
    }

    /// The message, if it is one of the application's.
    pub(super) fn of(message: ws::Message) -> Option<Self> {
        match message {
            ws::Message::Text(text) => Some(Self::Text(text)),
            ws::Message::Binary(bytes) => Some(Self::Binary(bytes)),
            ws::Message::Ping(_) | ws::Message::Pong(_) | ws::Message::Close(_) => None,
        }
    }
}

impl From<Message> for ws::Message {
    fn from(message: Message) -> Self {
        match message {
            Message::Text(text) => Self::Text(text),
            Message::Binary(bytes) => Self::Binary(bytes),
        }
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Self {
        Self::Binary(bytes)
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes.into())
    }
}
