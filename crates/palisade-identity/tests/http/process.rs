//! Another process that serves the routes over the store of an [`App`]: with its own memory, and its own place in the change feed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
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
    testing::{Client, Probe, Response},
    token::{Revocations, Verifier},
};
use palisade_identity::{
    accounts::{Accounts, ProvenPasswords},
    api_keys::{ApiKeySettings, ApiKeys},
    changes::Changes,
    http::{Identity, IdentityParts, SignUpIs, router},
    keys::{KeySettings, MasterKey, SigningKeys},
    limits::{Allowance, SignInLimit, SignUpLimit},
    proofs::Proofs,
    sessions::{SessionSettings, Sessions},
    store::SharedStore,
};

use crate::{
    app::{App, ISSUER, assert_problem},
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
