//! The lesson: sign in with a name and a password, say who you are, do what your role allows.
//!
//! Passwords stand here in clear and accounts in memory, to keep the lesson short; `palisade-identity` does both well.

use std::{sync::Arc, time::Duration};

use palisade::{
    Authority, StartupErrors,
    clock::SystemClock,
    oauth2::{OAuth2Error, OAuth2ErrorCode, OAuth2PasswordForm, TokenForm, TokenResponse},
    prelude::*,
    random::SystemRandom,
    scope::ScopeSet,
    secret::SecretString,
    token::{AccessTokenClaims, Issuer, SigningKey, Verifier},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ISSUER: &str = "http://127.0.0.1:8001";

/// `Admin` includes `Editor`, which includes `User`: said once, here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
pub enum Role {
    /// Reads.
    User,
    /// Adds items.
    #[role(includes(User))]
    Editor,
    /// Creates accounts.
    #[role(includes(Editor))]
    Admin,
}

/// An account, as it is kept.
#[derive(Clone, Debug)]
pub struct Account {
    username: &'static str,
    password: SecretString,
    role: Role,
    scopes: &'static str,
    active: bool,
}

/// The app's state: its accounts, and the keys its tokens are signed and verified with.
#[derive(Clone, Debug, FromRef)]
pub struct App {
    accounts: Arc<Vec<Account>>,
    issuer: Arc<Issuer>,
    verifier: Arc<Verifier>,
}

/// Where a token comes from, for the API document.
#[derive(Debug)]
pub struct Flow;

impl PasswordFlow for Flow {
    const TOKEN_URL: &'static str = "token";
    const SCOPES: &'static [(&'static str, &'static str)] =
        &[("items:read", "Read items"), ("items:write", "Add items")];
}

/// Who is calling. A handler that takes it is reached only by a signed-in, active account.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CurrentUser {
    username: String,
    #[serde(skip)]
    #[schemars(skip)]
    authority: Authority,
}

impl Principal for CurrentUser {
    fn authority(&self) -> &Authority {
        &self.authority
    }
}

#[dependency]
async fn current_user(
    token: OAuth2PasswordBearer<Flow, AccessToken>,
    State(accounts): State<Arc<Vec<Account>>>,
) -> Result<CurrentUser, Denied> {
    let account = accounts.iter().find(|account| account.username == token.subject() && account.active);
    let account = account.ok_or_else(Denied::invalid_credentials)?;
    let scopes: ScopeSet = account.scopes.parse().unwrap_or_default();
    // A token that was asked for with fewer scopes acts with those and nothing else.
    let authority = if token.is_undelegated() {
        Authority::account(account.username).scopes(scopes)
    } else {
        Authority::delegated(account.username).scopes(token.scopes().intersection(&scopes))
    };
    let authority = authority.roles([account.role]);
    Ok(CurrentUser { username: account.username.to_owned(), authority })
}

/// Something to list.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    #[schemars(length(min = 1, max = 100))]
    name: String,
}

/// A factory: written once, given its role at the route.
fn require_role(role: Role) -> Requirement {
    palisade::role(role)
}

/// The API: each route says who may call it, or does not compile.
pub fn api() -> Router<App, CurrentUser> {
    Router::new()
        .document(Info::new("The lesson", "1"))
        .route("/health", get(health).public("liveness probe"))
        .route("/token", post(issue_token).public("this is where callers sign in"))
        .route("/me", get(read_me).requires(signed_in()))
        .route("/items", get(list_items).requires(scope("items:read")))
        .route("/items", post(add_item).requires(scope("items:write") & role(Role::Editor)))
        .route("/admin/create", post(create).requires(require_role(Role::Admin)))
    // .route("/oops", get(read_me))      <- does not compile: says nothing about who may call it
}

async fn health() -> &'static str {
    "ok"
}

async fn read_me(user: CurrentUser) -> Json<CurrentUser> {
    Json(user)
}

async fn list_items() -> Json<Vec<Item>> {
    Json(vec![Item { name: "stake".into() }])
}

async fn add_item(Json(item): Json<Item>) -> Created<Item> {
    Created(item)
}

async fn create(admin: CurrentUser) -> Created<CurrentUser> {
    Created(admin)
}

async fn issue_token(
    State(app): State<App>,
    TokenForm(form): TokenForm<OAuth2PasswordForm>,
) -> Result<TokenResponse, OAuth2Error> {
    let account = app.accounts.iter().find(|account| account.username == form.username);
    let account = account
        .filter(|account| account.password == form.password)
        .ok_or_else(|| OAuth2Error::new(OAuth2ErrorCode::InvalidGrant, "Incorrect username or password"))?;
    let has: ScopeSet = account.scopes.parse().unwrap_or_default();
    let asked: Option<ScopeSet> = form.scope.parse().ok();
    let asked = asked.filter(|asked| asked.is_subset(&has)).ok_or_else(|| {
        OAuth2Error::new(
            OAuth2ErrorCode::InvalidScope,
            "A scope is asked for that this account does not have",
        )
    })?;
    let mut claims = AccessTokenClaims::new(account.username, ISSUER, "palisade");
    claims.lifetime = Duration::from_secs(1800);
    claims.undelegated = asked.is_empty();
    claims.scopes = if asked.is_empty() { has } else { asked };
    let access_token = app.issuer.issue(&claims).map_err(Problem::internal)?;
    Ok(TokenResponse { access_token, expires_in: claims.lifetime.as_secs(), scope: claims.scopes })
}

impl App {
    /// Three accounts in memory, one more that is disabled, and a key of its own.
    fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let (clock, random) = (SystemClock::shared(), SystemRandom::shared());
        let key = SigningKey::generate(&*random)?;
        let keys = key.key_set();
        let account = |username, password: &str, role, scopes, active| Account {
            username,
            password: SecretString::new(password),
            role,
            scopes,
            active,
        };
        let accounts = vec![
            account("johndoe", "secret", Role::User, "items:read", true),
            account("erin", "secreterin", Role::Editor, "items:read items:write", true),
            account("root", "secretroot", Role::Admin, "items:read items:write", true),
            account("alice", "secretalice", Role::User, "items:read", false),
        ];
        let verifier =
            Verifier::access_tokens(ISSUER, ISSUER).own_issuer().keys(keys).clock(clock.clone()).build();
        Ok(Self {
            accounts: Arc::new(accounts),
            verifier: Arc::new(verifier),
            issuer: Arc::new(Issuer::new(ISSUER, key, clock, random)),
        })
    }
}

/// The app, ready to serve.
///
/// # Errors
///
/// When the router is wrong, or there is no randomness.
pub fn app() -> Result<axum::Router, Box<dyn std::error::Error>> {
    let router: Result<_, StartupErrors> = api().with_state(App::new()?).into_axum();
    Ok(router?)
}

#[cfg(test)]
mod tests {
    use palisade::testing::Matrix;

    use super::{App, api};

    #[tokio::test]
    async fn every_route_does_what_its_requirement_says() {
        Matrix::new(api().with_state(App::new().unwrap())).run().await.assert();
    }
}
