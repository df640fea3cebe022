//! The tests' app: a table of who holds which token, that can be changed while sockets are open.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::Extension;
use palisade::{
    Membership, Rechecking,
    clock::{ManualClock, Timestamp},
    prelude::*,
    socket::{Closed, Socket, Upgraded, WebSocketUpgrade},
};
use tokio::sync::watch;

use crate::client::Server;

#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
pub(crate) enum Staff {
    User,
    #[role(includes(User))]
    Admin,
}

/// What the back end says when it is asked who somebody is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Health {
    #[default]
    Well,
    Down,
    Hanging,
    Panicking,
}

#[derive(Clone)]
pub(crate) struct App {
    holders: Arc<Mutex<BTreeMap<String, Staff>>>,
    health: Arc<Mutex<Health>>,
    pub(crate) clock: Arc<ManualClock>,
    log: Arc<watch::Sender<Vec<String>>>,
}

impl Default for App {
    fn default() -> Self {
        let holders = BTreeMap::from([("ada".to_owned(), Staff::Admin), ("ben".to_owned(), Staff::User)]);
        Self {
            holders: Arc::new(Mutex::new(holders)),
            health: Arc::default(),
            clock: ManualClock::at(1_000_000),
            log: Arc::new(watch::Sender::new(Vec::new())),
        }
    }
}

impl App {
    pub(crate) fn say(&self, what: impl Into<String>) {
        self.log.send_modify(|log| log.push(what.into()));
    }

    pub(crate) fn count(&self, what: &str) -> usize {
        self.log.borrow().iter().filter(|said| *said == what).count()
    }

    /// Waits until `what` was said `times` times.
    pub(crate) async fn said(&self, what: &str, times: usize) {
        let mut log = self.log.subscribe();
        log.wait_for(|log| log.iter().filter(|said| *said == what).count() >= times).await.unwrap();
    }

    /// Waits until it was asked once more, from now on, whether a caller is still allowed.
    pub(crate) async fn asked_again(&self) {
        self.said("asked again", self.count("asked again") + 1).await;
    }

    pub(crate) fn revoke(&self, token: &str) {
        self.holders.lock().unwrap().remove(token);
    }

    pub(crate) fn demote(&self, token: &str) {
        self.holders.lock().unwrap().insert(token.to_owned(), Staff::User);
    }

    pub(crate) fn is(&self, health: Health) {
        *self.health.lock().unwrap() = health;
    }

    pub(crate) fn router(&self) -> Router<App, Caller> {
        Router::<App, Caller>::new()
            .recheck_sockets(Duration::from_secs(5))
            .clock(self.clock.clone())
            .route("/echo", get(echo).requires(signed_in()))
            .route("/admin", get(echo).requires(role(Staff::Admin)))
            .route("/recent", get(echo).requires(recent(Duration::from_secs(600))))
            .route("/orgs/{org}", get(echo).requires(tenant("org")))
            .route("/public", get(echo).public("a test"))
    }

    pub(crate) async fn serve(&self) -> Server {
        self.serve_this(self.router()).await
    }

    pub(crate) async fn serve_this(&self, router: Router<App, Caller>) -> Server {
        Server::of(router.with_state(self.clone()).build().unwrap()).await
    }
}

/// Sends back what it receives, and notes why it ended. `bye` ends it, `panic` panics.
pub(crate) async fn echo(upgrade: WebSocketUpgrade, State(app): State<App>) -> Upgraded {
    app.say("the handler ran");
    upgrade.on_upgrade(async move |mut socket: Socket| {
        let why = echoing(&mut socket).await;
        app.say(format!("ended: {why:?}"));
    })
}

async fn echoing(socket: &mut Socket) -> Option<Closed> {
    loop {
        let message = match socket.recv().await {
            Ok(message) => message,
            Err(closed) => return Some(closed),
        };
        match message.as_text() {
            Some("bye") => return None,
            Some("panic") => panic!("in a socket's handler"),
            _ => {}
        }
        if let Err(closed) = socket.send(message).await {
            return Some(closed);
        }
    }
}

/// Whoever holds a token that is in the table.
#[derive(Clone, Debug)]
pub(crate) struct Caller(Authority);

impl Principal for Caller {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency(state = App)]
async fn caller(
    token: Bearer,
    again: Option<Extension<Rechecking>>,
    State(app): State<App>,
    cleanup: Cleanup,
) -> Result<Caller, Denied> {
    let asked = if again.is_some() { "asked again" } else { "asked" };
    let noted = app.clone();
    cleanup.defer(move |outcome| async move {
        noted.say(asked);
        noted.say(format!("{asked}: {outcome:?}"));
        Ok(())
    });
    let health = *app.health.lock().unwrap();
    match health {
        Health::Well => {}
        Health::Down => return Err(Denied::undecided("the table is away")),
        Health::Hanging => std::future::pending().await,
        Health::Panicking => panic!("in a dependency"),
    }
    let staff = app.holders.lock().unwrap().get(token.expose()).copied();
    let staff = staff.ok_or(Denied::invalid_credentials())?;
    let acme = [("acme".to_owned(), Membership::new())].into_iter().collect();
    let authority = Authority::account(token.expose()).roles([staff]).tenants(acme);
    Ok(Caller(authority.authenticated_at(Timestamp::from_unix(1_000_000))))
}
