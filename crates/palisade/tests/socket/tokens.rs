//! Signed access tokens: the socket ends when the token does, by its own clock or by being revoked.

use std::{sync::Arc, time::Duration};

use palisade::{
    clock::{Clock, ManualClock},
    prelude::*,
    random::SeededRandom,
    socket::{Socket, Upgraded, WebSocketUpgrade},
    token::{AccessTokenClaims, Issuer, Revocations, SigningKey, Verifier},
};

use crate::client::{Client, Server, ended};

#[derive(Clone)]
struct Holder(Authority);

impl Principal for Holder {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency(state = Arc<Verifier>)]
async fn holder(token: Bearer<AccessToken>) -> Holder {
    Holder(Authority::account(token.subject()).scopes(token.scopes().clone()))
}

async fn echo(upgrade: WebSocketUpgrade) -> Upgraded {
    upgrade.on_upgrade(async |mut socket: Socket| {
        while let Ok(message) = socket.recv().await {
            if socket.send(message).await.is_err() {
                break;
            }
        }
    })
}

/// A socket opened with a token for five minutes.
struct Opened {
    clock: Arc<ManualClock>,
    revocations: Arc<Revocations>,
    client: Client,
    _server: Server,
}

async fn opened() -> Opened {
    let clock = ManualClock::at(1_700_000_000);
    let random = SeededRandom::shared(1);
    let key = SigningKey::generate(&*random).unwrap();
    let revocations = Revocations::with_capacity(8, clock.clone());
    let verifier = Verifier::access_tokens("https://op.test", "https://api.test")
        .keys(key.key_set())
        .clock(clock.clone())
        .revocations(revocations.clone());
    let router = Router::<Arc<Verifier>, Holder>::new()
        .clock(clock.clone())
        .route("/echo", get(echo).requires(scope("chat")))
        .with_state(Arc::new(verifier.build()));
    let server = Server::of(router.build().unwrap()).await;

    let issuer = Issuer::new("https://op.test", key, clock.clone(), random);
    let scopes = "chat".parse().unwrap();
    let id = Some("token-1".to_owned());
    let claims = AccessTokenClaims::new("ada", "https://api.test", "client-1");
    let token = issuer.issue(&AccessTokenClaims { id, scopes, ..claims }).unwrap();
    let client = server.open_as(token.expose(), "/echo").await.unwrap();
    Opened { clock, revocations, client, _server: server }
}

/// Lets several intervals pass, and sees the socket work.
async fn works(client: &mut Client) {
    tokio::time::sleep(Duration::from_secs(20)).await;
    client.send("hello").await;
    assert_eq!(client.text().await, "hello");
}

#[tokio::test(start_paused = true)]
async fn attack_an_expired_token_keeps_its_socket() {
    let mut opened = opened().await;
    opened.clock.advance(Duration::from_secs(299));
    works(&mut opened.client).await;
    // A minute of leeway for clocks that differ, as at the door.
    opened.clock.advance(Duration::from_secs(62));
    assert_eq!(opened.client.end().await, ended(1008));
}

#[tokio::test(start_paused = true)]
async fn attack_a_token_revoked_by_its_name_keeps_its_socket() {
    let mut opened = opened().await;
    works(&mut opened.client).await;
    opened.revocations.revoke("token-1", opened.clock.now().after(Duration::from_secs(300))).unwrap();
    assert_eq!(opened.client.end().await, ended(1008));
}
