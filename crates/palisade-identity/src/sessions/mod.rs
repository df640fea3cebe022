//! Browser sessions: what a person's browser is signed in by.
//!
//! A browser holds a [`SessionSecret`] in a [cookie]; the store holds its SHA-256 beside what is known of the session, and
//! a process keeps the sessions in use in memory. A session counts as long as it is neither expired nor ended **and** its
//! account is active and of the session's generation (or keeps just this session): so whatever ends an account's tokens
//! ends its sessions, in every process, a millisecond later at most.
//!
//! # Secrets are drawn here and change
//!
//! A sign-in draws a new session; what the browser presented before is never adopted, so a session cannot be planted
//! (session fixation). The secret changes within a session when the account proves itself again or changes its password:
//! the one before ends at once. It also changes with what the account may do, at the next request; then requests that are
//! under way just now carry the one before, which is accepted for [`GRACE`] more.
//!
//! That grace is what it costs: whoever stole the cookie before may use it for ten seconds more with what is new. Without
//! the change they could for the session's life. If the thief's request is the next, the thief gets the new secret and the
//! owner is signed out: noticed, and ended by "sign out everywhere" or by signing in and looking at the list of sessions. An
//! answer that does not arrive has the same effect. A secret that was replaced counts as none after that, but its cookie is
//! not cleared: the browser may hold the new one already.

pub mod cookie;
mod error;
mod memory;
mod notes;
mod presented;
mod secret;
mod session;

use std::{sync::Arc, time::Duration};

use palisade::{
    clock::{SharedClock, Timestamp},
    random::SharedRandom,
};
use serde_json::json;

pub use self::{
    error::SessionsError,
    presented::{Presented, SignedIn},
    secret::SessionSecret,
    session::{Device, Session, SessionSettings},
};
use self::{
    memory::{Live, LiveSessions},
    notes::Notes,
    presented::SecretIs,
};
use crate::{
    account::Account,
    accounts::Accounts,
    audit::{Action, Actor, AuditEntry},
    changes::Changes,
    epochs::Subject,
    id::{AccountId, SessionId},
    roles::AuthorityMark,
    store::{Rotation, SessionRecord, SessionSecretHash, SharedStore, StoreError},
};

/// How long a secret is accepted that was replaced because what its account may do has changed.
pub const GRACE: Duration = Duration::from_secs(10);

/// How many expired sessions a sign-in clears away: more than it makes, and little enough to go unnoticed.
const CLEARED: u32 = 16;

/// The browser sessions of one store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sessions(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    changes: Changes,
    accounts: Accounts,
    random: SharedRandom,
    settings: SessionSettings,
    live: Arc<LiveSessions>,
    notes: Notes,
}

/// How a presented secret compares to a session's.
#[derive(PartialEq, Eq)]
enum Match {
    Current,
    InGrace,
    Replaced,
    No,
}

impl Sessions {
    /// The sessions in the store of `changes`, of `accounts`, which are on the same store.
    pub fn new(
        changes: Changes,
        accounts: Accounts,
        random: SharedRandom,
        settings: SessionSettings,
    ) -> Self {
        let live = Arc::new(LiveSessions::new(settings.kept.max(1)));
        let listening = Arc::clone(&live);
        changes.listen(move |changed| listening.forget_changed(changed));
        let notes = Notes::new(Arc::clone(changes.store()));
        Self(Arc::new(Inner { changes, accounts, random, settings, live, notes }))
    }

    /// Begins a session of `account`, which has just proved itself and is as it was read for that: if it changes its
    /// password meanwhile, the session is of the generation before and does not count. Ends the oldest if there are too many.
    ///
    /// # Errors
    ///
    /// [`SessionsError::Random`] and [`SessionsError::Store`]; [`SessionsError::NotFound`] when there is no such account.
    pub async fn begin(
        &self,
        account: &Account,
        device: Device,
    ) -> Result<(SessionSecret, Session), SessionsError> {
        let now = self.clock().now();
        let secret = SessionSecret::draw(&**self.clock(), &*self.0.random)?;
        let (user_agent, address) = device.into_parts();
        let record = SessionRecord {
            id: secret.id(),
            account: account.id,
            secret: secret.hash(),
            former: None,
            mark: self.0.accounts.holdings(account).await?.mark().clone(),
            generation: account.generation,
            created_at: now,
            authenticated_at: now,
            last_seen: now,
            user_agent,
            address,
        };
        let session = self.session_of(&record);
        let audit = self.entry(account.id, Action::SessionBegun, record.id);
        let most = self.0.settings.per_account.max(1);
        let ended = self.store().insert_session(record, most, audit).await?;
        self.crowded_out(account.id, &ended);
        self.clear_away(now);
        Ok((secret, session))
    }

    /// What `presented` is worth now, for the way of every request: from memory when nothing has changed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot say; that is not "no".
    pub async fn find(&self, presented: &SessionSecret) -> Result<Presented, StoreError> {
        self.0.changes.catch_up()?;
        let (hash, now) = (presented.hash(), self.clock().now());
        let kept = self.0.live.get(presented.id());
        // What is in memory is not taken for a "no": another process may have changed the secret, or seen the session in
        // use, a moment ago.
        let found = match kept.map(|live| (self.judge(&live, &hash, now), live)) {
            Some((matched @ (Match::Current | Match::InGrace), live)) => Some((matched, live)),
            _ => self.read(presented.id(), &hash, now).await?,
        };
        let (matched, live) = match found {
            None | Some((Match::No, _)) => return Ok(Presented::Ended),
            Some((Match::Replaced, _)) => return Ok(Presented::Replaced),
            Some(found) => found,
        };
        let account = self.0.accounts.active(&live.record.account).await?;
        let Some(account) = account.filter(|account| session::stands(&live.record, account)) else {
            return Ok(Presented::Ended);
        };
        let secret = match matched {
            Match::Current if live.record.mark == *account.holdings().mark() => SecretIs::Kept,
            Match::Current => SecretIs::Outdated,
            _ => SecretIs::Former,
        };
        Ok(Presented::Live(SignedIn { live, account, secret, settings: self.0.settings }))
    }

    /// Notes that a session is in use, without waiting for it to be written down. Where what its account may do has
    /// changed it gets another secret, which is answered and must reach the browser.
    ///
    /// # Errors
    ///
    /// [`SessionsError::Random`] and [`SessionsError::Store`], by another secret only.
    pub async fn used(&self, signed_in: &SignedIn) -> Result<Option<SessionSecret>, SessionsError> {
        let now = self.clock().now();
        self.note_use(signed_in, now);
        if !signed_in.needs_secret() {
            return Ok(None);
        }
        let SignedIn { live, account, .. } = signed_in;
        let (mark, replacing) = (account.holdings().mark(), Some(live.record.secret));
        match self.rotate(account, mark, live.record.id, replacing, now.after(GRACE), None).await {
            Ok(secret) => Ok(Some(secret)),
            // A request beside this one was faster, and has the new secret; or it has ended just now.
            Err(SessionsError::NotFound | SessionsError::Store(StoreError::Stale)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Notes that a session is in use `now`, without waiting for it to be written down.
    pub(crate) fn note_use(&self, signed_in: &SignedIn, now: Timestamp) {
        if signed_in.live.see(now) {
            self.0.notes.note(signed_in.live.record.id, now);
        }
    }

    /// How many sessions are kept in memory.
    pub(crate) fn kept(&self) -> usize {
        self.0.settings.kept.max(1)
    }

    /// Notes that `account` has just proved itself again in its session `id`. The session
    /// gets another secret, and the one before ends at once.
    ///
    /// # Errors
    ///
    /// [`SessionsError::NotFound`] when `account` has no such session, [`SessionsError::Random`] and
    /// [`SessionsError::Store`].
    pub async fn reauthenticated(
        &self,
        account: &Account,
        id: SessionId,
    ) -> Result<(SessionSecret, Session), SessionsError> {
        let now = self.clock().now();
        let record = self.store().session(id).await?;
        let record = record.filter(|record| self.counts(record, account, now));
        let mut record = record.ok_or(SessionsError::NotFound)?;
        let mark = self.0.accounts.holdings(account).await?.mark().clone();
        let secret = self.rotate(account, &mark, id, None, now, Some(now)).await?;
        (record.authenticated_at, record.last_seen) = (now, now);
        Ok((secret, self.session_of(&record)))
    }

    /// The same after a change of the password: where there can be no other secret, the session ends, as far as the store
    /// lets it. Whoever changes a password may do so because somebody else has the secret.
    ///
    /// # Errors
    ///
    /// As [`reauthenticated`](Self::reauthenticated).
    pub async fn renewed(
        &self,
        account: &Account,
        id: SessionId,
    ) -> Result<(SessionSecret, Session), SessionsError> {
        let renewed = self.reauthenticated(account, id).await;
        if renewed.is_err()
            && let Err(error) = self.end(account.id, id).await
        {
            tracing::error!(%error, session = %id, "a session kept its secret after a change of the password");
        }
        renewed
    }

    /// The sessions of `account` that count, those begun last first.
    ///
    /// # Errors
    ///
    /// [`SessionsError::Store`].
    pub async fn list(&self, account: &Account) -> Result<Vec<Session>, SessionsError> {
        let now = self.clock().now();
        let records = self.store().sessions(account.id).await?;
        let counting = records.iter().filter(|record| self.counts(record, account, now));
        Ok(counting.map(|record| self.session_of(record)).collect())
    }

    /// Ends the session `id` of `account`.
    ///
    /// # Errors
    ///
    /// [`SessionsError::NotFound`] when that account has no such session, and [`SessionsError::Store`].
    pub async fn end(&self, account: AccountId, id: SessionId) -> Result<(), SessionsError> {
        let audit = self.entry(account, Action::SessionEnded, id);
        let ended = self.store().end_session(account, id, audit).await;
        // Also after an error: it may have been committed although nobody could say so.
        self.forget([id]);
        Ok(ended?)
    }

    /// Ends all sessions of `account` but `keep`, and answers how many.
    ///
    /// # Errors
    ///
    /// [`SessionsError::Store`].
    pub async fn end_others(
        &self,
        account: AccountId,
        keep: Option<SessionId>,
    ) -> Result<u64, SessionsError> {
        let before = self.store().sessions(account).await?;
        let audit =
            AuditEntry::new(self.clock().now(), Actor::Account(account), Action::SessionEnded, account)
                .with_detail(json!({ "all_but": keep }));
        let ended = self.store().end_sessions(account, keep, audit).await;
        self.forget(before.iter().map(|record| record.id).filter(|id| Some(*id) != keep));
        Ok(ended?)
    }

    async fn read(
        &self,
        id: SessionId,
        hash: &SessionSecretHash,
        now: Timestamp,
    ) -> Result<Option<(Match, Arc<Live>)>, StoreError> {
        let moment = self.0.live.moment();
        let Some(record) = self.store().session(id).await? else { return Ok(None) };
        let live = Arc::new(Live::new(record));
        let matched = self.judge(&live, hash, now);
        if matches!(matched, Match::Current | Match::InGrace) {
            self.0.live.insert(&live, moment);
        }
        Ok(Some((matched, live)))
    }

    /// An expired session matches nothing.
    fn judge(&self, live: &Live, hash: &SessionSecretHash, now: Timestamp) -> Match {
        let record = &live.record;
        if self.0.settings.expired(record.created_at, live.last_seen(), now) {
            return Match::No;
        }
        match &record.former {
            _ if record.secret == *hash => Match::Current,
            Some(former) if former.secret == *hash && now < former.accepted_until => Match::InGrace,
            Some(former) if former.secret == *hash => Match::Replaced,
            _ => Match::No,
        }
    }

    async fn rotate(
        &self,
        account: &Account,
        mark: &AuthorityMark,
        id: SessionId,
        replacing: Option<SessionSecretHash>,
        accept_old_until: Timestamp,
        authenticated_at: Option<Timestamp>,
    ) -> Result<SessionSecret, SessionsError> {
        let secret = SessionSecret::draw_for(id, &*self.0.random)?;
        let rotation = Rotation {
            id,
            secret: secret.hash(),
            replacing,
            accept_old_until,
            mark: mark.clone(),
            authenticated_at,
        };
        let audit = self.entry(account.id, Action::SessionRotated, id);
        let rotated = self.store().rotate_session(rotation, audit).await;
        self.forget([id]);
        rotated?;
        Ok(secret)
    }

    fn counts(&self, record: &SessionRecord, account: &Account, now: Timestamp) -> bool {
        let expired = self.0.settings.expired(record.created_at, self.last_seen(record), now);
        !expired && session::stands(record, account)
    }

    fn session_of(&self, record: &SessionRecord) -> Session {
        Session::of(record, self.last_seen(record), &self.0.settings)
    }

    /// What is in memory may be newer than what is written down.
    fn last_seen(&self, record: &SessionRecord) -> Timestamp {
        let kept = self.0.live.get(record.id).map(|live| live.last_seen());
        kept.map_or(record.last_seen, |kept| kept.max(record.last_seen))
    }

    /// Nobody waits for it: the sessions have ended, and what is written here is that they have.
    fn crowded_out(&self, account: AccountId, ended: &[SessionId]) {
        if ended.is_empty() {
            return;
        }
        self.forget(ended.iter().copied());
        for id in ended {
            let audit = self.entry(account, Action::SessionEnded, *id);
            let written =
                self.store().record(audit.with_detail(json!({ "session": id, "reason": "too many" })));
            tokio::spawn(async move {
                if let Err(error) = written.await {
                    tracing::error!(%error, "a session's end is missing from the audit trail");
                }
            });
        }
    }

    /// Removes some expired sessions. Nobody waits for it, and whether it is done matters to nobody but the disk.
    fn clear_away(&self, now: Timestamp) {
        let before = |age: Duration| {
            let age = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
            Timestamp::from_unix(now.as_unix().saturating_sub(age))
        };
        let SessionSettings { idle, absolute, .. } = self.0.settings;
        let removed = self.store().remove_sessions(before(idle), before(absolute), CLEARED);
        tokio::spawn(async move {
            if let Err(error) = removed.await {
                tracing::warn!(%error, "expired sessions were not removed");
            }
        });
    }

    fn entry(&self, account: AccountId, action: Action, id: SessionId) -> AuditEntry {
        AuditEntry::new(self.clock().now(), Actor::Account(account), action, account)
            .with_detail(json!({ "session": id }))
    }

    /// Forgets `ids`, which this process has just changed or tried to.
    fn forget(&self, ids: impl IntoIterator<Item = SessionId>) {
        let ids: Vec<_> = ids.into_iter().collect();
        self.0.live.forget(ids.iter().copied());
        self.0.changes.epochs().raise(ids.into_iter().map(Subject::Session));
    }

    fn store(&self) -> &SharedStore {
        self.0.changes.store()
    }

    fn clock(&self) -> &SharedClock {
        self.0.changes.clock()
    }
}
