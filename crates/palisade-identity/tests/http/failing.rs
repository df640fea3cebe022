//! A store that fails on demand, and the routes above it: a store that does not answer is 503, never "no", never "yes".

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use crate::app::{App, MILLISECOND, application, assert_problem};
use http::StatusCode;
use palisade::{api_key::LinkId, clock::Timestamp};
use palisade_identity::{
    account::{Account, AccountId},
    api_keys::ApiKey,
    audit::{Actor, AuditEntry, Trail},
    email::Email,
    id::{ApiKeyId, SessionId},
    keys::discard,
    password::PasswordHash,
    roles::{GrantChange, Grants, RoleDefinition, RoleName, TenantName},
    store::{
        AccountChange, AccountStore, ApiKeyStore, AuditRow, AuditStore, ChangeFeed, Changed, Claimed, Deed,
        FirstAdminSecretHash, FirstAdminStore, KeyChange, KeyRecord, KeyStore, Member, NewAccount, NewApiKey,
        Offer, PageSize, Proof, ProofHash, ProofStore, Redeemed, Rehash, RoleStore, Rotation, SessionRecord,
        SessionStore, SharedStore, SignInRecord, StoreError, StoreFuture,
    },
    username::Username,
};
use tokio::sync::oneshot;

/// Passes everything on until it is told to fail.
#[derive(Debug)]
pub(crate) struct FailingStore {
    store: SharedStore,
    fails: AtomicBool,
    keys_fail: AtomicBool,
    audit_fails: AtomicBool,
    /// How often an API key was looked up, and how often it was written down that one was used.
    pub(crate) api_key_reads: AtomicUsize,
    pub(crate) api_key_uses: AtomicUsize,
    /// How often a session was looked up.
    pub(crate) session_reads: AtomicUsize,
    /// How often the stored roles, or what an account was given, were looked up.
    pub(crate) role_reads: AtomicUsize,
    held: Mutex<Option<Held>>,
}

/// What is looked up for a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    Account,
    Session,
    ApiKey,
}

/// A look-up that is to be held, and the ends that say it has its answer and let it go on.
#[derive(Debug)]
struct Held(Read, oneshot::Sender<()>, oneshot::Receiver<()>);

impl FailingStore {
    pub(crate) fn around(store: &SharedStore) -> Arc<Self> {
        Arc::new(Self {
            store: Arc::clone(store),
            fails: AtomicBool::default(),
            keys_fail: AtomicBool::default(),
            audit_fails: AtomicBool::default(),
            api_key_reads: AtomicUsize::default(),
            api_key_uses: AtomicUsize::default(),
            session_reads: AtomicUsize::default(),
            role_reads: AtomicUsize::default(),
            held: Mutex::default(),
        })
    }

    pub(crate) fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }

    /// Only the keys cannot be read.
    pub(crate) fn fail_keys(&self, fails: bool) {
        self.keys_fail.store(fails, Ordering::SeqCst);
    }

    /// Only what belongs to no change cannot be written down.
    pub(crate) fn fail_audit(&self, fails: bool) {
        self.audit_fails.store(fails, Ordering::SeqCst);
    }

    /// Holds the answer to the next `read`: the first end says that the store has given it, the second lets it go on.
    pub(crate) fn hold_next(&self, read: Read) -> (oneshot::Receiver<()>, oneshot::Sender<()>) {
        let ((given, is_given), (release, released)) = (oneshot::channel(), oneshot::channel());
        *self.held.lock().unwrap() = Some(Held(read, given, released));
        (is_given, release)
    }

    fn holding<T: Send + 'static>(&self, read: Read, answer: StoreFuture<T>) -> StoreFuture<T> {
        let Some(Held(_, given, released)) = self.held.lock().unwrap().take_if(|held| held.0 == read) else {
            return answer;
        };
        Box::pin(async move {
            let answer = answer.await;
            given.send(()).unwrap();
            released.await.unwrap();
            answer
        })
    }

    fn answers(&self) -> Result<&SharedStore, StoreError> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("the disk with the canary has gone".to_owned()));
        }
        Ok(&self.store)
    }

    fn pass<T: Send + 'static>(&self, on: impl FnOnce(&SharedStore) -> StoreFuture<T>) -> StoreFuture<T> {
        match self.answers() {
            Ok(store) => on(store),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
}

impl AccountStore for FailingStore {
    fn insert_account(&self, new: NewAccount, audit: AuditEntry) -> StoreFuture<()> {
        self.pass(|store| store.insert_account(new, audit))
    }

    fn account(&self, id: AccountId) -> StoreFuture<Option<Account>> {
        self.holding(Read::Account, self.pass(|store| store.account(id)))
    }

    fn account_named(&self, username: &Username) -> StoreFuture<Option<Account>> {
        self.pass(|store| store.account_named(username))
    }

    fn sign_in_record(&self, username: &Username) -> StoreFuture<Option<SignInRecord>> {
        self.pass(|store| store.sign_in_record(username))
    }

    fn password_hash(&self, id: AccountId) -> StoreFuture<Option<PasswordHash>> {
        self.pass(|store| store.password_hash(id))
    }

    fn accounts(&self, after: Option<AccountId>, at_most: PageSize) -> StoreFuture<Vec<Account>> {
        self.pass(|store| store.accounts(after, at_most))
    }

    fn active_admins(&self) -> StoreFuture<u64> {
        self.pass(|store| store.active_admins())
    }

    fn change_account(
        &self,
        id: AccountId,
        change: AccountChange,
        audit: AuditEntry,
    ) -> StoreFuture<Account> {
        self.pass(|store| store.change_account(id, change, audit))
    }

    fn rehash(&self, rehash: Rehash) -> StoreFuture<bool> {
        self.pass(|store| store.rehash(rehash))
    }
}

impl SessionStore for FailingStore {
    fn insert_session(
        &self,
        new: SessionRecord,
        at_most: u32,
        audit: AuditEntry,
    ) -> StoreFuture<Vec<SessionId>> {
        self.pass(|store| store.insert_session(new, at_most, audit))
    }

    fn session(&self, id: SessionId) -> StoreFuture<Option<SessionRecord>> {
        self.session_reads.fetch_add(1, Ordering::SeqCst);
        self.holding(Read::Session, self.pass(|store| store.session(id)))
    }

    fn sessions(&self, account: AccountId) -> StoreFuture<Vec<SessionRecord>> {
        self.pass(|store| store.sessions(account))
    }

    fn rotate_session(&self, rotation: Rotation, audit: AuditEntry) -> StoreFuture<()> {
        self.pass(|store| store.rotate_session(rotation, audit))
    }

    fn end_session(&self, account: AccountId, id: SessionId, audit: AuditEntry) -> StoreFuture<()> {
        self.pass(|store| store.end_session(account, id, audit))
    }

    fn end_sessions(
        &self,
        account: AccountId,
        keeping: Option<SessionId>,
        audit: AuditEntry,
    ) -> StoreFuture<u64> {
        self.pass(|store| store.end_sessions(account, keeping, audit))
    }

    fn sessions_seen(&self, seen: Vec<(SessionId, Timestamp)>) -> StoreFuture<()> {
        self.pass(|store| store.sessions_seen(seen))
    }

    fn remove_sessions(
        &self,
        seen_before: Timestamp,
        made_before: Timestamp,
        at_most: u32,
    ) -> StoreFuture<u64> {
        self.pass(|store| store.remove_sessions(seen_before, made_before, at_most))
    }
}

impl ApiKeyStore for FailingStore {
    fn insert_api_key(&self, new: NewApiKey, audit: AuditEntry) -> StoreFuture<()> {
        self.pass(|store| store.insert_api_key(new, audit))
    }

    fn api_key(&self, id: ApiKeyId) -> StoreFuture<Option<ApiKey>> {
        self.api_key_reads.fetch_add(1, Ordering::SeqCst);
        self.holding(Read::ApiKey, self.pass(|store| store.api_key(id)))
    }

    fn api_keys(&self, of: AccountId) -> StoreFuture<Vec<ApiKey>> {
        self.pass(|store| store.api_keys(of))
    }

    fn remove_api_key(&self, of: AccountId, id: ApiKeyId, audit: AuditEntry) -> StoreFuture<()> {
        self.pass(|store| store.remove_api_key(of, id, audit))
    }

    fn remove_api_keys(&self, of: AccountId, audit: AuditEntry) -> StoreFuture<Vec<ApiKeyId>> {
        self.pass(|store| store.remove_api_keys(of, audit))
    }

    fn revoke_api_key_link(
        &self,
        of: AccountId,
        id: ApiKeyId,
        link: LinkId,
        at_most: u32,
        audit: AuditEntry,
    ) -> StoreFuture<()> {
        self.pass(|store| store.revoke_api_key_link(of, id, link, at_most, audit))
    }

    fn api_key_used(&self, id: ApiKeyId, at: Timestamp) -> StoreFuture<()> {
        self.api_key_uses.fetch_add(1, Ordering::SeqCst);
        self.pass(|store| store.api_key_used(id, at))
    }
}

impl KeyStore for FailingStore {
    fn keys(&self) -> StoreFuture<Vec<KeyRecord>> {
        if self.keys_fail.load(Ordering::SeqCst) {
            return Box::pin(std::future::ready(Err(StoreError::Busy)));
        }
        self.pass(|store| store.keys())
    }

    fn change_keys(&self, change: KeyChange, audit: AuditEntry) -> StoreFuture<()> {
        self.pass(|store| store.change_keys(change, audit))
    }
}

impl FirstAdminStore for FailingStore {
    fn offer_first_admin(&self, offer: Offer) -> StoreFuture<bool> {
        self.pass(|store| store.offer_first_admin(offer))
    }

    fn first_admin_offer(&self) -> StoreFuture<Option<Offer>> {
        self.pass(|store| store.first_admin_offer())
    }

    fn claim_first_admin(
        &self,
        secret: FirstAdminSecretHash,
        new: NewAccount,
        audit: AuditEntry,
    ) -> StoreFuture<Claimed> {
        self.pass(|store| store.claim_first_admin(secret, new, audit))
    }
}

impl ProofStore for FailingStore {
    fn account_proven(&self, address: &Email) -> StoreFuture<Option<Account>> {
        self.pass(|store| store.account_proven(address))
    }

    fn keep_proof(&self, proof: Proof, audit: Option<AuditEntry>) -> StoreFuture<()> {
        self.pass(|store| store.keep_proof(proof, audit))
    }

    fn standing_proof(&self, hash: ProofHash, now: Timestamp) -> StoreFuture<Option<(Proof, Account)>> {
        self.pass(|store| store.standing_proof(hash, now))
    }

    fn redeem(&self, hash: ProofHash, deed: Deed, audit: AuditEntry) -> StoreFuture<Option<Redeemed>> {
        self.pass(|store| store.redeem(hash, deed, audit))
    }
}

impl RoleStore for FailingStore {
    fn roles(&self) -> StoreFuture<Vec<RoleDefinition>> {
        self.role_reads.fetch_add(1, Ordering::SeqCst);
        self.pass(|store| store.roles())
    }

    fn define_role(&self, role: RoleDefinition, audit: AuditEntry) -> StoreFuture<()> {
        self.pass(|store| store.define_role(role, audit))
    }

    fn remove_role(&self, name: RoleName, audit: AuditEntry) -> StoreFuture<()> {
        self.pass(|store| store.remove_role(name, audit))
    }

    fn grants(&self, id: AccountId) -> StoreFuture<Grants> {
        self.role_reads.fetch_add(1, Ordering::SeqCst);
        self.pass(|store| store.grants(id))
    }

    fn change_grants(&self, id: AccountId, change: GrantChange, audit: AuditEntry) -> StoreFuture<Grants> {
        self.pass(|store| store.change_grants(id, change, audit))
    }

    fn members(
        &self,
        tenant: TenantName,
        after: Option<AccountId>,
        at_most: PageSize,
    ) -> StoreFuture<Vec<Member>> {
        self.pass(|store| store.members(tenant, after, at_most))
    }
}

impl AuditStore for FailingStore {
    fn record(&self, entry: AuditEntry) -> StoreFuture<()> {
        if self.audit_fails.load(Ordering::SeqCst) {
            let full = StoreError::Unavailable("the disk with the canary is full".to_owned());
            return Box::pin(std::future::ready(Err(full)));
        }
        self.pass(|store| store.record(entry))
    }

    fn audit(&self, trail: Trail, before: Option<u64>, at_most: PageSize) -> StoreFuture<Vec<AuditRow>> {
        self.pass(|store| store.audit(trail, before, at_most))
    }
}

impl ChangeFeed for FailingStore {
    fn version(&self) -> Result<u64, StoreError> {
        self.answers()?.version()
    }

    fn changed_since(&self, version: u64) -> Result<Changed, StoreError> {
        self.answers()?.changed_since(version)
    }
}

#[tokio::test]
async fn every_guarded_route_answers_503_while_the_store_fails_and_works_again_afterwards() {
    let app = App::with_admin().await;
    let admin = app.token("root").await;
    assert_eq!(app.client.bearer(&admin).get("/me").send().await.status, StatusCode::OK);

    app.store.fail(true);
    app.world.clock.advance(MILLISECOND);
    for row in app.table.rows().iter().filter(|row| row.requires.is_some()) {
        let answer = app.call(row, &admin).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{} {}", row.method, row.path);
        assert!(!answer.text().contains("canary"), "the cause is for the log: {}", answer.text());
    }
    app.store.fail(false);
    assert_eq!(app.client.bearer(&admin).get("/me").send().await.status, StatusCode::OK);
}

#[tokio::test]
async fn attack_a_leaked_key_while_nobody_can_say_which_keys_are_retired() {
    let app = App::with_user("ada").await;
    let token = app.token("ada").await;
    assert!(app.lets_in(&token).await);
    let kid = app.keys.issuer().await.unwrap().key().key_id().to_owned();
    discard(&*app.world.store_beside, &*app.world.clock, Actor::Operator, &kid).await.unwrap();
    app.store.fail_keys(true);
    app.world.clock.advance(MILLISECOND);
    let answer = app.client.bearer(&token).get("/me").send().await;
    assert_problem(&answer, StatusCode::SERVICE_UNAVAILABLE);
    app.store.fail_keys(false);
    assert!(!app.lets_in(&token).await);
}

#[tokio::test]
async fn whoever_sends_no_token_is_asked_for_one_whatever_the_store_does() {
    let app = App::new().await;
    app.store.fail(true);
    app.world.clock.advance(MILLISECOND);
    let answer = app.client.get("/me").send().await;
    assert_problem(&answer, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
}

#[tokio::test]
async fn sign_up_sign_in_and_readiness_answer_503_while_the_store_fails_and_liveness_200() {
    let app = App::with_user("ada").await;
    app.store.fail(true);

    let sign_up = app.sign_up(&application("eve")).await;
    assert_problem(&sign_up, StatusCode::SERVICE_UNAVAILABLE);
    let sign_in = app.sign_in("ada", "correct horse").await;
    assert_eq!(sign_in.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(sign_in.json()["error"], "temporarily_unavailable");
    assert!(!sign_in.text().contains("canary"));
    assert_problem(&app.client.get("/readyz").send().await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(app.client.get("/healthz").send().await.status, StatusCode::OK);

    app.store.fail(false);
    assert_eq!(app.client.get("/readyz").send().await.status, StatusCode::OK);
    assert_eq!(app.usernames().await, ["ada"], "nothing was made");
}
