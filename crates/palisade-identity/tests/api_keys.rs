//! API keys as a service: made, accepted, narrowed, ended. Over HTTP they are tested in `http/api_keys.rs`.

#![expect(clippy::unwrap_used, reason = "tests panic to fail")]

mod world;

use std::{fs, sync::Arc, time::Duration};

use http::{Request, request::Parts};
use palisade::{
    Rechecking,
    api_key::{ApiKeyText, Caveats, PublicKey, Refused},
    clock::{Clock as _, SharedClock, Timestamp},
    random::SeededRandom,
    scope::ScopeSet,
    secret::SecretString,
};
use palisade_identity::{
    account::{Account, AccountId},
    accounts::Accounts,
    api_keys::{Accepted, ApiKeySettings, ApiKeys, ApiKeysError, Issued, NewKey, NotAccepted, Proof, Quota},
    audit::{Action, Actor, Trail},
    changes::Changes,
    keys::MasterKey,
    role::Role,
    store::SharedStore,
};

use crate::world::{World, applicant};

const MILLISECOND: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_hours(24);

/// The keys of a world, as the server has them and as a command beside it has them.
struct Keys {
    world: World,
    ada: Account,
    keys: ApiKeys,
    beside: ApiKeys,
}

fn master(byte: &str) -> MasterKey {
    MasterKey::from_base64(&SecretString::new(format!("{}=", byte.repeat(43)))).unwrap()
}

fn open(world: &World, store: &SharedStore, accounts: &Accounts, master: &MasterKey) -> ApiKeys {
    let clock: SharedClock = world.clock.clone();
    let changes = Changes::begin(Arc::clone(store), clock).unwrap();
    ApiKeys::new(&changes, accounts.clone(), master, Arc::clone(&world.random), ApiKeySettings::default())
}

impl Keys {
    async fn new() -> Self {
        let (world, ada) = World::with_user("ada").await;
        let keys = open(&world, &world.store, &world.accounts, &master("A"));
        let beside = open(&world, &world.store_beside, &world.beside, &master("A"));
        Self { world, ada, keys, beside }
    }

    async fn create(&self, new: NewKey) -> Issued {
        self.keys.create(Actor::Account(self.ada.id), self.ada.id, new).await.unwrap()
    }

    async fn accept(&self, text: &SecretString) -> Result<Accepted, NotAccepted> {
        self.keys.accept(text.expose(), &head()).await
    }

    fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    async fn actions(&self) -> Vec<Action> {
        self.world.trail(Trail::Changes).await.into_iter().map(|entry| entry.action).collect()
    }
}

fn head() -> Parts {
    Request::get("/").body(()).unwrap().into_parts().0
}

fn scopes(text: &str) -> ScopeSet {
    text.parse().unwrap()
}

fn new_key(held: &str) -> NewKey {
    NewKey {
        name: "ci".parse().unwrap(),
        scopes: scopes(held),
        expires_at: None,
        quota: None,
        proof: Proof::Presenting,
    }
}

fn text(issued: &Issued) -> SecretString {
    issued.text.as_ref().unwrap().to_text()
}

#[tokio::test]
async fn a_key_is_accepted_as_its_account_with_its_scopes_and_no_more() {
    let keys = Keys::new().await;
    let issued = keys.create(new_key("me:read")).await;
    let accepted = keys.accept(&text(&issued)).await.unwrap();
    assert_eq!((accepted.account().id, accepted.key()), (keys.ada.id, &issued.key));
    let authority = accepted.authority();
    assert_eq!(authority.held_scopes(), &scopes("me:read"));
    assert!(authority.is_delegated());
    assert_eq!(issued.key.expires_at, keys.now().after(90 * DAY));
}

#[tokio::test]
async fn a_key_is_given_no_scope_its_account_does_not_hold() {
    let keys = Keys::new().await;
    let create = async |new| keys.keys.create(Actor::Operator, keys.ada.id, new).await.unwrap_err();
    assert_eq!(
        create(new_key("accounts:read me:read")).await,
        ApiKeysError::NotHeld(scopes("accounts:read"))
    );
    assert_eq!(create(new_key("")).await, ApiKeysError::NoScope);
    for at in
        [keys.now(), keys.now().before(DAY), keys.now().after(366 * DAY), Timestamp::from_unix(i64::MAX)]
    {
        let new = NewKey { expires_at: Some(at), ..new_key("me:read") };
        assert!(matches!(create(new).await, ApiKeysError::Expiry(_)), "{at:?}");
    }
    let nobody = AccountId::draw(&*keys.world.clock, &*keys.world.random).unwrap();
    let refused = keys.keys.create(Actor::Operator, nobody, new_key("me:read")).await;
    assert_eq!(refused.unwrap_err(), ApiKeysError::NotFound);
    assert_eq!(keys.keys.list(keys.ada.id).await.unwrap(), []);
}

#[tokio::test]
async fn attack_a_key_that_outlives_its_accounts_role() {
    let keys = Keys::new().await;
    let root = keys.world.admin("root").await;
    let other = keys.world.admin("other").await;
    let new = new_key("accounts:read me:read");
    let issued = keys.keys.create(Actor::Operator, root.id, new).await.unwrap();
    assert_eq!(keys.accept(&text(&issued)).await.unwrap().scopes(), &scopes("accounts:read me:read"));
    keys.world.beside.set_roles(Actor::Account(other.id), root.id, Role::User.into()).await.unwrap();
    keys.world.clock.advance(MILLISECOND);
    assert_eq!(keys.accept(&text(&issued)).await.unwrap().scopes(), &scopes("me:read"));
}

#[tokio::test]
async fn a_disabled_accounts_keys_are_refused_at_once() {
    let keys = Keys::new().await;
    let issued = keys.create(new_key("me:read")).await;
    assert!(keys.accept(&text(&issued)).await.is_ok());
    keys.world.beside.disable(Actor::Operator, keys.ada.id).await.unwrap();
    keys.world.clock.advance(MILLISECOND);
    assert_eq!(keys.accept(&text(&issued)).await.unwrap_err(), NotAccepted::AccountDisabled);
    keys.world.beside.enable(Actor::Operator, keys.ada.id).await.unwrap();
    keys.world.clock.advance(MILLISECOND);
    assert!(keys.accept(&text(&issued)).await.is_ok(), "a program's keys are not lost by it");
}

#[tokio::test]
async fn attack_an_altered_or_foreign_key() {
    let keys = Keys::new().await;
    let issued = keys.create(new_key("me:read")).await;
    let (id, random) = (issued.key.id, SeededRandom::shared(7));
    let guessed = ApiKeyText::generate(id.into(), &*random).unwrap().to_text();
    assert_eq!(keys.accept(&guessed).await.unwrap_err(), NotAccepted::OtherSecret);

    let other = Keys::new().await;
    let foreign = NewKey { name: "foreign".parse().unwrap(), ..new_key("me:read") };
    other.create(new_key("me:read")).await;
    let foreign = text(&other.create(foreign).await);
    assert_eq!(keys.accept(&foreign).await.unwrap_err(), NotAccepted::Unknown);

    let whole = text(&issued);
    for cut in 0..whole.len() {
        let refused = keys.keys.accept(&whole.expose()[..cut], &head()).await.unwrap_err();
        assert!(matches!(refused, NotAccepted::Text(_)), "cut to {cut}: {refused}");
    }
    for (position, character) in whole.expose().char_indices() {
        let other = if character == 'x' { "y" } else { "x" };
        let altered = [&whole.expose()[..position], other, &whole.expose()[position + 1..]].concat();
        let refused = keys.keys.accept(&altered, &head()).await.unwrap_err();
        assert!(matches!(refused, NotAccepted::Text(_)), "altered at {position}: {refused}");
    }
}

#[tokio::test]
async fn attack_a_copied_database_under_another_master_key() {
    let keys = Keys::new().await;
    let issued = keys.create(new_key("me:read")).await;
    let copied = open(&keys.world, &keys.world.store, &keys.world.accounts, &master("E"));
    let refused = copied.accept(text(&issued).expose(), &head()).await.unwrap_err();
    assert_eq!(refused, NotAccepted::OtherSecret, "the hash alone verifies nothing");
}

#[tokio::test]
async fn no_secret_is_in_the_store_or_the_trail() {
    let keys = Keys::new().await;
    let issued = keys.create(new_key("me:read")).await;
    let derived = issued.text.as_ref().unwrap().derive(Caveats::none(), &*keys.world.random).unwrap();
    keys.accept(&text(&issued)).await.unwrap();
    keys.accept(&derived.to_text()).await.unwrap();
    let rotated = keys.keys.rotate(Actor::Operator, keys.ada.id, issued.key.id, DAY, None).await.unwrap();
    keys.world.settle().await;
    let mut stored = Vec::new();
    for entry in fs::read_dir(keys.world.folder.path()).unwrap() {
        stored.extend(fs::read(entry.unwrap().path()).unwrap());
    }
    let holds = |bytes: &[u8]| stored.windows(bytes.len()).any(|window| window == bytes);
    assert!(holds(issued.key.public_key.as_bytes()), "this is where keys are");
    for text in [text(&issued), text(&rotated), derived.to_text()] {
        // The secret follows the second underscore, and its seed is what is drawn.
        let secret = text.expose().rsplit('_').next().unwrap();
        for part in [&secret[..20], &secret[secret.len() - 20..]] {
            assert!(!holds(part.as_bytes()));
        }
    }
}

#[tokio::test]
async fn a_key_ends_when_it_expires() {
    let keys = Keys::new().await;
    let end = keys.now().after(DAY);
    let issued = keys.create(NewKey { expires_at: Some(end), ..new_key("me:read") }).await;
    keys.world.clock.advance(DAY - Duration::from_secs(1));
    assert!(keys.accept(&text(&issued)).await.is_ok());
    keys.world.clock.advance(Duration::from_secs(1));
    assert_eq!(keys.accept(&text(&issued)).await.unwrap_err(), NotAccepted::Expired);
    assert_eq!(keys.keys.list(keys.ada.id).await.unwrap().len(), 1, "it is still listed");
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once_here_and_a_millisecond_later_beside() {
    let keys = Keys::new().await;
    let (one, other) = (keys.create(new_key("me:read")).await, keys.create(new_key("me:read")).await);
    for issued in [&one, &other] {
        assert!(keys.accept(&text(issued)).await.is_ok());
    }
    keys.keys.revoke(Actor::Account(keys.ada.id), keys.ada.id, one.key.id).await.unwrap();
    assert_eq!(keys.accept(&text(&one)).await.unwrap_err(), NotAccepted::Unknown);
    keys.beside.revoke(Actor::Operator, keys.ada.id, other.key.id).await.unwrap();
    keys.world.clock.advance(MILLISECOND);
    assert_eq!(keys.accept(&text(&other)).await.unwrap_err(), NotAccepted::Unknown);
    let again = keys.keys.revoke(Actor::Operator, keys.ada.id, one.key.id).await;
    assert_eq!(again, Err(ApiKeysError::NotFound));
}

#[tokio::test]
async fn all_keys_of_an_account_are_revoked_at_once() {
    let keys = Keys::new().await;
    let (one, other) = (keys.create(new_key("me:read")).await, keys.create(new_key("me:read")).await);
    for issued in [&one, &other] {
        assert!(keys.accept(&text(issued)).await.is_ok());
    }
    keys.keys.revoke_all(Actor::Operator, keys.ada.id).await.unwrap();
    for issued in [&one, &other] {
        assert_eq!(keys.accept(&text(issued)).await.unwrap_err(), NotAccepted::Unknown);
    }
}

#[tokio::test]
async fn a_rotated_key_works_beside_the_new_one_for_the_time_stated_and_no_longer() {
    let keys = Keys::new().await;
    let lifetime = 10 * DAY;
    let quota = Quota::new(100, 60).unwrap();
    let new = NewKey {
        expires_at: Some(keys.now().after(lifetime)),
        quota: Some(quota),
        ..new_key("me:read me:write")
    };
    let old = keys.create(new).await;
    assert!(keys.accept(&text(&old)).await.is_ok());
    keys.world.clock.advance(DAY);
    let rotate = async |id, overlap| keys.keys.rotate(Actor::Operator, keys.ada.id, id, overlap, None).await;
    let new = rotate(old.key.id, DAY).await.unwrap();
    assert_eq!((&new.key.scopes, new.key.quota), (&old.key.scopes, Some(quota)));
    assert_eq!(new.key.expires_at, keys.now().after(lifetime), "as long as the old one was to");
    keys.world.clock.advance(DAY - Duration::from_secs(1));
    assert!(keys.accept(&text(&old)).await.is_ok() && keys.accept(&text(&new)).await.is_ok());
    keys.world.clock.advance(Duration::from_secs(1));
    assert_eq!(keys.accept(&text(&old)).await.unwrap_err(), NotAccepted::Expired);
    assert!(keys.accept(&text(&new)).await.is_ok());

    assert_eq!(rotate(old.key.id, DAY).await.unwrap_err(), ApiKeysError::ChangedMeanwhile);
    let eight = rotate(new.key.id, 7 * DAY + Duration::from_secs(1)).await.unwrap_err();
    assert_eq!(eight, ApiKeysError::Overlap(7 * DAY));
    let newest = rotate(new.key.id, Duration::ZERO).await.unwrap();
    assert_eq!(keys.accept(&text(&new)).await.unwrap_err(), NotAccepted::Expired, "at once");
    assert!(keys.accept(&text(&newest)).await.is_ok());
}

#[tokio::test]
async fn a_rotation_does_not_lengthen_the_life_of_the_old_key() {
    let keys = Keys::new().await;
    let end = keys.now().after(DAY);
    let old = keys.create(NewKey { expires_at: Some(end), ..new_key("me:read") }).await;
    keys.world.clock.advance(Duration::from_hours(1));
    keys.keys.rotate(Actor::Operator, keys.ada.id, old.key.id, 7 * DAY, None).await.unwrap();
    assert_eq!(keys.keys.list(keys.ada.id).await.unwrap()[0].expires_at, end, "the older one");
}

#[tokio::test]
async fn attack_a_rotation_that_brings_back_lost_scopes() {
    let keys = Keys::new().await;
    let (root, _other) = (keys.world.admin("root").await, keys.world.admin("other").await);
    let old = keys.keys.create(Actor::Operator, root.id, new_key("accounts:read me:read")).await.unwrap();
    keys.world.accounts.set_roles(Actor::Operator, root.id, Role::User.into()).await.unwrap();
    let new = keys.keys.rotate(Actor::Operator, root.id, old.key.id, DAY, None).await.unwrap();
    assert_eq!(new.key.scopes, scopes("me:read"));
}

#[tokio::test]
async fn nobody_ends_or_rotates_the_key_of_another() {
    let keys = Keys::new().await;
    let eve = keys.world.accounts.sign_up(applicant("eve")).await.unwrap();
    let hers = keys.create(new_key("me:read")).await;
    let (actor, id) = (Actor::Account(eve.id), hers.key.id);
    assert_eq!(keys.keys.revoke(actor, eve.id, id).await, Err(ApiKeysError::NotFound));
    let rotated = keys.keys.rotate(actor, eve.id, id, DAY, None).await;
    assert_eq!(rotated.unwrap_err(), ApiKeysError::NotFound);
    assert!(keys.accept(&text(&hers)).await.is_ok());
}

#[tokio::test]
async fn a_quota_lets_so_many_through_and_regains_them() {
    let keys = Keys::new().await;
    let quota = Quota::new(2, 60).unwrap();
    let issued = keys.create(NewKey { quota: Some(quota), ..new_key("me:read") }).await;
    let derived = issued.text.as_ref().unwrap().derive(Caveats::none(), &*keys.world.random).unwrap();
    assert!(keys.accept(&text(&issued)).await.is_ok());
    assert!(keys.accept(&derived.to_text()).await.is_ok(), "a derived key uses what its key has");
    let wait = Duration::from_secs(30);
    for text in [text(&issued), derived.to_text()] {
        assert_eq!(keys.accept(&text).await.unwrap_err(), NotAccepted::QuotaUsedUp(wait));
    }
    keys.world.clock.advance(wait);
    assert!(keys.accept(&text(&issued)).await.is_ok());
}

#[tokio::test]
async fn a_connection_that_is_asked_again_uses_no_quota_and_ends_with_its_key() {
    let keys = Keys::new().await;
    let quota = Quota::new(1, 60).unwrap();
    let issued = keys.create(NewKey { quota: Some(quota), ..new_key("me:read") }).await;
    let (text, mut opened) = (text(&issued), head());
    assert!(keys.keys.accept(text.expose(), &opened).await.is_ok());
    opened.extensions.insert(Rechecking);
    for _ in 0..3 {
        assert!(keys.keys.accept(text.expose(), &opened).await.is_ok());
    }
    keys.beside.revoke(Actor::Operator, keys.ada.id, issued.key.id).await.unwrap();
    keys.world.clock.advance(MILLISECOND);
    assert_eq!(keys.keys.accept(text.expose(), &opened).await.unwrap_err(), NotAccepted::Unknown);
}

#[tokio::test]
async fn attack_a_key_for_signing_only_that_is_presented() {
    let keys = Keys::new().await;
    let signing = keys.create(NewKey { proof: Proof::Signing, ..new_key("me:read") }).await;
    assert!(signing.key.is_sender_constrained());
    assert_eq!(keys.accept(&text(&signing)).await.unwrap_err(), NotAccepted::NotSigned);
    let derived = signing.text.as_ref().unwrap().derive(Caveats::none(), &*keys.world.random).unwrap();
    assert_eq!(keys.accept(&derived.to_text()).await.unwrap_err(), NotAccepted::NotSigned);

    let own = PublicKey::from_bytes(*signing.key.public_key.as_bytes());
    let issued = keys.create(NewKey { proof: Proof::SigningWith(own), ..new_key("me:read") }).await;
    assert!(issued.text.is_none() && issued.key.hash.is_none(), "the server never knew a secret");
    assert_eq!(issued.key.public_key, own);
    let rotated = keys.keys.rotate(Actor::Operator, keys.ada.id, issued.key.id, DAY, None).await.unwrap();
    assert!(rotated.key.is_sender_constrained(), "a rotation takes no protection away");
}

#[tokio::test]
async fn a_derived_key_may_what_is_left_of_its_key() {
    let keys = Keys::new().await;
    let issued = keys.create(new_key("me:read me:write")).await;
    let whole = issued.text.unwrap();
    let narrow = |held: &str| Caveats::none().scopes(scopes(held));
    let derive = |caveats| whole.derive(caveats, &*keys.world.random).unwrap();
    for (caveats, left) in [
        (Caveats::none(), "me:read me:write"),
        (narrow("me:read"), "me:read"),
        (narrow("accounts:write me:write"), "me:write"),
        (narrow(""), ""),
    ] {
        let text = derive(caveats).to_text();
        for time in ["first", "from memory"] {
            assert_eq!(keys.accept(&text).await.unwrap().scopes(), &scopes(left), "{time}");
        }
    }
    let one = derive(narrow("me:read"));
    let two = one.derive(narrow("me:read me:write"), &*keys.world.random).unwrap();
    assert_eq!(keys.accept(&two.to_text()).await.unwrap().scopes(), &scopes("me:read"), "never more again");
}

#[tokio::test]
async fn a_derived_key_ends_by_its_own_time_and_with_its_key() {
    let keys = Keys::new().await;
    let issued = keys.create(new_key("me:read")).await;
    let whole = issued.text.unwrap();
    let caveats = Caveats::none().expires(keys.now().after(DAY));
    let short = whole.derive(caveats, &*keys.world.random).unwrap().to_text();
    let long = whole.derive(Caveats::none(), &*keys.world.random).unwrap().to_text();
    assert!(keys.accept(&short).await.is_ok() && keys.accept(&long).await.is_ok());
    keys.world.clock.advance(DAY);
    assert_eq!(keys.accept(&short).await.unwrap_err(), NotAccepted::Expired, "also from memory");
    let fresh = open(&keys.world, &keys.world.store, &keys.world.accounts, &master("A"));
    let refused = fresh.accept(short.expose(), &head()).await.unwrap_err();
    assert_eq!(refused, NotAccepted::Text(Refused::Expired));
    assert!(keys.accept(&long).await.is_ok());
    keys.beside.revoke(Actor::Operator, keys.ada.id, issued.key.id).await.unwrap();
    keys.world.clock.advance(MILLISECOND);
    assert_eq!(keys.accept(&long).await.unwrap_err(), NotAccepted::Unknown);
}

#[tokio::test]
async fn a_revoked_link_takes_along_what_was_derived_from_it_and_nothing_else() {
    let keys = Keys::new().await;
    let issued = keys.create(new_key("me:read")).await;
    let whole = issued.text.as_ref().unwrap();
    let child = whole.derive(Caveats::none(), &*keys.world.random).unwrap();
    let grandchild = child.derive(Caveats::none(), &*keys.world.random).unwrap();
    let sibling = whole.derive(Caveats::none(), &*keys.world.random).unwrap();
    let all = [child.to_text(), grandchild.to_text(), sibling.to_text(), whole.to_text()];
    for text in &all[1..] {
        assert!(keys.accept(text).await.is_ok());
    }
    let narrowed = child.chain().verify(issued.key.public_key, child.id(), keys.now()).unwrap();
    let (id, link) = (issued.key.id, narrowed.links()[0]);
    keys.beside.revoke_link(Actor::Operator, keys.ada.id, id, link).await.unwrap();
    keys.world.clock.advance(MILLISECOND);
    for text in &all[..2] {
        assert_eq!(keys.accept(text).await.unwrap_err(), NotAccepted::LinkRevoked);
    }
    for text in &all[2..] {
        assert!(keys.accept(text).await.is_ok());
    }
}

#[tokio::test]
async fn attack_a_chain_of_another_key() {
    let keys = Keys::new().await;
    let (mine, other) =
        (keys.create(new_key("me:read")).await, keys.create(new_key("me:read me:write")).await);
    // Signed by the wrong secret, under the other key's id.
    let forged = ApiKeyText::generate(other.key.id.into(), &*keys.world.random).unwrap();
    let forged = forged.derive(Caveats::none(), &*keys.world.random).unwrap().to_text();
    let refused = keys.accept(&forged).await.unwrap_err();
    assert_eq!(refused, NotAccepted::Text(Refused::BadSignature));
    let derived = mine.text.unwrap().derive(Caveats::none(), &*keys.world.random).unwrap();
    assert_eq!(keys.accept(&derived.to_text()).await.unwrap().key().id, mine.key.id);
}

#[tokio::test]
async fn what_is_done_with_keys_is_in_the_trail() {
    let keys = Keys::new().await;
    let actor = Actor::Account(keys.ada.id);
    let issued = keys.create(new_key("me:read")).await;
    let rotated = keys.keys.rotate(actor, keys.ada.id, issued.key.id, DAY, None).await.unwrap();
    let derived = rotated.text.unwrap().derive(Caveats::none(), &*keys.world.random).unwrap();
    let narrowed = derived.chain().verify(rotated.key.public_key, derived.id(), keys.now()).unwrap();
    keys.keys.revoke_link(actor, keys.ada.id, rotated.key.id, narrowed.links()[0]).await.unwrap();
    keys.keys.revoke(actor, keys.ada.id, rotated.key.id).await.unwrap();
    keys.keys.revoke_all(actor, keys.ada.id).await.unwrap();
    assert_eq!(
        keys.actions().await[..5],
        [
            Action::ApiKeysRevoked,
            Action::ApiKeyRevoked,
            Action::ApiKeyLinkRevoked,
            Action::ApiKeyRotated,
            Action::ApiKeyCreated
        ]
    );
    let made = keys.world.trail(Trail::Changes).await.remove(4);
    assert_eq!((made.actor, made.target), (actor, issued.key.id.to_string()));
    assert_eq!(made.detail["scopes"], "me:read");
}

#[tokio::test]
async fn an_account_has_so_many_keys_and_no_more() {
    let keys = Keys::new().await;
    let clock: SharedClock = keys.world.clock.clone();
    let changes = Changes::begin(Arc::clone(&keys.world.store), clock).unwrap();
    let settings = ApiKeySettings { most_per_account: 2, ..ApiKeySettings::default() };
    let few = ApiKeys::new(
        &changes,
        keys.world.accounts.clone(),
        &master("A"),
        Arc::clone(&keys.world.random),
        settings,
    );
    let create = async || few.create(Actor::Operator, keys.ada.id, new_key("me:read")).await;
    let (one, two) = (create().await.unwrap(), create().await.unwrap());
    assert_eq!(create().await.unwrap_err(), ApiKeysError::Full);
    let rotated = few.rotate(Actor::Operator, keys.ada.id, two.key.id, DAY, None).await;
    assert_eq!(rotated.unwrap_err(), ApiKeysError::Full);
    assert!(few.list(keys.ada.id).await.unwrap().contains(&two.key), "and the old one lives on as it did");
    few.revoke(Actor::Operator, keys.ada.id, one.key.id).await.unwrap();
    assert!(create().await.is_ok());
}
