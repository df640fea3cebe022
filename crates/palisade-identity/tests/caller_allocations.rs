//! What `GET /me` costs the allocator with each credential that was used before: no more with a session or an API key than with
//! a token. A test of its own, since it counts for the whole process.

#![expect(clippy::unwrap_used, reason = "tests panic to fail")]

mod world;

use std::{alloc::System, sync::Arc, time::Duration};

use axum::body::Body;
use http::{Request, StatusCode};
use palisade::{
    clock::SharedClock,
    decision::Decisions,
    router::RouterService,
    secret::SecretString,
    token::{AccessTokenClaims, Verifier},
};
use palisade_identity::{
    accounts::{Accounts, ProvenPasswords},
    api_keys::{ApiKeySettings, ApiKeys, NewKey, Proof},
    audit::Actor,
    changes::Changes,
    http::{Identity, IdentityParts, SignUpIs, router},
    keys::{KeySettings, MasterKey, SigningKeys},
    limits::{Allowance, SignInLimit, SignUpLimit},
    proofs::Proofs,
    sessions::{Device, SessionSettings, Sessions, cookie},
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::runtime::{Builder, Runtime};

use crate::world::World;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const ISSUER: &str = "https://issuer.example";

/// Requests before those that count: callers are worked out, and what is made once is made.
const WARM_UP: usize = 20;

/// Of so many requests the one that allocated least counts: now and then another thread allocates, too.
const REPETITIONS: usize = 30;

/// What is sent to be admitted, by name.
type Credentials = [(&'static str, &'static str, String); 3];

/// The routes, and three credentials of the account `ada`.
async fn served(world: &World, ada: palisade_identity::account::Account) -> (RouterService, Credentials) {
    let (clock, random): (SharedClock, _) = (world.clock.clone(), Arc::clone(&world.random));
    let changes = Changes::begin(Arc::clone(&world.store), Arc::clone(&clock)).unwrap();
    let accounts = Accounts::new(changes.clone(), world.hashing.clone(), Arc::clone(&random));
    let settings = SessionSettings::default();
    let sessions = Sessions::new(changes.clone(), accounts.clone(), Arc::clone(&random), settings);
    let verifier = Verifier::access_tokens(ISSUER, ISSUER).own_issuer().clock(Arc::clone(&clock)).build();
    let verifier = Arc::new(verifier);
    let master = MasterKey::from_base64(&SecretString::new(format!("{}=", "A".repeat(43)))).unwrap();
    let key_settings = ApiKeySettings::default();
    let api_keys = ApiKeys::new(&changes, accounts.clone(), &master, Arc::clone(&random), key_settings);
    let token_lifetime = Duration::from_secs(300);
    let signing = KeySettings { issuer: ISSUER.to_owned(), token_lifetime };
    let keys = SigningKeys::open(changes, master, signing, Arc::clone(&verifier), Arc::clone(&random));
    let keys = keys.await.unwrap();

    let mut claims = AccessTokenClaims::new(&ada.id.to_string(), ISSUER, "palisade");
    claims.generation = Some(ada.generation);
    claims.undelegated = true;
    let token = keys.issuer().await.unwrap().issue(&claims).unwrap();
    let device = Device::new(b"Firefox", std::net::Ipv4Addr::LOCALHOST.into());
    let (session, _) = sessions.begin(&ada, device).await.unwrap();
    let new = NewKey {
        name: "measured".parse().unwrap(),
        scopes: "me:read".parse().unwrap(),
        expires_at: None,
        quota: None,
        proof: Proof::Presenting,
    };
    let key = api_keys.create(Actor::Operator, ada.id, new).await.unwrap().text.unwrap();

    let identity = Identity::from(IdentityParts {
        sessions,
        proven: ProvenPasswords::new(&*random, Arc::clone(&clock)).unwrap(),
        api_keys,
        proofs: Proofs::new(accounts.clone(), ISSUER, None),
        keys,
        verifier,
        issuer: ISSUER.to_owned(),
        token_lifetime,
        sign_up: SignUpIs::Off,
        sign_in_limit: SignInLimit::new(Allowance::default(), Arc::clone(&clock)),
        sign_up_limit: SignUpLimit::new(Allowance::default(), Arc::clone(&clock)),
        clock: Arc::clone(&clock),
        decisions: Decisions::new(),
        accounts,
    });
    let service = router().clock(clock).with_state(identity).build().unwrap().service;
    let credentials = [
        ("token", "authorization", format!("Bearer {}", token.expose())),
        ("session", "cookie", format!("{}={}", cookie::NAME, session.to_text().expose())),
        ("API key", "x-api-key", key.to_text().expose().to_owned()),
    ];
    (service, credentials)
}

/// The allocations of a request with the credential `value` in `header`, and reallocations among them.
fn allocations(runtime: &Runtime, service: &RouterService, header: &str, value: &str) -> usize {
    let ask = || {
        let request = Request::get("/me").header(header, value).body(Body::empty()).unwrap();
        let region = Region::new(ALLOCATOR);
        let Ok(answer) = runtime.block_on(async { service.answer(request).await });
        let status = answer.status();
        drop(answer);
        let counted = region.change();
        assert_eq!(status, StatusCode::OK, "{header}");
        counted.allocations + counted.reallocations
    };
    for _ in 0..WARM_UP {
        ask();
    }
    (0..REPETITIONS).map(|_| ask()).min().unwrap()
}

#[test]
fn a_session_and_an_api_key_allocate_no_more_than_a_token() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let (world, ada) = runtime.block_on(World::with_user("ada"));
    let (service, credentials) = runtime.block_on(served(&world, ada));
    let [token, session, key] = credentials.map(|(name, header, value)| {
        let counted = allocations(&runtime, &service, header, &value);
        println!("{name}: {counted}");
        counted
    });
    assert!(session <= token && key <= token, "token {token}, session {session}, API key {key}");
}
