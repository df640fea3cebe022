//! Signing keys: made, rotated, retired, and noticed beside.

#![expect(clippy::unwrap_used, reason = "tests panic to fail")]

mod world;

use std::{sync::Arc, time::Duration};

use palisade::{
    clock::{Clock as _, SharedClock},
    random::SeededRandom,
    secret::SecretString,
    token::{AccessTokenClaims, Issuer, Refused, SigningKey, Verifier},
};
use palisade_identity::{
    audit::{Action, Actor, AuditEntry, Trail},
    changes::Changes,
    keys::{self, KeySettings, KeysError, MasterKey, MasterKeyError, SigningKeys},
    store::{KeyChange, KeyRecord, SharedStore},
};

use crate::world::{World, world};

const ISSUER: &str = "https://issuer.example";
const LIFETIME: Duration = Duration::from_secs(300);
const MILLISECOND: Duration = Duration::from_millis(1);

/// One process: its keys, and the verifier it asks.
struct Process {
    keys: SigningKeys,
    verifier: Arc<Verifier>,
}

fn master() -> MasterKey {
    MasterKey::from_base64(&SecretString::new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")).unwrap()
}

async fn try_start(world: &World, store: &SharedStore, master: MasterKey) -> Result<Process, KeysError> {
    let clock: SharedClock = world.clock.clone();
    let verifier = Arc::new(Verifier::access_tokens(ISSUER, ISSUER).clock(Arc::clone(&clock)).build());
    let settings = KeySettings { issuer: ISSUER.to_owned(), token_lifetime: LIFETIME };
    let random = Arc::clone(&world.random);
    let changes = Changes::begin(Arc::clone(store), clock)?;
    let keys = SigningKeys::open(changes, master, settings, Arc::clone(&verifier), random).await?;
    Ok(Process { keys, verifier })
}

async fn start(world: &World, store: &SharedStore) -> Process {
    try_start(world, store, master()).await.unwrap()
}

impl Process {
    async fn token(&self) -> SecretString {
        issue(&self.keys.issuer().await.unwrap())
    }

    async fn kid(&self) -> String {
        self.keys.issuer().await.unwrap().key().key_id().to_owned()
    }

    async fn verify(&self, token: &SecretString) -> Result<(), Refused> {
        self.keys.refresh().await.unwrap();
        self.verifier.verify(token.expose()).map(drop)
    }
}

fn issue(issuer: &Issuer) -> SecretString {
    issuer
        .issue(&AccessTokenClaims { lifetime: LIFETIME, ..AccessTokenClaims::new("ada", ISSUER, "palisade") })
        .unwrap()
}

fn audit(world: &World) -> AuditEntry {
    AuditEntry::new(world.clock.now(), Actor::Operator, Action::KeyRotated, "key")
}

/// Puts `record` in the place of the one key there is.
async fn replace(world: &World, record: KeyRecord) {
    let old = world.store.keys().await.unwrap().remove(0).kid;
    world.store.change_keys(KeyChange::Remove { kid: old }, audit(world)).await.unwrap();
    let accept_old_until = world.clock.now();
    let change = KeyChange::Rotate { new: record, accept_old_until, replacing: None };
    world.store.change_keys(change, audit(world)).await.unwrap();
}

#[tokio::test]
async fn the_first_start_makes_a_key_and_a_restart_finds_it() {
    let world = world();
    let server = start(&world, &world.store).await;
    let token = server.token().await;
    assert_eq!(server.verify(&token).await, Ok(()));
    let restarted = start(&world, &world.store).await;
    assert_eq!(restarted.kid().await, server.kid().await);
    assert_eq!(restarted.verify(&token).await, Ok(()));
    assert_eq!(world.trail(Trail::Changes).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_start_at_once_sign_with_the_same_key() {
    let world = world();
    let (one, other) = tokio::join!(start(&world, &world.store), start(&world, &world.store_beside));
    assert_eq!(one.kid().await, other.kid().await);
    assert_eq!(other.verify(&one.token().await).await, Ok(()));
}

#[tokio::test]
async fn after_a_rotation_old_tokens_are_accepted_until_they_expire() {
    let world = world();
    let server = start(&world, &world.store).await;
    let (old, old_kid) = (server.token().await, server.kid().await);
    let new_kid = server.keys.rotate(Actor::Operator).await.unwrap();
    assert_eq!(server.kid().await, new_kid);
    assert_ne!(new_kid, old_kid);
    let new = server.token().await;
    assert_eq!(server.verify(&old).await, Ok(()));
    assert_eq!(server.verify(&new).await, Ok(()));
    let published = server.keys.published().await.unwrap();
    assert!(published.contains(&old_kid) && published.contains(&new_kid));

    // The last second of the old token, leeway included.
    world.clock.advance(LIFETIME + Duration::from_secs(59));
    assert_eq!(server.verify(&old).await, Ok(()));
    world.clock.advance(Duration::from_secs(62));
    assert_eq!(server.verify(&old).await, Err(Refused::KeyUnknown));
    assert!(!server.keys.published().await.unwrap().contains(&old_kid));
}

#[tokio::test]
async fn a_key_that_leaked_is_refused_at_once_and_another_one_signs() {
    let world = world();
    let server = start(&world, &world.store).await;
    let (leaked, kid) = (server.token().await, server.kid().await);
    assert_eq!(server.verify(&leaked).await, Ok(()));
    server.keys.retire(Actor::Operator, &kid).await.unwrap();
    assert_eq!(server.verify(&leaked).await, Err(Refused::KeyUnknown));
    assert_eq!(server.verify(&server.token().await).await, Ok(()));
    assert_eq!(server.keys.retire(Actor::Operator, &kid).await, Err(KeysError::NotFound));
    assert_eq!(server.keys.list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_command_beside_does_with_the_keys_is_noticed() {
    let world = world();
    let (server, command) = (start(&world, &world.store).await, start(&world, &world.store_beside).await);
    let old_kid = server.kid().await;
    let old = server.token().await;
    world.clock.advance(MILLISECOND);
    let new_kid = command.keys.rotate(Actor::Operator).await.unwrap();
    assert_eq!(server.verify(&command.token().await).await, Ok(()));
    assert_eq!(server.kid().await, new_kid);

    world.clock.advance(MILLISECOND);
    command.keys.retire(Actor::Operator, &old_kid).await.unwrap();
    assert_eq!(server.verify(&old).await, Err(Refused::KeyUnknown));

    world.clock.advance(MILLISECOND);
    keys::discard(&*world.store_beside, &*world.clock, Actor::Operator, &new_kid).await.unwrap();
    assert_ne!(server.kid().await, new_kid);
    world.clock.advance(MILLISECOND);
    assert_eq!(server.kid().await, command.kid().await);
}

#[tokio::test]
async fn attack_tampered_sealed_key() {
    let world = world();
    start(&world, &world.store).await;
    let record = world.store.keys().await.unwrap().remove(0);
    for position in [0, 1, 13, record.sealed.len() - 1] {
        let mut tampered = record.clone();
        tampered.sealed[position] ^= 1;
        replace(&world, tampered).await;
        let refused = try_start(&world, &world.store, master()).await.err();
        assert_eq!(refused, Some(KeysError::Unsealable { kid: record.kid.clone() }), "byte {position}");
    }
    replace(&world, record).await;
    assert!(try_start(&world, &world.store, master()).await.is_ok());
}

#[tokio::test]
async fn attack_sealed_key_moved_to_another_kid() {
    let world = world();
    start(&world, &world.store).await;
    let record = world.store.keys().await.unwrap().remove(0);
    replace(&world, KeyRecord { kid: "other".to_owned(), ..record }).await;
    let refused = try_start(&world, &world.store, master()).await.err();
    assert_eq!(refused, Some(KeysError::Unsealable { kid: "other".to_owned() }));
}

#[tokio::test]
async fn attack_a_foreign_public_key_put_into_the_store_signs_nothing() {
    let world = world();
    let server = start(&world, &world.store).await;
    let foreign = SigningKey::generate(&*SeededRandom::shared(99)).unwrap();
    let jwk = foreign.public_jwk().to_string();
    let record = world.store.keys().await.unwrap().remove(0);
    // Beside the sealed half of the right key, and as a key of its own.
    let replaced = KeyRecord { public_jwk: jwk.clone(), ..record.clone() };
    replace(&world, replaced).await;
    let alone = KeyRecord { kid: foreign.key_id().to_owned(), public_jwk: jwk, ..record.clone() };
    let accept_old_until = world.clock.now().after(LIFETIME);
    let signing = KeyRecord { kid: "signing".to_owned(), ..record.clone() };
    for (new, replacing) in [(alone, record.kid.clone()), (signing, foreign.key_id().to_owned())] {
        let change = KeyChange::Rotate { new, accept_old_until, replacing: Some(replacing) };
        world.store.change_keys(change, audit(&world)).await.unwrap();
    }
    keys::discard(&*world.store, &*world.clock, Actor::Operator, "signing").await.unwrap();

    world.clock.advance(MILLISECOND);
    let forged = issue(&Issuer::new(ISSUER, foreign, world.clock.clone(), SeededRandom::shared(2)));
    assert_eq!(server.verify(&forged).await, Err(Refused::KeyUnknown));
    assert_eq!(server.verify(&server.token().await).await, Ok(()));
}

#[tokio::test]
async fn another_master_key_opens_nothing_and_destroys_nothing() {
    let world = world();
    let kid = start(&world, &world.store).await.kid().await;
    let other = MasterKey::from_base64(&SecretString::new("A".repeat(43) + "=")).unwrap();
    let refused = try_start(&world, &world.store, other).await.err();
    assert_eq!(refused, Some(KeysError::Unsealable { kid: kid.clone() }));
    assert_eq!(start(&world, &world.store).await.kid().await, kid);
}

#[tokio::test]
async fn a_lost_master_key_is_not_replaced_while_there_are_keys() {
    let world = world();
    let path = world.folder.path().join("master.key");
    let master = keys::master_key_for(&*world.store, &path, &*world.random).await.unwrap();
    try_start(&world, &world.store, master).await.unwrap();
    keys::master_key_for(&*world.store, &path, &*world.random).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    let missing = keys::master_key_for(&*world.store, &path, &*world.random).await;
    assert!(matches!(missing, Err(MasterKeyError::Missing(_))));
    assert!(!path.exists());
}

#[tokio::test]
async fn no_private_key_is_in_the_files_or_in_what_is_printed() {
    let world = world();
    let server = start(&world, &world.store).await;
    // The same randomness makes the same key: the first 32 bytes are its seed.
    let mut seed = [0; 32];
    SeededRandom::shared(1).fill(&mut seed).unwrap();
    assert_eq!(SigningKey::generate(&*SeededRandom::shared(1)).unwrap().key_id(), server.kid().await);
    for file in std::fs::read_dir(world.folder.path()).unwrap() {
        let content = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!content.windows(16).any(|window| seed.windows(16).any(|part| part == window)));
    }
    let printed = format!("{:?}", server.keys);
    assert!(printed.contains(&server.kid().await) && printed.len() < 200, "{printed}");
}
