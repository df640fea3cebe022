//! What each leaf takes for itself, where it is a near thing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use palisade::{
    Membership,
    clock::{ManualClock, Timestamp},
    edge::ClientAddress,
    prelude::*,
    requirement::{address, header},
    testing::{Client, Response},
};

use crate::support::{MINUTE, NOW, Staff, status};

/// A principal that is as the test says: it travels in the request's extensions.
#[derive(Clone, Debug)]
struct Said(Authority);

impl Principal for Said {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

#[dependency]
impl<S: Send + Sync> Dependency<S> for Said {
    async fn resolve(head: &mut Parts, _: &S) -> Result<Self, Problem> {
        head.extensions.get::<Self>().cloned().ok_or_else(|| Denied::not_authenticated().into())
    }
}

impl<S> Describe<S> for Said {
    fn describe(description: &mut Description<'_>) {
        <Bearer as Describe<S>>::describe(description);
    }
}

async fn called(requirement: Requirement, path: &str, as_whom: Authority) -> Response {
    let api = Router::<(), Said>::new()
        .route("/orgs/{org}", get(|| async { "done" }).requires(requirement))
        .clock(ManualClock::at(NOW));
    Client::new(api.into_axum().unwrap()).get(path).extension(Said(as_whom)).send().await
}

fn member(tenant: &'static str, membership: Membership) -> Authority {
    Authority::account("ada").tenants([(tenant, membership)].into_iter().collect())
}

#[tokio::test]
async fn what_is_held_in_one_tenant_is_held_in_no_other_and_not_everywhere() {
    let asked = || (role(Staff::Editor) & scope("a")).within("org");
    let editor = || Membership::new().roles([Staff::Editor]).scopes("a".parse().unwrap());
    assert_eq!(called(asked(), "/orgs/acme", member("acme", editor())).await.status, 200);
    assert_eq!(called(asked(), "/orgs/acme", member("umbrella", editor())).await.status, 403);
    let everywhere = Authority::account("ada").roles([Staff::Editor]).scopes("a".parse().unwrap());
    assert_eq!(called(asked(), "/orgs/acme", everywhere).await.status, 403);
    let everywhere = role(Staff::Editor) & scope("a");
    assert_eq!(called(everywhere, "/orgs/acme", member("acme", editor())).await.status, 403);
    assert_eq!(called(tenant("org"), "/orgs/acme", member("umbrella", editor())).await.status, 403);
    for asked in [role(Staff::Editor).within("org"), scope("a").within("org")] {
        let everywhere = Authority::account("ada").roles([Staff::Editor]).scopes("a".parse().unwrap());
        assert_eq!(called(asked, "/orgs/acme", everywhere).await.status, 403);
    }
}

#[tokio::test]
async fn who_lacks_a_role_in_the_tenant_may_hold_it_elsewhere() {
    let asked = || !role(Staff::Editor).within("org");
    let editor = || Membership::new().roles([Staff::Editor]);
    assert_eq!(called(asked(), "/orgs/acme", member("acme", editor())).await.status, 403);
    assert_eq!(called(asked(), "/orgs/acme", member("umbrella", editor())).await.status, 200);
    assert_eq!(
        called(asked(), "/orgs/acme", Authority::delegated("ada")).await.status,
        403,
        "not for its account"
    );
}

#[tokio::test]
async fn attack_a_tenant_by_another_spelling() {
    let acme = || member("acme", Membership::new());
    assert_eq!(called(tenant("org"), "/orgs/%61cme", acme()).await.status, 200, "as the handler will see it");
    for path in ["/orgs/ACME", "/orgs/acme%00", "/orgs/acme%20", "/orgs/acme%2F", "/orgs/acme;x"] {
        assert_eq!(called(tenant("org"), path, acme()).await.status, 403, "{path}");
    }
}

/// A router around this one names its own parameter like ours: which of the two is the tenant, and which of them the handler
/// reads, nobody can say.
#[tokio::test]
async fn attack_a_tenant_named_by_a_router_around_it() {
    let api = Router::<(), Said>::new()
        .route("/docs/{org}", get(|| async { "done" }).requires(tenant("org")))
        .clock(ManualClock::at(NOW));
    let around = axum::Router::new().nest_service("/{org}", api.into_axum().unwrap());
    let client = Client::new(around);
    for (path, expected) in [("/acme/docs/labs", 503), ("/labs/docs/acme", 503)] {
        let asked = client.get(path).extension(Said(member("acme", Membership::new())));
        assert_eq!(asked.send().await.status, expected, "{path}");
    }
}

/// Addresses are compared as IPv4 where they are, so a network is too: its negation would else hold for everybody.
#[tokio::test]
async fn attack_an_ipv4_network_written_as_ipv6() {
    let blocked = || !address("blocked", ["::ffff:192.0.2.0/120", "::ffff:198.51.100.7"]);
    let api =
        Router::<(), Said>::new().route("/x", get(|| async { "done" }).requires(signed_in() & blocked()));
    let client = Client::new(api.into_axum().unwrap());
    for (from, expected) in [
        ("192.0.2.9", 403),
        ("::ffff:192.0.2.9", 403),
        ("198.51.100.7", 403),
        ("192.0.3.9", 200),
        ("2001:db8::1", 200),
    ] {
        let asked = client.get("/x").extension(Said(Authority::account("ada")));
        let answer = asked.extension(ClientAddress(from.parse().unwrap())).send().await;
        assert_eq!(answer.status, expected, "{from}");
    }
}

/// Of another type, with roles of the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
enum Club {
    User,
    #[role(includes(User))]
    Admin,
}

#[tokio::test]
async fn attack_a_role_of_the_same_name_and_another_type() {
    let admin = || Authority::account("ada").roles([Club::Admin]);
    assert_eq!(called(role(Club::User), "/orgs/x", admin()).await.status, 200);
    assert_eq!(called(role(Staff::User), "/orgs/x", admin()).await.status, 403);
    assert_eq!(called(role(Staff::Admin), "/orgs/x", admin()).await.status, 403);
}

#[tokio::test]
async fn of_two_ages_the_shorter_is_told() {
    let old = || Authority::account("ada").authenticated_at(Timestamp::from_unix(NOW - 7200));
    for asked in [recent(MINUTE) & recent(MINUTE * 60), recent(MINUTE * 60) & recent(MINUTE)] {
        let answer = called(asked, "/orgs/x", old()).await;
        let challenge = r#"Bearer error="insufficient_user_authentication", max_age="60""#;
        assert_eq!(answer.header("www-authenticate"), Some(challenge));
    }
}

#[tokio::test]
async fn a_sign_in_is_recent_up_to_the_last_second() {
    for (age, expected) in [(60, 200), (61, 403)] {
        assert_eq!(status(recent(Duration::from_secs(60)), &format!("account~~~{age}")).await, expected);
    }
    assert_eq!(status(recent(MINUTE), "account").await, 403, "nobody knows when");
}

#[tokio::test]
async fn an_ipv4_address_that_comes_by_ipv6_is_an_ipv4_address() {
    let asked = || signed_in() & address("office", ["192.0.2.0/24"]);
    let api = || Router::<(), Said>::new().route("/", get(|| async { "done" }).requires(asked()));
    let client = Client::new(api().into_axum().unwrap());
    let from = |address: &str| {
        let request = client.get("/").extension(Said(Authority::account("ada")));
        request.extension(ClientAddress(address.parse().unwrap())).send()
    };
    assert_eq!(from("::ffff:192.0.2.1").await.status, 200);
    assert_eq!(from("::ffff:192.0.3.1").await.status, 403);
    assert_eq!(from("0.0.0.0").await.status, 503, "nobody noted it");
}

#[tokio::test]
async fn attack_a_header_sent_twice() {
    let asked = signed_in() & header("proxy", "x-proxy", "secret");
    let api = Router::<(), Said>::new().route("/", get(|| async { "done" }).requires(asked));
    let client = Client::new(api.into_axum().unwrap());
    let request = || client.get("/").extension(Said(Authority::account("ada"))).header("x-proxy", "secret");
    assert_eq!(request().send().await.status, 200);
    assert_eq!(request().header("x-proxy", "secret").send().await.status, 403);
    assert_eq!(request().header("x-proxy", "other").send().await.status, 403);
}

#[tokio::test]
async fn a_check_that_stands_twice_is_asked_once() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let no = check("no", move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        false
    });
    let answer = status(no.clone() | no & scope("a"), "account~a").await;
    assert_eq!((answer, asked.load(Ordering::SeqCst)), (403, 1));
}
