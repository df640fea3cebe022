//! Sockets, clean-ups and shutdown: what ends with the handshake, and what with the socket.

use palisade::{
    prelude::*,
    socket::{Socket, Upgraded, WebSocketUpgrade},
};

use crate::{app::App, client::ended};

fn noting(app: &App, cleanup: &Cleanup) {
    let (before, after) = (app.clone(), app.clone());
    cleanup.defer(move |outcome| async move {
        before.say(format!("first kind: {outcome:?}"));
        Ok(())
    });
    cleanup.after_body(move |outcome, end| async move {
        after.say(format!("second kind: {outcome:?}, {end:?}"));
        Ok(())
    });
}

async fn with_the_handshake(upgrade: WebSocketUpgrade, State(app): State<App>, cleanup: Cleanup) -> Upgraded {
    noting(&app, &cleanup);
    upgrade.on_upgrade(async move |mut socket: Socket| {
        while socket.recv().await.is_ok() {}
        app.say("the socket is over");
    })
}

/// Panics when it is told anything.
async fn with_the_socket(upgrade: WebSocketUpgrade, State(app): State<App>, cleanup: Cleanup) -> Upgraded {
    noting(&app, &cleanup);
    let hold = cleanup.hold();
    upgrade.on_upgrade(async move |mut socket: Socket| {
        let _hold = hold;
        assert!(socket.recv().await.is_err(), "told something");
        app.say("the socket is over");
    })
}

async fn serve(app: &App) -> crate::client::Server {
    let router = app.router().route("/handshake", get(with_the_handshake).public("a test"));
    app.serve_this(router.route("/socket", get(with_the_socket).public("a test"))).await
}

#[tokio::test(start_paused = true)]
async fn clean_ups_run_with_the_handshake() {
    let app = App::default();
    let server = serve(&app).await;
    let client = server.open("/handshake", &[]).await.unwrap();
    app.said("first kind: Success", 1).await;
    app.said("second kind: Success, Complete", 1).await;
    assert_eq!(app.count("the socket is over"), 0);
    drop(client);
    app.said("the socket is over", 1).await;
}

#[tokio::test(start_paused = true)]
async fn held_they_run_with_the_sockets_end() {
    let app = App::default();
    let server = serve(&app).await;
    let client = server.open("/socket", &[]).await.unwrap();
    assert_eq!(app.count("first kind: Success"), 0);
    drop(client);
    app.said("second kind: Success, Complete", 1).await;
    assert_eq!((app.count("first kind: Success"), app.count("the socket is over")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn held_by_a_socket_whose_handler_panics_they_learn_of_it() {
    let app = App::default();
    let server = serve(&app).await;
    let mut client = server.open("/socket", &[]).await.unwrap();
    client.send("anything").await;
    assert_eq!(client.end().await, ended(1011));
    app.said("second kind: Panic, Complete", 1).await;
    assert_eq!(app.count("first kind: Panic"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_closes_sockets_and_waits_for_their_handlers_and_clean_ups() {
    let app = App::default();
    let server = serve(&app).await;
    let mut clients = Vec::new();
    for path in ["/public", "/handshake", "/socket"] {
        clients.push(server.open(path, &[]).await.unwrap());
    }
    clients.push(server.open_as("ada", "/echo").await.unwrap());
    let stopping = tokio::spawn(async move { server.tasks.finished().await });
    for client in &mut clients {
        assert_eq!(client.end().await, ended(1001));
    }
    stopping.await.unwrap();
    assert_eq!(app.count("ended: Some(Stopping)"), 2);
    assert_eq!(app.count("the socket is over"), 2);
    assert_eq!(app.count("second kind: Success, Complete"), 2);
}
