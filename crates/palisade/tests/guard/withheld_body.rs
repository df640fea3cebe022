//! A body that is held back: who sent the head is asked for again when it has come.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU16, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::body::{Body, Bytes};
use futures_util::stream;
use palisade::{
    Authority,
    clock::ManualClock,
    prelude::*,
    testing::{Client, Response},
};

use crate::support::Staff;

/// What the back end says of the only token there is; it can change while a body is awaited.
const EDITOR: u16 = 200;
const REVOKED: u16 = 401;
const DEMOTED: u16 = 403;
const UNKNOWN: u16 = 503;

#[derive(Clone)]
struct World {
    clock: Arc<ManualClock>,
    says: Arc<AtomicU16>,
    asked: Arc<AtomicUsize>,
    ran: Arc<AtomicUsize>,
}

#[derive(Clone)]
struct Caller(Authority);

impl Principal for Caller {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency(state = World)]
async fn caller(token: Bearer, State(world): State<World>) -> Result<Caller, Denied> {
    world.asked.fetch_add(1, Ordering::SeqCst);
    let role = match world.says.load(Ordering::SeqCst) {
        EDITOR => Staff::Editor,
        DEMOTED => Staff::User,
        UNKNOWN => return Err(Denied::undecided("the store does not answer")),
        _ => return Err(Denied::invalid_credentials()),
    };
    Ok(Caller(Authority::account(token.expose()).roles([role])))
}

async fn write(State(world): State<World>, body: Bytes) -> String {
    world.ran.fetch_add(1, Ordering::SeqCst);
    format!("{} bytes", body.len())
}

impl World {
    fn new() -> Self {
        Self {
            clock: ManualClock::at(1_000_000),
            says: Arc::new(AtomicU16::new(EDITOR)),
            asked: Arc::default(),
            ran: Arc::default(),
        }
    }

    /// Sends a body whose second half comes after `wait`, when the back end says `then`.
    async fn send(&self, path: &str, wait: Duration, then: u16) -> Response {
        let world = self.clone();
        let halves = stream::unfold(0, move |sent| {
            let world = world.clone();
            async move {
                if sent == 1 {
                    world.says.store(then, Ordering::SeqCst);
                    world.clock.advance(wait);
                }
                (sent < 2).then(|| (Ok::<_, Infallible>(Bytes::from_static(b"half")), sent + 1))
            }
        });
        self.post(path, Body::from_stream(halves)).await
    }

    async fn post(&self, path: &str, body: Body) -> Response {
        let router = Router::<World, Caller>::new()
            .clock(self.clock.clone())
            .route("/items", post(write).requires(role(Staff::Editor)))
            .route("/open", post(write).public("a test"));
        let router = router.with_state(self.clone()).into_axum().unwrap();
        Client::new(router).bearer("ada").post(path).body(body).send().await
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn ran(&self) -> usize {
        self.ran.load(Ordering::SeqCst)
    }
}

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_secs(1);

#[tokio::test]
async fn attack_a_body_that_is_withheld_until_its_caller_is_revoked() {
    for (then, challenge) in
        [(REVOKED, Some(r#"Bearer error="invalid_token""#)), (DEMOTED, None), (UNKNOWN, None)]
    {
        let world = World::new();
        let answer = world.send("/items", LONG, then).await;
        assert_eq!((answer.status.as_u16(), world.ran()), (then, 0));
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(answer.header("www-authenticate"), challenge, "{then}: as it would be told at first");
    }
}

#[tokio::test]
async fn a_slow_body_of_somebody_who_is_still_allowed_is_taken() {
    let world = World::new();
    let answer = world.send("/items", LONG, EDITOR).await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, "8 bytes"));
    assert_eq!((world.asked(), world.ran()), (2, 1));
}

#[tokio::test]
async fn nobody_is_asked_twice_for_a_body_that_comes_at_once() {
    let world = World::new();
    assert_eq!(world.send("/items", SHORT, EDITOR).await.status, 200);
    assert_eq!(world.post("/items", Body::from("whole")).await.status, 200);
    assert_eq!(world.post("/items", Body::empty()).await.status, 200);
    assert_eq!((world.asked(), world.ran()), (3, 3));
}

#[tokio::test]
async fn a_public_route_asks_nobody() {
    let world = World::new();
    let answer = world.send("/open", LONG, REVOKED).await;
    assert_eq!((answer.status.as_u16(), world.asked(), world.ran()), (200, 0, 1));
}
