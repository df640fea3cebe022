//! Whatever happens in whatever order, in two processes: sessions are worth what a model of a few lines says.

use std::time::Duration;

use palisade::clock::{Clock as _, Timestamp};
use palisade_identity::{
    account::Account,
    audit::{Action, Actor, AuditEntry},
    role::{Role, Roles},
    sessions::{GRACE, SessionSecret, Sessions},
};
use proptest::{prelude::*, sample::Index};

use crate::{
    browser::{MILLISECOND, device, request, worth},
    world::{World, applicant, password, world},
};

const DAY: Duration = Duration::from_hours(24);

/// What happens. Where a session is named and there is none, nothing does.
#[derive(Clone, Debug)]
enum Event {
    Begin,
    /// A request with the newest secret of a session, or the one before, or the one before that.
    Request(Index, usize),
    Pass(Duration),
    End(Index),
    EndOthers(Index),
    Reauthenticate(Index),
    ChangePassword(Index),
    SignOutEverywhere,
    DisableAndEnable,
    SetRoles(Role),
}

fn event() -> impl Strategy<Value = Event> {
    let session = any::<Index>;
    // No sum of these is within a minute of 14 days, to which it is noted when a session was last seen.
    let pause = prop::sample::select(vec![Duration::from_secs(3), GRACE, 3 * DAY, 10 * DAY]);
    prop_oneof![
        3 => Just(Event::Begin),
        8 => (session(), 0..3_usize).prop_map(|(session, age)| Event::Request(session, age)),
        4 => pause.prop_map(Event::Pass),
        1 => session().prop_map(Event::End),
        1 => session().prop_map(Event::EndOthers),
        1 => session().prop_map(Event::Reauthenticate),
        1 => session().prop_map(Event::ChangePassword),
        1 => Just(Event::SignOutEverywhere),
        1 => Just(Event::DisableAndEnable),
        2 => prop::sample::select(vec![Role::User, Role::Editor]).prop_map(Event::SetRoles),
    ]
}

/// A session as the model has it.
struct Modelled {
    /// The newest last.
    secrets: Vec<SessionSecret>,
    former_until: Timestamp,
    roles: Roles,
    created_at: Timestamp,
    last_seen: Timestamp,
    ended: bool,
}

impl Modelled {
    fn stands(&self, now: Timestamp) -> bool {
        !self.ended && now.since(self.last_seen) < 14 * DAY && now.since(self.created_at) < 90 * DAY
    }

    /// What the secret that was replaced `age` times is worth.
    fn worth(&self, age: usize, now: Timestamp) -> &'static str {
        match age {
            _ if !self.stands(now) => "ended",
            0 => "live",
            1 if now < self.former_until => "live",
            1 => "replaced",
            _ => "ended",
        }
    }

    fn replaced(&mut self, secret: SessionSecret, former_until: Timestamp, roles: Roles) {
        self.secrets.push(secret);
        (self.former_until, self.roles) = (former_until, roles);
    }
}

struct Run {
    world: World,
    ada: Account,
    sessions: Vec<Modelled>,
}

impl Run {
    async fn happen(&mut self, event: &Event, beside: bool) {
        let now = self.world.clock.now();
        let sessions = if beside { &self.world.sessions_beside } else { &self.world.sessions }.clone();
        let accounts = if beside { &self.world.beside } else { &self.world.accounts }.clone();
        match event {
            Event::Begin => self.begin(&sessions, now).await,
            Event::Request(session, age) => self.request(&sessions, session, *age, now).await,
            Event::Pass(duration) => self.world.clock.advance(*duration),
            Event::End(session) => {
                let Some(modelled) = pick(&mut self.sessions, session) else { return };
                // Whether its row is still there is nobody's concern.
                let ended = sessions.end(self.ada.id, modelled.secrets[0].id()).await;
                assert!(ended.is_ok() || !modelled.stands(now));
                modelled.ended = true;
            }
            Event::EndOthers(session) => {
                let Some(kept) = pick(&mut self.sessions, session).map(|kept| kept.secrets[0].id()) else {
                    return;
                };
                sessions.end_others(self.ada.id, Some(kept)).await.unwrap();
                self.end_but(|modelled| modelled.secrets[0].id() == kept);
            }
            Event::Reauthenticate(session) => {
                let Some(modelled) = pick(&mut self.sessions, session) else { return };
                let again = sessions.reauthenticated(&self.ada, modelled.secrets[0].id()).await;
                assert_eq!(again.is_ok(), modelled.stands(now));
                if let Ok((secret, _)) = again {
                    modelled.replaced(secret, now, self.ada.roles);
                    modelled.last_seen = now;
                }
            }
            Event::ChangePassword(session) => {
                let Some(kept) = pick(&mut self.sessions, session).map(|kept| kept.secrets[0].id()) else {
                    return;
                };
                let (old, new) = (password("correct horse"), password("correct horse"));
                self.ada =
                    accounts.change_password(self.ada.id, old, new, Some(&kept.to_string())).await.unwrap();
                self.end_but(|modelled| modelled.secrets[0].id() == kept);
            }
            Event::SignOutEverywhere => {
                self.ada = accounts.sign_out_everywhere(self.ada.id).await.unwrap();
                self.end_but(|_| false);
            }
            Event::DisableAndEnable => {
                accounts.disable(Actor::Operator, self.ada.id).await.unwrap();
                self.ada = accounts.enable(Actor::Operator, self.ada.id).await.unwrap();
                self.end_but(|_| false);
            }
            Event::SetRoles(role) => {
                let roles = (*role).into();
                self.ada = accounts.set_roles(Actor::Operator, self.ada.id, roles).await.unwrap();
            }
        }
    }

    async fn begin(&mut self, sessions: &Sessions, now: Timestamp) {
        let (secret, _) = sessions.begin(&self.ada, device("Firefox")).await.unwrap();
        self.sessions.push(Modelled {
            secrets: vec![secret],
            former_until: now,
            roles: self.ada.roles,
            created_at: now,
            last_seen: now,
            ended: false,
        });
    }

    async fn request(&mut self, sessions: &Sessions, session: &Index, age: usize, now: Timestamp) {
        let Some(modelled) = pick(&mut self.sessions, session) else { return };
        let Some(secret) = modelled.secrets.iter().rev().nth(age).cloned() else { return };
        let expected = modelled.worth(age, now);
        assert_eq!(worth(sessions, &secret).await, expected);
        let Some((signed_in, renewed)) = request(sessions, &secret).await else { return };
        assert_eq!(***signed_in.account(), self.ada);
        modelled.last_seen = now;
        assert_eq!(renewed.is_some(), age == 0 && modelled.roles != self.ada.roles);
        if let Some(renewed) = renewed {
            modelled.replaced(renewed, now.after(GRACE), self.ada.roles);
        }
    }

    fn end_but(&mut self, keep: impl Fn(&Modelled) -> bool) {
        for modelled in &mut self.sessions {
            modelled.ended |= !keep(modelled);
        }
    }

    /// Both processes list what the model has.
    async fn compare(&self) {
        let now = self.world.clock.now();
        let standing = self.sessions.iter().filter(|modelled| modelled.stands(now));
        let mut expected: Vec<_> = standing.map(|modelled| modelled.secrets[0].id()).collect();
        expected.sort_unstable();
        for sessions in [&self.world.sessions, &self.world.sessions_beside] {
            let listed = sessions.list(&self.ada).await.unwrap();
            let mut listed: Vec<_> = listed.iter().map(|session| session.id).collect();
            listed.sort_unstable();
            assert_eq!(listed, expected);
        }
    }

    /// Waits for the writes that nobody waited for, and for the other process to notice.
    async fn settle(&self) {
        for store in [&self.world.store, &self.world.store_beside] {
            tokio::task::yield_now().await;
            let entry = AuditEntry::new(self.world.clock.now(), Actor::Operator, Action::SignedIn, "settled");
            store.record(entry).await.unwrap();
        }
        self.world.clock.advance(MILLISECOND);
    }
}

fn pick<'m>(sessions: &'m mut [Modelled], index: &Index) -> Option<&'m mut Modelled> {
    if sessions.is_empty() { None } else { Some(index.get_mut(sessions)) }
}

async fn run(events: Vec<(Event, bool)>) {
    let world = world();
    let ada = world.accounts.sign_up(applicant("ada")).await.unwrap();
    let mut run = Run { world, ada, sessions: Vec::new() };
    for (event, beside) in events {
        run.happen(&event, beside).await;
        run.settle().await;
        run.compare().await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sessions_are_worth_what_the_model_says(
        events in prop::collection::vec((event(), any::<bool>()), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(events));
    }
}
