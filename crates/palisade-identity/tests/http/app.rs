//! The routes as an app serves them, on a real store, with a clock that stands still.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{Method, StatusCode};
use palisade::{
    AccessTable, Authority, Principal, Row,
    clock::SharedClock,
    decision::Decisions,
    edge::ClientAddress,
    prelude::{Router, dependency, get, scope},
    secret::SecretString,
    testing::{Client, Request, Response},
    token::{AccessTokenClaims, Verifier},
};
use palisade_identity::{
    account::{Account, AccountId},
    accounts::{Accounts, ProvenPasswords},
    api_keys::{ApiKeySettings, ApiKeys},
    audit::Actor,
    changes::Changes,
    http::{CurrentAccount, Identity, IdentityParts, SignUpIs, router},
    keys::{KeySettings, MasterKey, SigningKeys},
    limits::{Allowance, SignInLimit, SignUpLimit},
    mail::{Message, Outbox},
    proofs::Proofs,
    role::Roles,
    roles::{GrantChange, HeldChange, RoleDefinition},
    sessions::{Device, SessionSecret, SessionSettings, Sessions, cookie},
    store::{PageSize, SharedStore},
};
use serde_json::{Value, json};

use crate::{
    failing::FailingStore,
    world::{World, applicant, post::PostOffice, world},
};

pub(crate) const ISSUER: &str = "https://issuer.example";
pub(crate) const MILLISECOND: Duration = Duration::from_millis(1);
/// The password of everybody [`applicant`] makes.
pub(crate) const PASSWORD: &str = "correct horse";

/// How an app differs from the usual one.
pub(crate) struct Settings {
    pub(crate) sign_up: SignUpIs,
    pub(crate) lifetime: Duration,
    /// Whether mail is sent.
    pub(crate) mail: bool,
    /// How many sign-ins may fail, and how many sign-ups there may be, at once.
    pub(crate) burst: u32,
    pub(crate) sessions: SessionSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sign_up: SignUpIs::Open,
            lifetime: Duration::from_secs(300),
            mail: false,
            burst: 100,
            sessions: SessionSettings::default(),
        }
    }
}

pub(crate) struct App {
    pub(crate) client: Client,
    /// Of an API beside, with a route of its own: `/report`, for whoever has the scope `accounts:read`.
    pub(crate) beside: Client,
    pub(crate) table: AccessTable,
    pub(crate) world: World,
    pub(crate) keys: SigningKeys,
    /// As the routes have them; `world` has those of other processes.
    pub(crate) identity: Identity,
    pub(crate) sessions: Sessions,
    /// The keys as another process has them: to make some past the routes, also while the routes' store fails.
    pub(crate) api_keys: ApiKeys,
    /// The store the routes use; `world` has the one beneath it, and one beside it.
    pub(crate) store: Arc<FailingStore>,
    /// Where messages arrive, and the box they wait in.
    pub(crate) post: Arc<PostOffice>,
    pub(crate) outbox: Outbox,
}

impl App {
    pub(crate) async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let world = world();
        let clock: SharedClock = world.clock.clone();
        let store = FailingStore::around(&world.store);
        let shared: SharedStore = store.clone();
        let random = Arc::clone(&world.random);
        let changes = Changes::begin(shared, Arc::clone(&clock)).unwrap();
        let accounts = Accounts::new(changes.clone(), world.hashing.clone(), Arc::clone(&random));
        let sessions =
            Sessions::new(changes.clone(), accounts.clone(), Arc::clone(&random), settings.sessions);
        let proven = ProvenPasswords::new(&*random, clock.clone()).unwrap();
        let verifier = Verifier::access_tokens(ISSUER, ISSUER).own_issuer().clock(Arc::clone(&clock)).build();
        let verifier = Arc::new(verifier);
        let master = SecretString::new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        let master = MasterKey::from_base64(&master).unwrap();
        let key_settings = ApiKeySettings::default();
        let own_keys = ApiKeys::new(&changes, accounts.clone(), &master, Arc::clone(&random), key_settings);
        let changes_beside = Changes::begin(Arc::clone(&world.store), Arc::clone(&clock)).unwrap();
        let api_keys =
            ApiKeys::new(&changes_beside, world.accounts.clone(), &master, Arc::clone(&random), key_settings);
        let keys = SigningKeys::open(
            changes,
            master,
            KeySettings { issuer: ISSUER.to_owned(), token_lifetime: settings.lifetime },
            Arc::clone(&verifier),
            random,
        )
        .await
        .unwrap();
        let (post, outbox) = PostOffice::open();
        let proofs = Proofs::new(accounts.clone(), ISSUER, settings.mail.then(|| outbox.clone()));
        let allowance = Allowance { burst: settings.burst, ..Allowance::default() };
        let identity = Identity::from(IdentityParts {
            accounts,
            sessions: sessions.clone(),
            proven,
            api_keys: own_keys,
            proofs,
            keys: keys.clone(),
            verifier,
            issuer: ISSUER.to_owned(),
            token_lifetime: settings.lifetime,
            sign_up: settings.sign_up,
            sign_in_limit: SignInLimit::new(allowance, Arc::clone(&clock)),
            sign_up_limit: SignUpLimit::new(allowance, Arc::clone(&clock)),
            clock: Arc::clone(&clock),
            decisions: Decisions::new(),
        });
        let beside = Router::<Identity, CurrentAccount>::new()
            .route("/report", get(async || "report").requires(scope("accounts:read")))
            .clock(Arc::clone(&clock))
            .with_state(identity.clone())
            .into_axum()
            .unwrap();
        let decisions = identity.parts().decisions.clone();
        let built = router().clock(clock).decisions(decisions).with_state(identity.clone()).build().unwrap();
        Self {
            beside: Client::new(beside),
            client: Client::new(built.router),
            table: built.table,
            world,
            keys,
            identity,
            sessions,
            api_keys,
            store,
            post,
            outbox,
        }
    }

    /// One that sends mail.
    pub(crate) async fn with_mail() -> Self {
        Self::with(Settings { mail: true, ..Settings::default() }).await
    }

    /// All messages that have not been looked at, once everything has been sent; none is sent afterwards.
    pub(crate) async fn all_mail(&self) -> Vec<Message> {
        self.outbox.finish().await;
        self.post.rest()
    }

    pub(crate) async fn with_user(name: &str) -> Self {
        let app = Self::new().await;
        app.make(name, palisade_identity::role::Role::User).await;
        app
    }

    /// With the admin `root`, and with mail.
    pub(crate) async fn with_admin() -> Self {
        let app = Self::with_mail().await;
        app.make("root", palisade_identity::role::Role::Admin).await;
        app
    }

    /// Makes an account past the routes.
    pub(crate) async fn make(&self, name: &str, roles: impl Into<Roles>) -> Account {
        let made = self.world.accounts.admin_create(Actor::Operator, applicant(name), roles.into()).await;
        self.world.hashing.asked();
        made.unwrap()
    }

    pub(crate) async fn sign_up(&self, applicant: &Value) -> Response {
        self.client.post("/signup").json(applicant).send().await
    }

    pub(crate) async fn ask_token(&self, fields: &[(&str, &str)]) -> Response {
        self.client.post("/token").form(fields).send().await
    }

    pub(crate) async fn sign_in(&self, username: &str, password: &str) -> Response {
        self.ask_token(&[("grant_type", "password"), ("username", username), ("password", password)]).await
    }

    /// A token with all that `name` has.
    pub(crate) async fn token(&self, name: &str) -> String {
        token_in(&self.sign_in(name, PASSWORD).await)
    }

    /// A token with exactly `scope`.
    pub(crate) async fn narrowed(&self, name: &str, scope: &str) -> String {
        let fields =
            [("grant_type", "password"), ("username", name), ("password", PASSWORD), ("scope", scope)];
        token_in(&self.ask_token(&fields).await)
    }

    /// A browser in which `name` is signed in.
    pub(crate) async fn browser(&self, name: &str) -> Browser {
        let device = Device::new(b"Firefox", from(1).0);
        let password = SecretString::new(PASSWORD);
        let (secret, _) = self.identity.sign_in_with_password(name, password, device).await.unwrap();
        self.world.hashing.asked();
        Browser::holding(&self.client, &secret)
    }

    /// A token that was never asked for, signed with the key that signs now.
    pub(crate) async fn forged(&self, of: &Account, change: impl FnOnce(&mut AccessTokenClaims)) -> String {
        let mut claims = AccessTokenClaims::new(&of.id.to_string(), ISSUER, "palisade");
        claims.generation = Some(of.generation);
        claims.undelegated = true;
        claims.authenticated_at = Some(palisade::clock::Clock::now(&*self.world.clock));
        change(&mut claims);
        self.keys.issuer().await.unwrap().issue(&claims).unwrap().expose().to_owned()
    }

    /// Whether `token` is let in at `/me`.
    pub(crate) async fn lets_in(&self, token: &str) -> bool {
        let answer = self.client.bearer(token).get("/me").send().await;
        if answer.status == StatusCode::UNAUTHORIZED {
            assert_eq!(answer.header("www-authenticate"), Some(r#"Bearer error="invalid_token""#));
            assert_eq!(answer.json()["detail"], "Could not validate credentials");
        } else {
            assert_eq!(answer.status, StatusCode::OK);
        }
        answer.status == StatusCode::OK
    }

    /// Calls the route of `row` with input that it would take, for an account that exists and is not the caller's.
    pub(crate) async fn call(&self, row: &Row, token: &str) -> Response {
        let caller = part(token, 1)["sub"].as_str().unwrap().parse().unwrap();
        self.sample(&self.client.bearer(token), row, caller).await.send().await
    }

    /// A request of `caller` to the route of `row` that has all it needs: what it names exists.
    pub(crate) async fn sample(&self, client: &Client, row: &Row, caller: AccountId) -> Request {
        let mut row = row.clone();
        let id = if row.path == "/me/sessions/{id}" {
            self.any_session_of(caller).await
        } else if row.path.starts_with("/me/api-keys/") {
            self.any_key_of(caller).await
        } else if row.path == "/admin/roles/{name}" {
            self.define("sampled", &[], "docs:read").await;
            caller.to_string()
        } else if row.path == "/admin/tenants/{tenant}/members/{id}" {
            self.any_member_of("acme").await
        } else if row.path == "/admin/decisions/{id}" {
            self.any_decision().await
        } else if row.path.contains("/api-keys") {
            let service = self.service().await;
            row.path = row.path.replace("{key}", &self.any_key_of(service).await);
            service.to_string()
        } else {
            self.any_other_account().await
        };
        sample(client, &row, &id)
    }

    /// Stores a role past the routes.
    pub(crate) async fn define(&self, name: &str, includes: &[&str], scopes: &str) {
        let includes = includes.iter().map(|name| name.parse().unwrap()).collect();
        let role = RoleDefinition { name: name.parse().unwrap(), includes, scopes: scopes.parse().unwrap() };
        self.world.accounts.define_role(Actor::Operator, role).await.unwrap();
    }

    /// Has `id` hold exactly `roles`, everywhere or in a tenant, past the routes.
    pub(crate) async fn give(&self, id: AccountId, tenant: Option<&str>, roles: &[&str]) {
        let roles = roles.iter().map(|name| name.parse().unwrap()).collect();
        let tenant = tenant.map(|tenant| tenant.parse().unwrap());
        let change = GrantChange { tenant, held: HeldChange::Exactly(roles) };
        self.world.accounts.change_grants(Actor::Operator, id, change).await.unwrap();
    }

    async fn any_member_of(&self, tenant: &str) -> String {
        let id = self.any_other_account().await;
        if self.world.accounts.by_id(id.parse().unwrap()).await.is_ok() {
            self.give(id.parse().unwrap(), Some(tenant), &[]).await;
        }
        id
    }

    /// A decision about a caller of an API beside, which changes nothing here.
    async fn any_decision(&self) -> String {
        let routes = Router::<(), Stranger>::new().route("/x", get(async || "x").requires(scope("x")));
        let beside = routes.decisions(self.identity.parts().decisions.clone()).into_axum().unwrap();
        let refused = Client::new(beside).get("/x").send().await;
        refused.json()["decision"].as_str().unwrap().to_owned()
    }

    async fn any_session_of(&self, id: AccountId) -> String {
        let account = self.world.accounts.by_id(id).await.unwrap();
        let (secret, _) = self.world.sessions.begin(&account, Device::new(b"", from(2).0)).await.unwrap();
        secret.id().to_string()
    }

    /// The account routes with an id are called for, if there is one; else an id nobody has.
    async fn any_other_account(&self) -> String {
        let target = self.world.accounts.by_username(&"target".parse().unwrap()).await;
        target.map_or_else(
            |_| "018bcfe5-6800-7000-8000-00000000000a".to_owned(),
            |account| account.id.to_string(),
        )
    }

    /// Everybody's name, sorted.
    pub(crate) async fn usernames(&self) -> Vec<String> {
        let mut names: Vec<_> =
            self.accounts().await.iter().map(|account| account.username.to_string()).collect();
        names.sort_unstable();
        names
    }

    /// Everybody as another process sees them: what a refusal must leave as it is.
    pub(crate) async fn accounts(&self) -> Vec<Account> {
        self.world.beside.list(None, PageSize::LARGEST).await.unwrap()
    }
}

/// Who may do nothing.
#[derive(Clone)]
struct Stranger(Authority);

impl Principal for Stranger {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
async fn stranger() -> Stranger {
    Stranger(Authority::account("stranger"))
}

/// A browser: it keeps the cookie it is given, and says where its requests come from.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    pub(crate) client: Client,
    /// The cookie's value, if it has one.
    pub(crate) cookie: Option<String>,
}

impl Browser {
    pub(crate) fn holding(client: &Client, secret: &SessionSecret) -> Self {
        Self { client: client.clone(), cookie: Some(secret.to_text().expose().to_owned()) }
    }

    pub(crate) fn secret(&self) -> SessionSecret {
        SessionSecret::parse(self.cookie.as_deref().unwrap().as_bytes()).unwrap()
    }

    /// A request as a page of ours makes it.
    pub(crate) fn request(&self, method: Method, path: &str) -> Request {
        self.asked_by("same-origin", method, path)
    }

    /// A request as a page of `site` makes it.
    pub(crate) fn asked_by(&self, site: &str, method: Method, path: &str) -> Request {
        let request = self.client.request(method, path).header("sec-fetch-site", site);
        match &self.cookie {
            Some(value) => request.header("cookie", format!("{}={value}", cookie::NAME)),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await
    }

    pub(crate) async fn post(&mut self, path: &str, input: &Value) -> Response {
        let answer = self.request(Method::POST, path).json(input).send().await;
        self.keep_cookies(&answer);
        answer
    }

    pub(crate) async fn delete(&mut self, path: &str) -> Response {
        let answer = self.request(Method::DELETE, path).send().await;
        self.keep_cookies(&answer);
        answer
    }

    /// Does what a browser does with the answer's cookies.
    pub(crate) fn keep_cookies(&mut self, answer: &Response) {
        for header in answer.headers.get_all("set-cookie") {
            let text = header.to_str().unwrap();
            let (name, rest) = text.split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            assert_eq!(name, cookie::NAME);
            for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age="] {
                assert!(attributes.contains(attribute), "{text}");
            }
            assert!(!attributes.contains("Domain"), "{text}");
            let deleted = attributes.contains("Max-Age=0;");
            assert_eq!(deleted, value.is_empty(), "{text}");
            self.cookie = (!deleted).then(|| value.to_owned());
        }
    }
}

/// A request to the route of `row` that has all it needs but, perhaps, the right to.
pub(crate) fn sample(client: &Client, row: &Row, id: &str) -> Request {
    let method: Method = row.method.parse().unwrap();
    let path = row.path.replace("{id}", id).replace("{key}", "018bcfe5-6800-7000-8000-00000000000b");
    let path = path.replace("{name}", "sampled").replace("{tenant}", "acme");
    let request = client.request(method, &path.replace("{link}", &"0".repeat(22)));
    let email = json!({ "email": "other@example.org" });
    match (row.method.as_str(), row.path.as_str()) {
        ("PATCH", "/me") => request.json(&json!({})),
        ("PATCH", _) | ("POST", "/me/email") => request.json(&email),
        ("PUT", "/admin/accounts/{id}/roles") => request.json(&json!({ "roles": ["editor"] })),
        ("PUT", "/admin/roles/{name}") => request.json(&json!({ "scopes": ["docs:read"] })),
        ("PUT", "/admin/accounts/{id}/grants") => request.json(&json!({ "roles": [] })),
        ("PUT", path) if path.ends_with("/members/{id}") => request.json(&json!({ "roles": ["user"] })),
        ("POST", "/admin/create") => request.json(&application("made")),
        ("POST", "/me/password") => {
            request.json(&json!({ "current_password": PASSWORD, "new_password": "battery staple" }))
        }
        ("POST", path) if path.ends_with("/api-keys") => {
            request.json(&json!({ "name": "ci", "scopes": ["me:read"] }))
        }
        ("POST", path) if path.ends_with("/rotate") => request.json(&json!({})),
        _ => request,
    }
}

/// What somebody sends to sign up.
pub(crate) fn application(name: &str) -> Value {
    json!({ "username": name, "email": "somebody@example.org", "password": PASSWORD })
}

pub(crate) fn token_in(answer: &Response) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

/// A part of a token, read without verifying.
pub(crate) fn part(token: &str, number: usize) -> Value {
    let part = token.split('.').nth(number).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

pub(crate) fn from(last: u8) -> ClientAddress {
    ClientAddress(IpAddr::V4(Ipv4Addr::new(203, 0, 113, last)))
}

/// That it is a problem document of `status` (RFC 9457) that no cache keeps.
#[track_caller]
pub(crate) fn assert_problem(answer: &Response, status: StatusCode) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let document = answer.json();
    assert_eq!(document["status"], status.as_u16());
    assert!(document["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{document}");
}

/// That it is 422 and lists the faults of exactly these fields, each at least once.
#[track_caller]
pub(crate) fn assert_faults(answer: &Response, places: &[&str]) {
    assert_problem(answer, StatusCode::UNPROCESSABLE_ENTITY);
    let document = answer.json();
    let errors = document["errors"].as_array().unwrap();
    let mut found: Vec<_> = errors
        .iter()
        .map(|error| {
            assert!(error["msg"].is_string() && error["type"].is_string(), "{error}");
            let way = error["loc"].as_array().unwrap().iter();
            way.map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned))
                .collect::<Vec<_>>()
                .join(".")
        })
        .collect();
    found.sort();
    found.dedup();
    let mut wanted = places.to_vec();
    wanted.sort_unstable();
    assert_eq!(found, wanted, "{document}");
}
