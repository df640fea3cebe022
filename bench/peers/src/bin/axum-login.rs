//! A session read by axum-login and tower-sessions for each request, with their stores in memory, or both sessions and
//! accounts in SQLite.
//!
//! Command line: `ADDRESS:PORT SCENARIO.json`. `STORE` in the environment is `memory`, or a new file for the database;
//! `ACCOUNTS` is how many accounts there are. `POST /sign-in/{number}` begins a session of one of them.

use std::{collections::HashMap, convert::Infallible, env, str::FromStr, sync::Arc};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use axum_login::{AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend, UserId};
use peers::{Scenario, serve};
use sqlx::{
    Row, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use time::Duration;
use tower_sessions::{Expiry, MemoryStore, SessionManagerLayer, SessionStore};
use tower_sessions_sqlx_store::SqliteStore;

#[derive(Clone, Debug)]
struct User {
    id: i64,
    hash: Vec<u8>,
}

impl AuthUser for User {
    type Id = i64;

    fn id(&self) -> i64 {
        self.id
    }

    fn session_auth_hash(&self) -> &[u8] {
        &self.hash
    }
}

/// The accounts.
#[derive(Clone)]
enum Accounts {
    Memory(Arc<HashMap<i64, User>>),
    Sqlite(SqlitePool),
}

impl AuthnBackend for Accounts {
    type User = User;
    type Credentials = i64;
    type Error = Infallible;

    async fn authenticate(&self, id: i64) -> Result<Option<User>, Infallible> {
        self.get_user(&id).await
    }

    async fn get_user(&self, id: &UserId<Self>) -> Result<Option<User>, Infallible> {
        Ok(match self {
            Self::Memory(users) => users.get(id).cloned(),
            Self::Sqlite(pool) => sqlx::query("SELECT id, hash FROM account WHERE id = ?1 AND active")
                .bind(id)
                .fetch_optional(pool)
                .await
                .expect("the database answers")
                .map(|row| User { id: row.get(0), hash: row.get(1) }),
        })
    }
}

#[tokio::main]
async fn main() {
    let count: i64 = env::var("ACCOUNTS").expect("ACCOUNTS").parse().expect("a number");
    match env::var("STORE").expect("STORE").as_str() {
        "memory" => {
            let users = (0..count).map(|id| (id, user(id))).collect();
            run(Accounts::Memory(Arc::new(users)), MemoryStore::default()).await;
        }
        file => {
            let pool = open(file, count).await;
            let store = SqliteStore::new(pool.clone());
            store.migrate().await.expect("the sessions' table is made");
            run(Accounts::Sqlite(pool), store).await;
        }
    }
}

async fn run(accounts: Accounts, store: impl SessionStore + Clone) {
    // As Palisade's: Secure, HttpOnly, Lax, and idle for two weeks.
    let sessions = SessionManagerLayer::new(store).with_expiry(Expiry::OnInactivity(Duration::days(14)));
    let login = AuthManagerLayerBuilder::new(accounts, sessions).build();
    serve(|scenario| {
        Router::new()
            .route("/me", get(read_me))
            .route("/sign-in/{number}", post(sign_in))
            .layer(login)
            .with_state(scenario)
    })
    .await;
}

async fn read_me(session: AuthSession<Accounts>, State(scenario): State<Arc<Scenario>>) -> Result<Response, StatusCode> {
    if session.user.is_none() { Err(StatusCode::UNAUTHORIZED) } else { Ok(scenario.answer()) }
}

async fn sign_in(mut session: AuthSession<Accounts>, Path(number): Path<i64>) -> Result<StatusCode, StatusCode> {
    let user = session.backend.get_user(&number).await.ok().flatten().ok_or(StatusCode::NOT_FOUND)?;
    session.login(&user).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(StatusCode::NO_CONTENT)
}

/// With the durability Palisade's database has: a write-ahead log, synced at each commit.
async fn open(file: &str, count: i64) -> SqlitePool {
    let options = SqliteConnectOptions::from_str(file)
        .expect("a file name")
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new().connect_with(options).await.expect("the database opens");
    let mut transaction = pool.begin().await.expect("a transaction");
    sqlx::query("CREATE TABLE account (id INTEGER PRIMARY KEY, hash BLOB NOT NULL, active INTEGER NOT NULL)")
        .execute(&mut *transaction)
        .await
        .expect("the accounts' table is made");
    for id in 0..count {
        sqlx::query("INSERT INTO account VALUES (?1, ?2, 1)")
            .bind(id)
            .bind(user(id).hash)
            .execute(&mut *transaction)
            .await
            .expect("an account is written");
    }
    transaction.commit().await.expect("the accounts are written");
    pool
}

fn user(id: i64) -> User {
    User { id, hash: format!("$argon2id$v=19$m=19456,t=2,p=1$hash-of-{id}").into_bytes() }
}
