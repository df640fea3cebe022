//! An open socket ends when its caller is no longer allowed, whatever its handler is doing.

use std::time::Duration;

use palisade::{
    prelude::*,
    socket::{Socket, Upgraded, WebSocketUpgrade},
};

use crate::{
    app::{App, Health},
    client::ended,
};

#[tokio::test(start_paused = true)]
async fn it_stays_open_while_its_caller_is_allowed() {
    let app = App::default();
    let server = app.serve().await;
    let mut client = server.open_as("ada", "/admin").await.unwrap();
    app.said("asked again", 5).await;
    client.send("still here").await;
    assert_eq!(client.text().await, "still here");
    assert_eq!((app.count("asked"), app.count("the handler ran")), (1, 1));
    assert_eq!(app.count("asked again: Success"), app.count("asked again"), "each with its clean-ups");
}

#[tokio::test(start_paused = true)]
async fn attack_a_revoked_token_keeps_its_socket() {
    let app = App::default();
    let server = app.serve().await;
    let mut client = server.open_as("ada", "/echo").await.unwrap();
    app.revoke("ada");
    assert_eq!(client.end().await, ended(1008));
    app.said("ended: Some(NotAllowed)", 1).await;
}

#[tokio::test(start_paused = true)]
async fn attack_somebody_demoted_keeps_an_admins_socket() {
    let app = App::default();
    let server = app.serve().await;
    let mut admin = server.open_as("ada", "/admin").await.unwrap();
    let mut user = server.open_as("ada", "/echo").await.unwrap();
    app.demote("ada");
    assert_eq!(admin.end().await, ended(1008));
    app.asked_again().await;
    user.send("still a user").await;
    assert_eq!(user.text().await, "still a user");
}

#[tokio::test(start_paused = true)]
async fn attack_a_sign_in_grows_old_behind_an_open_socket() {
    let app = App::default();
    let server = app.serve().await;
    let mut client = server.open_as("ada", "/recent").await.unwrap();
    app.clock.advance(Duration::from_secs(600));
    app.said("asked again", 2).await;
    client.send("recent").await;
    assert_eq!(client.text().await, "recent");
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(client.end().await, ended(1008));
}

/// Never looks at its socket again once it has sent the first message.
async fn ignores(upgrade: WebSocketUpgrade, State(app): State<App>) -> Upgraded {
    upgrade.on_upgrade(async move |mut socket: Socket| {
        socket.send("open").await.unwrap();
        app.said("closed", 1).await;
        app.say(format!("sending: {:?}", socket.send("a secret").await));
        app.say(format!("receiving: {:?}", socket.recv().await));
    })
}

#[tokio::test(start_paused = true)]
async fn attack_a_handler_that_looks_away_keeps_the_socket_open() {
    let app = App::default();
    let server = app.serve_this(app.router().route("/ignores", get(ignores).requires(signed_in()))).await;
    let mut client = server.open_as("ada", "/ignores").await.unwrap();
    assert_eq!(client.text().await, "open");
    client.send("never read").await;
    app.revoke("ada");
    assert_eq!(client.end().await, ended(1008));
    app.say("closed");
    app.said("sending: Err(NotAllowed)", 1).await;
    app.said("receiving: Err(NotAllowed)", 1).await;
}

/// Sends more than any buffer holds to a client that does not read.
async fn floods(upgrade: WebSocketUpgrade, State(app): State<App>) -> Upgraded {
    upgrade.on_upgrade(async move |mut socket: Socket| {
        let why = loop {
            if let Err(why) = socket.send(vec![0; 512 * 1024]).await {
                break why;
            }
        };
        app.say(format!("ended: {why:?}"));
    })
}

#[tokio::test(start_paused = true)]
async fn attack_a_client_that_does_not_read_keeps_the_socket_open() {
    let app = App::default();
    let server = app.serve_this(app.router().route("/floods", get(floods).requires(signed_in()))).await;
    let client = server.open_as("ada", "/floods").await.unwrap();
    app.asked_again().await;
    app.revoke("ada");
    app.said("ended: NotAllowed", 1).await;
    // Nor does it keep the server from stopping: it is left after its time for a goodbye.
    server.tasks.finished().await;
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn a_back_end_that_is_away_for_a_moment_ends_nothing() {
    let app = App::default();
    let server = app.serve().await;
    let mut client = server.open_as("ada", "/echo").await.unwrap();
    app.is(Health::Down);
    app.said("asked again: Failure", 2).await;
    app.is(Health::Well);
    app.said("asked again: Success", 2).await;
    client.send("still here").await;
    assert_eq!(client.text().await, "still here");
}

#[tokio::test(start_paused = true)]
async fn when_nobody_can_say_for_long_it_is_closed() {
    for health in [Health::Down, Health::Hanging, Health::Panicking] {
        let app = App::default();
        let server = app.serve().await;
        let mut client = server.open_as("ada", "/echo").await.unwrap();
        let opened = tokio::time::Instant::now();
        app.is(health);
        assert_eq!(client.end().await, ended(1013), "{health:?}");
        assert!(opened.elapsed() <= Duration::from_secs(12), "twice the interval, and a goodbye: {health:?}");
        app.said("ended: Some(Undecided)", 1).await;
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_of_a_public_socket() {
    let app = App::default();
    let server = app.serve().await;
    let mut public = server.open("/public", &[]).await.unwrap();
    let _guarded = server.open_as("ada", "/echo").await.unwrap();
    app.said("asked again", 3).await;
    public.send("open to all").await;
    assert_eq!(public.text().await, "open to all");
    assert_eq!(app.count("asked"), 1, "of the guarded one, at its handshake");
}
