//! Another process that serves the routes over the store of an [`App`]: with its own memory, and its own place in the change feed;
//! and what is changed beside it.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::body::Body;
use http::{Request, StatusCode};
use palisade::{
    clock::{Clock, ManualClock, SharedClock, Timestamp},
    decision::Decisions,
    prelude::{get, scope},
    router::RouterService,
    secret::SecretString,
    testing::{Client, Probe, Request as TestRequest, Response},
    token::{Revocations, Verifier},
};
use palisade_identity::{
    account::AccountId,
    accounts::{Accounts, ProvenPasswords},
    api_keys::{ApiKeySettings, ApiKeys},
    audit::Actor,
    changes::Changes,
    http::{Identity, IdentityParts, SignUpIs, router},
    keys::{KeySettings, MasterKey, SigningKeys},
    limits::{Allowance, SignInLimit, SignUpLimit},
    proofs::Proofs,
    role::Role,
    roles::{GrantChange, HeldChange, RoleDefinition},
    sessions::{SessionSettings, Sessions},
    store::SharedStore,
};

use crate::{
    app::{App, ISSUER, MILLISECOND, assert_problem},
    failing::FailingStore,
};

/// A process that serves the routes, and three of its own that count how often their handlers run: `/read` for the scope
/// `me:read`, `/report` for `accounts:read`, and `/docs` for `docs:read`.
pub(crate) struct Process {
    pub(crate) client: Client,
    service: RouterService,
    pub(crate) accounts: Accounts,
    pub(crate) sessions: Sessions,
    pub(crate) api_keys: ApiKeys,
    pub(crate) keys: SigningKeys,
    pub(crate) store: Arc<FailingStore>,
    pub(crate) revocations: Arc<Revocations>,
    ran: Probe,
    verifiers: Arc<VerifiersClock>,
}

/// How a process differs from the usual one.
pub(crate) struct ProcessSettings {
    pub(crate) issuer: &'static str,
    /// How many callers are cached at most.
    pub(crate) cached: usize,
    pub(crate) lifetime: Duration,
    pub(crate) sessions: SessionSettings,
    /// How far the time of day is set back.
    pub(crate) set_back: Arc<AtomicI64>,
}

impl Process {
    pub(crate) async fn of(app: &App) -> Self {
        Self::with(app, |_| ()).await
    }

    /// One that caches no caller: what it answers is what a token is worth.
    pub(crate) async fn uncached(app: &App) -> Self {
        Self::with(app, |settings| settings.cached = 0).await
    }

    pub(crate) async fn with(app: &App, change: impl FnOnce(&mut ProcessSettings)) -> Self {
        let mut settings = ProcessSettings {
            issuer: ISSUER,
            cached: 16_384,
            lifetime: Duration::from_secs(300),
            sessions: SessionSettings::default(),
            set_back: Arc::default(),
        };
        change(&mut settings);
        let clock: SharedClock =
            Arc::new(SetBack { clock: app.world.clock.clone(), by: Arc::clone(&settings.set_back) });
        let verifiers = Arc::new(VerifiersClock { clock: Arc::clone(&clock), asked: AtomicUsize::default() });
        let random = Arc::clone(&app.world.random);
        let store = FailingStore::around(&app.world.store);
        let shared: SharedStore = store.clone();
        let changes = Changes::begin(shared, Arc::clone(&clock)).unwrap();
        let accounts = Accounts::new(changes.clone(), app.world.hashing.clone(), Arc::clone(&random));
        let sessions =
            Sessions::new(changes.clone(), accounts.clone(), Arc::clone(&random), settings.sessions);
        let revocations = Revocations::with_capacity(16, Arc::clone(&clock));
        let verifier = Verifier::access_tokens(settings.issuer, settings.issuer)
            .own_issuer()
            .clock(verifiers.clone())
            .cache(settings.cached)
            .revocations(Arc::clone(&revocations))
            .build();
        let verifier = Arc::new(verifier);
        let master = SecretString::new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        let master = MasterKey::from_base64(&master).unwrap();
        let key_settings = ApiKeySettings::default();
        let api_keys = ApiKeys::new(&changes, accounts.clone(), &master, Arc::clone(&random), key_settings);
        let keys = SigningKeys::open(
            changes,
            master,
            KeySettings { issuer: settings.issuer.to_owned(), token_lifetime: settings.lifetime },
            Arc::clone(&verifier),
            Arc::clone(&random),
        )
        .await
        .unwrap();
        let allowance = Allowance { burst: 100, ..Allowance::default() };
        let identity = Identity::from(IdentityParts {
            accounts: accounts.clone(),
            sessions: sessions.clone(),
            proven: ProvenPasswords::new(&*random, Arc::clone(&clock)).unwrap(),
            api_keys: api_keys.clone(),
            proofs: Proofs::new(accounts.clone(), settings.issuer, Some(app.outbox.clone())),
            keys: keys.clone(),
            verifier,
            issuer: settings.issuer.to_owned(),
            token_lifetime: settings.lifetime,
            sign_up: SignUpIs::Open,
            sign_in_limit: SignInLimit::new(allowance, Arc::clone(&clock)),
            sign_up_limit: SignUpLimit::new(allowance, Arc::clone(&clock)),
            clock: Arc::clone(&clock),
            decisions: Decisions::new(),
        });
        let ran = Probe::new();
        let counted = || {
            let ran = ran.clone();
            get(move || {
                ran.note();
                std::future::ready("done")
            })
        };
        let router = router()
            .route("/read", counted().requires(scope("me:read")))
            .route("/report", counted().requires(scope("accounts:read")))
            .route("/docs", counted().requires(scope("docs:read")))
            .clock(clock)
            .with_state(identity);
        let built = router.build().unwrap();
        let (client, service) = (Client::new(built.router), built.service);
        Self { client, service, accounts, sessions, api_keys, keys, store, revocations, ran, verifiers }
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Response {
        self.client.bearer(token).get(path).send().await
    }

    /// Asks both ways there are to a route: through axum's router, and as a server does.
    async fn both(&self, token: &str, path: &str) -> [Response; 2] {
        let request = Request::get(path).header("authorization", format!("Bearer {token}"));
        let Ok(answer) = self.service.answer(request.body(Body::empty()).unwrap()).await;
        let (head, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
        let served = Response { status: head.status, headers: head.headers, body };
        [served, self.get(token, path).await]
    }

    /// Has `token` used, so that its caller is cached.
    pub(crate) async fn has_used(&self, token: &str) {
        self.admits(token).await;
    }

    /// That `token` is admitted, and the handler runs.
    pub(crate) async fn admits(&self, token: &str) {
        let before = self.ran.times();
        for answer in self.both(token, "/read").await {
            assert_eq!((answer.status, answer.text().as_str()), (StatusCode::OK, "done"));
        }
        assert_eq!(self.ran.times(), before + 2);
    }

    /// That `token` is refused as one that is not valid, and no handler runs.
    pub(crate) async fn refuses(&self, token: &str) {
        let before = self.ran.times();
        for path in ["/read", "/me"] {
            self.both(token, path).await.iter().for_each(assert_invalid);
        }
        assert_eq!(self.ran.times(), before, "a handler ran");
    }

    /// That the caller with `token` may not do what `path` is for, and its handler does not run.
    pub(crate) async fn forbids(&self, token: &str, path: &str) {
        let before = self.ran.times();
        for answer in self.both(token, path).await {
            assert_problem(&answer, StatusCode::FORBIDDEN);
        }
        assert_eq!(self.ran.times(), before, "the handler ran");
    }

    /// That the caller with `token` may do what `path` is for.
    pub(crate) async fn allows(&self, token: &str, path: &str) {
        for answer in self.both(token, path).await {
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        }
    }

    /// How often a handler of its own routes has run.
    pub(crate) fn ran(&self) -> usize {
        self.ran.times()
    }

    /// How often a token was verified in full: each time, the verifier looks at its clock.
    pub(crate) fn verifications(&self) -> usize {
        self.verifiers.asked.load(Ordering::SeqCst)
    }
}

/// Who changes something while a process serves a cached caller.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By {
    /// The process itself: it counts at once.
    ThisProcess,
    /// Another one, over the same store: it counts a millisecond later.
    AnotherProcess,
}

pub(crate) const EITHER: [By; 2] = [By::ThisProcess, By::AnotherProcess];

impl By {
    pub(crate) fn accounts<'a>(self, app: &'a App, process: &'a Process) -> &'a Accounts {
        match self {
            Self::ThisProcess => &process.accounts,
            Self::AnotherProcess => &app.world.beside,
        }
    }

    /// Waits as long as it takes until the change has to count.
    pub(crate) fn noticed(self, app: &App) {
        match self {
            Self::ThisProcess => {}
            Self::AnotherProcess => app.world.clock.advance(MILLISECOND),
        }
    }
}

/// An app with the account `ada`, and a process that serves it.
pub(crate) async fn served() -> (App, Process) {
    let app = App::with_user("ada").await;
    let process = Process::of(&app).await;
    (app, process)
}

pub(crate) async fn give(accounts: &Accounts, id: AccountId, roles: &[&str]) {
    let roles = roles.iter().map(|name| name.parse().unwrap()).collect();
    let change = GrantChange { tenant: None, held: HeldChange::Exactly(roles) };
    accounts.change_grants(Actor::Operator, id, change).await.unwrap();
}

pub(crate) async fn define(accounts: &Accounts, name: &str, scopes: &str) {
    let scopes = scopes.parse().unwrap();
    let role = RoleDefinition { name: name.parse().unwrap(), includes: [].into(), scopes };
    accounts.define_role(Actor::Operator, role).await.unwrap();
}

/// Sixteen threads use a credential while its account is disabled by another one, so many times. `make` makes a credential of `ada`
/// that is cached, `ask` is a request with it, and `is_refused` asserts that it is refused.
pub(crate) fn hammer_while_disabled<C: Sync>(
    by: By,
    times: usize,
    make: &impl AsyncFn(&App, &Process) -> C,
    ask: &(impl Fn(&Process, &C) -> TestRequest + Sync),
    is_refused: &impl AsyncFn(&Process, &C),
) {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let here = runtime();
    let (app, process) = here.block_on(served());
    let (app, process) = (&app, &process);
    let ada = here.block_on(app.account("ada")).id;
    for _ in 0..times {
        let credential = &here.block_on(make(app, process));
        let (disabled, all_admitted) = (AtomicBool::new(false), Barrier::new(17));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    let runtime = runtime();
                    let status = || runtime.block_on(ask(process, credential).send()).status;
                    assert_eq!(status(), StatusCode::OK);
                    all_admitted.wait();
                    loop {
                        let was_disabled = disabled.load(Ordering::SeqCst);
                        let status = status();
                        if was_disabled {
                            let why = "it was disabled before it was asked";
                            assert_eq!(status, StatusCode::UNAUTHORIZED, "{why}");
                            break;
                        }
                        assert!([StatusCode::OK, StatusCode::UNAUTHORIZED].contains(&status), "{status}");
                    }
                });
            }
            all_admitted.wait();
            let accounts = by.accounts(app, process);
            // Has them look the account up again, while it is disabled.
            here.block_on(accounts.set_roles(Actor::Operator, ada, Role::Editor.into())).unwrap();
            by.noticed(app);
            here.block_on(accounts.disable(Actor::Operator, ada)).unwrap();
            by.noticed(app);
            disabled.store(true, Ordering::SeqCst);
        });
        here.block_on(is_refused(process, credential));
        here.block_on(app.world.beside.enable(Actor::Operator, ada)).unwrap();
        app.world.clock.advance(MILLISECOND);
    }
}

/// That it is the refusal of a bearer token that is not valid.
#[track_caller]
pub(crate) fn assert_invalid(answer: &Response) {
    assert_problem(answer, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("www-authenticate"), Some(r#"Bearer error="invalid_token""#));
    assert_eq!(answer.json()["detail"], "Could not validate credentials");
}

/// The clock of a verifier alone.
#[derive(Debug)]
struct VerifiersClock {
    clock: SharedClock,
    asked: AtomicUsize,
}

impl Clock for VerifiersClock {
    fn now(&self) -> Timestamp {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.clock.now()
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }
}

/// A clock whose time of day can be set back. Its monotonic time goes on.
#[derive(Debug)]
struct SetBack {
    clock: Arc<ManualClock>,
    by: Arc<AtomicI64>,
}

impl Clock for SetBack {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.clock.now().as_unix() - self.by.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }
}
