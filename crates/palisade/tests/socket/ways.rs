//! Sockets are the same in both ways in which a router is served.

use palisade::prelude::*;

use crate::{
    app::App,
    client::{Server, ended},
};

async fn each_way(app: &App) -> [Server; 2] {
    Server::of_each_way(app.router().with_state(app.clone()).build().unwrap()).await
}

#[tokio::test(start_paused = true)]
async fn a_socket_opens_for_the_same_callers() {
    let app = App::default();
    let [by_axum, by_service] = each_way(&app).await;
    for path in
        ["/echo", "/admin", "/public", "/orgs/acme", "/orgs/globex", "/orgs/%61cme", "/orgs/%ff", "/nothing"]
    {
        for token in ["ada", "ben", "eve"] {
            let mut opened = Vec::new();
            for server in [&by_axum, &by_service] {
                opened.push(match server.open_as(token, path).await {
                    Ok(mut client) => {
                        client.send("hello").await;
                        Ok(client.text().await)
                    }
                    Err(refused) => Err(refused),
                });
            }
            assert_eq!(opened[0], opened[1], "{path} as {token}: axum's router first");
        }
    }
    assert!(by_service.open_as("ada", "/orgs/%61cme").await.is_ok());
    assert_eq!(by_service.open_as("ada", "/orgs/globex").await.unwrap_err().status, StatusCode::FORBIDDEN);
}

/// The rule is asked again of the path that the request had.
#[tokio::test(start_paused = true)]
async fn attack_a_revoked_token_keeps_a_socket_that_its_path_let_it_open() {
    let app = App::default();
    for server in each_way(&app).await {
        let mut client = server.open_as("ben", "/orgs/acme").await.unwrap();
        app.asked_again().await;
        client.send("still a member").await;
        assert_eq!(client.text().await, "still a member");
        app.revoke("ben");
        assert_eq!(client.end().await, ended(1008));
        app.demote("ben");
    }
}
