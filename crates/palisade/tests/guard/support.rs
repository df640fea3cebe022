//! A principal whose token says in clear what it may do, and routes that count how often their handler ran.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use palisade::{
    Authority,
    clock::{ManualClock, Timestamp},
    credential::{BearerToken, FromCredential},
    prelude::*,
    testing::Client,
};

pub(crate) const NOW: i64 = 1_700_000_000;

/// `Admin` includes `Editor`, which includes `User`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
pub(crate) enum Staff {
    User,
    #[role(includes(User))]
    Editor,
    #[role(includes(Editor))]
    Admin,
}

/// What a token says: `account~a.b~admin~60` is an account with the scopes `a` and `b`, an admin, signed in 60 s ago.
#[derive(Debug)]
pub(crate) struct Badge(Authority);

impl<S: Sync> FromCredential<BearerToken, S> for Badge {
    async fn verify(token: BearerToken, _: &Parts, _: &S) -> Result<Arc<Self>, Denied> {
        let mut parts = token.expose().split('~');
        let authority = match parts.next() {
            Some("account") => Authority::account("a"),
            Some("delegated") => Authority::delegated("a"),
            Some("client") => Authority::client("c"),
            Some("unknown") => return Err(Denied::undecided("the store does not answer")),
            _ => return Err(Denied::invalid_credentials()),
        };
        let scopes = parts.next().unwrap_or_default().replace('.', " ");
        let role = match parts.next() {
            Some("user") => Some(Staff::User),
            Some("editor") => Some(Staff::Editor),
            Some("admin") => Some(Staff::Admin),
            _ => None,
        };
        let authority = authority.scopes(scopes.trim().parse().unwrap_or_default()).roles(role);
        let age = parts.next().and_then(|age| age.parse::<i64>().ok());
        Ok(Arc::new(Self(match age {
            Some(age) => authority.authenticated_at(Timestamp::from_unix(NOW - age)),
            None => authority,
        })))
    }
}

/// The password flow of the API under test.
#[derive(Debug)]
pub(crate) struct Flow;

impl PasswordFlow for Flow {
    const TOKEN_URL: &'static str = "token";
    const SCOPES: &'static [(&'static str, &'static str)] = &[("a", "A"), ("b", "B"), ("c", "C")];
}

/// Who is calling.
#[derive(Clone, Debug)]
pub(crate) struct Caller(pub(crate) Authority);

impl Principal for Caller {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
async fn caller(token: OAuth2PasswordBearer<Flow, Badge>) -> Result<Caller, Denied> {
    Ok(Caller(token.0.0.clone()))
}

/// How often handlers ran.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ran(Arc<AtomicUsize>);

impl Ran {
    pub(crate) fn count(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn times(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// The state of the apps under test.
#[derive(Clone, Debug, Default)]
pub(crate) struct App {
    pub(crate) ran: Ran,
}

impl FromRef<App> for Ran {
    fn from_ref(app: &App) -> Self {
        app.ran.clone()
    }
}

pub(crate) type Api = Router<App, Caller>;

/// A handler that counts.
pub(crate) async fn done(State(ran): State<Ran>) -> &'static str {
    ran.count();
    "done"
}

/// A client of `api`, and how often its handlers ran.
pub(crate) fn serve(api: Api) -> (Client, Ran) {
    let app = App::default();
    let ran = app.ran.clone();
    let router = api.clock(ManualClock::at(NOW)).with_state(app).into_axum();
    (Client::new(router.expect("the router is right")), ran)
}

/// What is wrong with `api`.
pub(crate) fn faults(api: Api) -> Vec<String> {
    match api.with_state(App::default()).into_axum() {
        Ok(_) => Vec::new(),
        Err(errors) => errors.faults().to_vec(),
    }
}

/// Asserts that `api` does not start, for a reason that says `words`.
pub(crate) fn refuses_to_start(api: Api, words: &str) {
    let faults = faults(api);
    assert!(faults.iter().any(|fault| fault.contains(words)), "{words:?} in {faults:#?}");
}

/// The status of `GET /` guarded by `requirement`, for the bearer of `token`; checks that a refused handler did not run.
pub(crate) async fn status(requirement: Requirement, token: &str) -> u16 {
    let (client, ran) = serve(Api::new().route("/", get(done).requires(requirement)));
    let answer = client.bearer(token).get("/").send().await;
    assert_eq!(ran.times(), usize::from(answer.status == 200), "a refused handler does not run");
    answer.status.as_u16()
}

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
