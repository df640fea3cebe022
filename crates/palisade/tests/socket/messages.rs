//! What goes over an open socket, how much of it, and how it is closed by either side.

use palisade::{
    prelude::*,
    socket::{Message, Socket, Upgraded, WebSocketUpgrade},
};
use tokio_tungstenite::tungstenite::Message as Sent;

use crate::{
    app::App,
    client::{Client, Server, ended},
};

async fn opened() -> (App, Client, Server) {
    let app = App::default();
    let server = app.serve().await;
    let client = server.open_as("ada", "/echo").await.unwrap();
    (app, client, server)
}

#[tokio::test(start_paused = true)]
async fn text_and_bytes_come_back_and_pings_are_answered_unseen() {
    let (app, mut client, _server) = opened().await;
    assert_eq!(app.count("the handler ran"), 1);
    client.send("hello").await;
    assert_eq!(client.text().await, "hello");
    client.send(Sent::Ping(vec![1].into())).await;
    client.send(Sent::Binary(vec![7; 3].into())).await;
    assert_eq!(client.next().await, Sent::Pong(vec![1].into()));
    assert_eq!(client.next().await, Sent::Binary(vec![7; 3].into()));
}

#[tokio::test(start_paused = true)]
async fn either_side_closes_it() {
    let (_app, mut client, _server) = opened().await;
    client.send("bye").await;
    assert_eq!(client.end().await, ended(1000), "the handler returned");

    let (app, mut client, _server) = opened().await;
    client.send(Sent::Close(None)).await;
    assert_eq!(client.end().await, ended(1005));
    app.said("ended: Some(ByPeer)", 1).await;

    let (app, client, _server) = opened().await;
    drop(client);
    app.said("ended: Some(Broken)", 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_closes_it_with_1011() {
    let (_app, mut client, _server) = opened().await;
    client.send("panic").await;
    assert_eq!(client.end().await, ended(1011));
}

#[tokio::test(start_paused = true)]
async fn a_message_larger_than_64_kib_ends_it() {
    let (_app, mut client, _server) = opened().await;
    let largest = "x".repeat(64 * 1024);
    client.send(largest.as_str()).await;
    assert_eq!(client.text().await, largest);

    let (app, mut client, _server) = opened().await;
    client.send("x".repeat(64 * 1024 + 1)).await;
    assert_eq!(client.end().await, None);
    app.said("ended: Some(Broken)", 1).await;

    let (app, mut client, _server) = opened().await;
    client.send_frames(["x".repeat(40 * 1024), "x".repeat(40 * 1024)]).await;
    assert_eq!(client.end().await, None, "also in several frames");
    app.said("ended: Some(Broken)", 1).await;
}

/// Counts the bytes of a message of up to a million, speaks `v2.count` or `v1.count`, and closes in its own words.
async fn counts(upgrade: WebSocketUpgrade, State(app): State<App>) -> Upgraded {
    let upgrade = upgrade.protocols(["v2.count", "v1.count"]).largest_message(1_000_000);
    let protocol = upgrade.protocol().map(str::to_owned);
    upgrade.on_upgrade(async move |socket: Socket| {
        let (mut sender, mut receiver) = socket.split();
        let sending = tokio::spawn(async move {
            sender.send(format!("{protocol:?}")).await.unwrap();
            sender
        });
        let Ok(Message::Binary(bytes)) = receiver.recv().await else { return };
        let mut sender = sending.await.unwrap();
        sender.send(bytes.len().to_string()).await.unwrap();
        sender.close(4000, &"é".repeat(100)).await;
        app.say(format!("{:?}", receiver.recv().await));
    })
}

#[tokio::test(start_paused = true)]
async fn a_handler_sets_its_own_limit_agrees_on_a_protocol_uses_both_halves_and_closes_in_its_own_words() {
    let app = App::default();
    let server = app.serve_this(app.router().route("/counts", get(counts).public("a test"))).await;
    let offered = [("sec-websocket-protocol", "v1.count, v2.count")];
    let mut client = server.open("/counts", &offered).await.unwrap();
    assert_eq!(client.protocol.as_deref(), Some("v2.count"));
    assert_eq!(client.text().await, "Some(\"v2.count\")");
    client.send(vec![0; 1_000_000]).await;
    assert_eq!(client.text().await, "1000000");
    assert_eq!(client.end().await, Some((4000, "é".repeat(61))), "cut where a character ends");
    app.said("Err(Here)", 1).await;
}
