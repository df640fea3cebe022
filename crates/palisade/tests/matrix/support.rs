//! An app with all kinds of leaves, and its tokens.

use std::{sync::Arc, time::Duration};

use palisade::{
    clock::ManualClock,
    prelude::*,
    requirement::{TimeWindow, address, header, hours},
    router::Built,
    testing::{Failure, IssuedTokens, Matrix, Report, SeededRandom, Served, Wanted},
    token::{Issuer, SigningKey, Verifier},
};

pub(crate) const NOW: i64 = 1_700_000_000;
const ISSUER: &str = "https://issuer.example";
pub(crate) const AUDIENCE: &str = "https://api.example";

/// `Admin` includes `Editor`, which includes `User`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
pub(crate) enum Staff {
    User,
    #[role(includes(User))]
    Editor,
    #[role(includes(Editor))]
    Admin,
}

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

/// How the app treats delegated tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delegation {
    Heeded,
    /// They are taken for their account.
    Forgotten,
}

#[derive(Clone, Debug)]
pub(crate) struct App {
    verifier: Arc<Verifier>,
    delegation: Delegation,
}

impl FromRef<App> for Arc<Verifier> {
    fn from_ref(app: &App) -> Self {
        app.verifier.clone()
    }
}

/// A token's subject is the roles of its account: `user+editor`.
#[dependency(state = App)]
async fn caller(token: OAuth2PasswordBearer<Flow, AccessToken>, State(app): State<App>) -> Caller {
    let id = token.subject();
    let authority = if token.is_undelegated() || app.delegation == Delegation::Forgotten {
        Authority::account(id)
    } else {
        Authority::delegated(id)
    };
    let roles = Staff::ALL.iter().copied().filter(|role| id.split('+').any(|name| name == role.name()));
    let authority = authority.scopes(token.scopes().clone()).roles(roles);
    Caller(match token.authenticated_at() {
        Some(at) => authority.authenticated_at(at),
        None => authority,
    })
}

pub(crate) type Api = Router<App, Caller>;

/// A handler that the matrix must never reach.
pub(crate) async fn never() -> &'static str {
    panic!("a handler ran")
}

/// A requirement for each route of the app.
pub(crate) struct Stated {
    pub(crate) admin: Requirement,
    pub(crate) both: Requirement,
    pub(crate) either: Requirement,
    pub(crate) account: Requirement,
    pub(crate) unmatched: Requirement,
}

impl Default for Stated {
    fn default() -> Self {
        Self {
            admin: role(Staff::Admin),
            both: scope("a") & scope("b"),
            either: scope("a") & signed_in() | scope("c"),
            account: undelegated() & recent(Duration::from_secs(60)),
            unmatched: signed_in(),
        }
    }
}

/// The app as it is stated.
pub(crate) fn api(stated: Stated) -> Api {
    Api::new()
        .route("/health", get(never).public("liveness probe"))
        .route("/admin", post(never).requires(stated.admin))
        .route("/both", get(never).requires(stated.both))
        .route("/either/{id}", get(never).requires(stated.either).delete(never).requires(scope("b")))
        .route("/account", post(never).requires(stated.account))
        .fallback(any(never).requires(stated.unmatched))
}

/// A key, and the issuer that signs with it.
pub(crate) struct Keys {
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) clock: Arc<ManualClock>,
}

impl Keys {
    pub(crate) fn new() -> Self {
        let clock = ManualClock::at(NOW);
        let random = SeededRandom::shared(7);
        let key = SigningKey::generate(&*random).unwrap();
        Self { issuer: Arc::new(Issuer::new(ISSUER, key, clock.clone(), random)), clock }
    }

    pub(crate) fn app(&self) -> App {
        self.app_for(AUDIENCE, Delegation::Heeded)
    }

    pub(crate) fn app_for(&self, audience: &str, delegation: Delegation) -> App {
        let verifier = Verifier::access_tokens(ISSUER, audience)
            .own_issuer()
            .keys(self.issuer.key().key_set())
            .clock(self.clock.clone())
            .build();
        App { verifier: Arc::new(verifier), delegation }
    }

    pub(crate) fn serve(&self, api: Api, app: App) -> axum::Router {
        self.build(api, app).router
    }

    pub(crate) fn build(&self, api: Api, app: App) -> Built {
        api.clock(self.clock.clone()).with_state(app).build().unwrap()
    }

    /// Tokens of accounts that have exactly the wanted roles.
    pub(crate) fn tokens(&self) -> impl Fn(Wanted<'_>) -> Option<String> + Send + Sync + use<> {
        let tokens = IssuedTokens::new(self.issuer.clone(), AUDIENCE).account(|authority| {
            let held = Staff::ALL.iter().filter(|role| authority.held_roles().holds(**role));
            let names: Vec<&str> = held.map(|role| role.name()).collect();
            Some(if names.is_empty() { "nobody".to_owned() } else { names.join("+") })
        });
        move |wanted| tokens.make(&wanted)
    }

    /// `served` against the table of the app as it is stated.
    pub(crate) async fn against_the_table(&self, served: impl Into<Served>) -> Report {
        let stated = api(Stated::default()).clock(self.clock.clone()).with_state(self.app());
        let table = stated.build().unwrap().table;
        Matrix::of(&table, served)
            .clock(self.clock.clone())
            .principal(Caller)
            .credential("OAuth2PasswordBearer", self.tokens())
            .run()
            .await
    }
}

/// Asserts that the hole is found at `route`, as one of its failures says in `words`.
#[track_caller]
pub(crate) fn catches(report: &Report, route: &str, words: &str) {
    let found = report.failures().iter().any(|failure| {
        let Failure { route: at, caller, expected, got, .. } = failure;
        at == route && format!("{caller}: expected {expected}, got {got}").contains(words)
    });
    assert!(found, "{words:?} at {route} in\n{report}");
    let elsewhere: Vec<_> = report.failures().iter().filter(|failure| failure.route != route).collect();
    assert!(elsewhere.is_empty(), "only {route} has a hole:\n{report}");
}

/// Everything a leaf can be, in an app whose principals are put in.
pub(crate) fn leaves(clock: &Arc<ManualClock>) -> Router<(), Posed> {
    let office = || address("office", ["192.0.2.0/24"]);
    let day = || hours("day", TimeWindow::daily((8, 0), (18, 0)).on_weekdays());
    let proxy = || header("proxy", "x-proxy", "secret");
    Router::<(), Posed>::new()
        .clock(clock.clone())
        .route("/role", get(never).requires(role(Staff::Editor) & !role(Staff::Admin)))
        .route("/client", get(never).requires(client("phone") & scope("a")))
        .route("/factor", get(never).requires(factor(Factor::OneTimePassword) | factor(Factor::Several)))
        .route("/request", get(never).requires(scope("a") & office() & day() & proxy()))
        .route("/outside", get(never).requires(scope("a") & !office() & !day() & !proxy()))
        .route("/orgs/{org}", get(never).requires(tenant("org")))
        .route(
            "/orgs/{org}/docs",
            post(never)
                .requires((role(Staff::Editor) & scope("docs:write")).within("org") | role(Staff::Admin)),
        )
        .route(
            "/orgs/{org}/guests",
            get(never).requires(tenant("org") & signed_in() & !role(Staff::User).within("org")),
        )
        .route("/quota", post(never).requires(scope("a") & check("quota", |_| true)))
        .route("/silent", post(never).requires(scope("a") & check("silent", |_| Verdict::Unknown)))
        .mount_guarded("/legacy", axum::Router::new(), signed_in() & recent(Duration::from_secs(5)))
}

/// A principal that is only ever put in.
#[derive(Clone, Debug)]
pub(crate) struct Posed(pub(crate) Authority);

impl Principal for Posed {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
async fn posed(_: Bearer) -> Result<Posed, Denied> {
    Err(Denied::invalid_credentials())
}
