//! Leaves that ask for a factor, a client, a tenant, and for facts of the request.

use std::net::{IpAddr, Ipv4Addr};

use palisade::{
    Membership, Tenants,
    clock::ManualClock,
    edge::ClientAddress,
    prelude::*,
    requirement::{Statement, TimeWindow, address, header, hours},
    testing::{Client, Overrides, Request},
};

use crate::support::{Api, App, Caller, NOW, Staff, done, faults, refuses_to_start};

/// A client of one route at `/orgs/{org}`, called by whoever has this authority.
fn called_by(authority: Authority, requirement: Requirement) -> Client {
    let api = Api::new().route("/orgs/{org}", get(done).requires(requirement));
    let api = api.overrides(Overrides::new().value(Caller(authority))).clock(ManualClock::at(NOW));
    Client::new(api.with_state(App::default()).into_axum().expect("the router is right"))
}

async fn status(authority: Authority, requirement: Requirement) -> u16 {
    called_by(authority, requirement).get("/orgs/acme").send().await.status.as_u16()
}

#[tokio::test]
async fn a_factor_is_what_the_sign_in_was_done_with() {
    let password = || Authority::account("ada").factors([Factor::Password]);
    assert_eq!(status(password(), factor(Factor::Password)).await, 200);
    assert_eq!(status(password(), factor(Factor::Several)).await, 403);
    let both = password().factors([Factor::Password, Factor::OneTimePassword]);
    assert_eq!(status(both, factor(Factor::Several)).await, 200);
    let delegated = Authority::delegated("ada").factors([Factor::Password]);
    assert_eq!(status(delegated, factor(Factor::Password)).await, 403, "a key did not sign in");
}

#[tokio::test]
async fn a_missing_factor_asks_for_another_sign_in() {
    let missing =
        called_by(Authority::account("ada").factors([Factor::Password]), factor(Factor::HardwareKey));
    let refused = missing.get("/orgs/acme").send().await;
    let challenge = "Bearer error=\"insufficient_user_authentication\"";
    assert_eq!((refused.status.as_u16(), refused.header("www-authenticate")), (403, Some(challenge)));
    assert_eq!(refused.json()["detail"], "This needs a sign-in with another factor");
}

#[tokio::test]
async fn a_client_is_whom_the_credential_was_issued_to() {
    let issued = |id: &str| Authority::delegated("ada").issued_to(id);
    assert_eq!(status(issued("backup"), client("backup")).await, 200);
    assert_eq!(status(issued("backup2"), client("backup")).await, 403);
    assert_eq!(status(Authority::account("backup"), client("backup")).await, 403);
    assert_eq!(status(Authority::client("backup"), client("backup")).await, 200);
}

fn member() -> Authority {
    let acme = Membership::new().roles([Staff::Editor]).scopes("docs:write".parse().unwrap());
    Authority::account("ada").tenants(Tenants::from_iter([("acme", acme), ("umbrella", Membership::new())]))
}

#[tokio::test]
async fn what_is_held_in_a_tenant_counts_there_and_nowhere_else() {
    let asked = [
        (tenant("org"), [200, 200, 403]),
        (role(Staff::User).within("org"), [200, 403, 403]),
        (role(Staff::Admin).within("org"), [403, 403, 403]),
        (scope("docs:write").within("org"), [200, 403, 403]),
        (!role(Staff::Editor).within("org"), [403, 200, 200]),
        (role(Staff::User), [403, 403, 403]),
        (scope("docs:write"), [403, 403, 403]),
    ];
    for (requirement, expected) in asked {
        let printed = requirement.to_string();
        let client = called_by(member(), requirement);
        for (org, expected) in ["acme", "umbrella", "initech"].into_iter().zip(expected) {
            let answer = client.get(&format!("/orgs/{org}")).send().await;
            assert_eq!(answer.status, expected, "{printed} in {org}");
        }
    }
}

#[tokio::test]
async fn what_is_held_everywhere_is_not_held_in_a_tenant_by_that() {
    let admin = || Authority::account("root").roles([Staff::Admin]).scopes("docs:write".parse().unwrap());
    assert_eq!(status(admin(), role(Staff::User).within("org")).await, 403);
    assert_eq!(status(admin(), scope("docs:write").within("org")).await, 403);
    assert_eq!(status(admin(), role(Staff::Admin) | role(Staff::User).within("org")).await, 200);
}

#[tokio::test]
async fn attack_a_delegated_credential_acts_in_no_role_of_a_tenant() {
    let acme = Membership::new().roles([Staff::Admin]).scopes("docs:read".parse().unwrap());
    let key = || Authority::delegated("ada").tenants(Tenants::from_iter([("acme", acme.clone())]));
    assert_eq!(status(key(), scope("docs:read").within("org")).await, 200);
    assert_eq!(status(key(), role(Staff::User).within("org")).await, 403);
    assert_eq!(status(key(), !role(Staff::User).within("org")).await, 403);
}

/// The check sees the tenant that the handler sees.
#[tokio::test]
async fn attack_a_tenant_written_otherwise() {
    let client = called_by(member(), tenant("org"));
    for (path, expected) in [
        ("/orgs/%61cme", 200),
        ("/orgs/ACME", 403),
        ("/orgs/acme%00", 403),
        ("/orgs/acme%2F", 403),
        ("/orgs/%FF", 404),
    ] {
        assert_eq!(client.get(path).send().await.status, expected, "{path}");
    }
}

async fn sent(requirement: Requirement, change: impl FnOnce(Request) -> Request) -> u16 {
    let client = called_by(Authority::account("ada"), requirement);
    change(client.get("/orgs/acme")).send().await.status.as_u16()
}

#[tokio::test]
async fn an_address_is_where_the_request_comes_from() {
    let office = || address("office", ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]);
    let cases = [
        ("192.0.2.200", 200),
        ("192.0.3.1", 403),
        ("198.51.100.7", 200),
        ("198.51.100.8", 403),
        ("2001:db8:1::1", 200),
        ("2001:db9::1", 403),
        ("::ffff:192.0.2.1", 200),
    ];
    for (from, expected) in cases {
        let from: IpAddr = from.parse().unwrap();
        assert_eq!(
            sent(office(), |request| request.extension(ClientAddress(from))).await,
            expected,
            "{from}"
        );
        let refused = if expected == 200 { 403 } else { 200 };
        assert_eq!(
            sent(!office(), |request| request.extension(ClientAddress(from))).await,
            refused,
            "{from}"
        );
    }
}

#[tokio::test]
async fn an_address_nobody_noted_admits_nobody() {
    let nowhere = || address("everywhere", ["0.0.0.0/0", "::/0"]);
    assert_eq!(sent(nowhere(), |request| request).await, 503);
    assert_eq!(sent(!nowhere(), |request| request).await, 503);
    let unknown = ClientAddress(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    assert_eq!(sent(nowhere(), |request| request.extension(unknown)).await, 503);
}

/// 1_700_000_000 is Tuesday, 2023-11-14, 22:13:20 UTC.
#[tokio::test]
async fn hours_are_told_by_the_routers_clock() {
    let cases = [
        (TimeWindow::daily((22, 0), (22, 14)), 200),
        (TimeWindow::daily((22, 14), (22, 0)), 403),
        (TimeWindow::daily((8, 0), (18, 0)), 403),
        (TimeWindow::daily((22, 0), (6, 0)).on_weekdays(), 200),
    ];
    for (window, expected) in cases {
        assert_eq!(sent(hours("then", window), |request| request).await, expected, "{window}");
    }
}

#[tokio::test]
async fn a_header_is_there_once_and_exactly() {
    let partner = || header("partner", "x-partner", "acme");
    assert_eq!(sent(partner(), |request| request).await, 403);
    assert_eq!(sent(partner(), |request| request.header("X-Partner", "acme")).await, 200);
    assert_eq!(sent(partner(), |request| request.header("x-partner", "Acme")).await, 403);
    let twice = |request: Request| request.header("x-partner", "acme").header("x-partner", "acme");
    assert_eq!(sent(partner(), twice).await, 403);
}

#[test]
fn a_tenant_is_named_by_a_parameter_of_the_path() {
    for requirement in [tenant("org"), role(Staff::User).within("org"), scope("a").within("org")] {
        refuses_to_start(
            Api::new().route("/orgs/{organisation}", get(done).requires(requirement.clone())),
            "reads the tenant from the path parameter `org`, which the path does not have",
        );
        let nested =
            Api::new().nest("/orgs/{org}", Api::new().route("/docs", get(done).requires(requirement)));
        assert_eq!(faults(nested), [""; 0], "the path counts as it is served");
    }
}

#[test]
fn one_name_is_one_condition() {
    let api = |networks: &'static str| {
        Api::new()
            .route("/a", get(done).requires(signed_in() & address("office", ["192.0.2.0/24"])))
            .route("/b", get(done).requires(signed_in() & address("office", [networks])))
    };
    refuses_to_start(api("198.51.100.0/24"), "`address(office)` is");
    assert_eq!(faults(api("192.0.2.77/24")), [""; 0], "the same network");
}

#[test]
fn what_nobody_can_satisfy_does_not_start() {
    let impossible = [
        role(Staff::Admin) & !role(Staff::User),
        client("a") & client("b"),
        header("x", "x", "1") & !header("x", "x", "1") & signed_in(),
    ];
    for requirement in impossible {
        refuses_to_start(Api::new().route("/x", get(done).requires(requirement)), "nobody can ever satisfy");
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
enum Circular {
    Plain,
    #[role(includes(Right))]
    Left,
    #[role(includes(Below))]
    Right,
    #[role(includes(Left, Plain))]
    Below,
}

#[test]
fn roles_that_include_each_other_do_not_start() {
    for any in [Circular::Plain, Circular::Left] {
        let api = Api::new().route("/x", get(done).requires(role(any)));
        refuses_to_start(api, "`left` includes `right` includes `below` includes `left`");
    }
}

/// A permission is a scope; a role bundles them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, palisade::Role)]
enum Clerk {
    #[role(scopes("books:read"))]
    Reader,
    #[role(includes(Reader), scopes("books:lend", "books:return"))]
    Lender,
    #[role(scopes("rooms:open"))]
    Porter,
    #[role(name = "head", includes(Lender, Porter))]
    Head,
}

#[test]
fn roles_bundle_permissions_and_have_several_parents() {
    use palisade::requirement::RoleSet;
    let scopes = |role: Clerk| RoleSet::of([role]).scopes().to_string();
    assert_eq!(scopes(Clerk::Lender), "books:lend books:read books:return");
    assert_eq!(scopes(Clerk::Head), "books:lend books:read books:return rooms:open");
    assert!(
        RoleSet::of([Clerk::Head]).holds(Clerk::Porter) && !RoleSet::of([Clerk::Porter]).holds(Clerk::Reader)
    );
}

#[test]
fn every_leaf_prints_reads_back_and_is_data() {
    let office = address("office", ["192.0.2.0/24"]);
    let night = hours("night shift", TimeWindow::daily((22, 0), (6, 0)));
    let requirement = (factor(Factor::OneTimePassword) & client("a client") & tenant("org"))
        | (role(Staff::Editor).within("org") & scope("a").within("org") & office & !night)
        | header("partner", "x-partner", "acme");
    let printed = "factor(otp) & client(\"a client\") & tenant(org) | role(editor in org) & scope(a in org) & \
                   address(office) & !hours(\"night shift\") | header(partner)";
    assert_eq!(requirement.to_string(), printed);
    let read: Statement = printed.parse().unwrap();
    assert_eq!(read.to_string(), printed);
    let data = serde_json::to_value(&requirement).unwrap();
    let of = std::any::type_name::<Staff>();
    assert_eq!(data["any"][1]["all"][0], serde_json::json!({ "role": "editor", "of": of, "in": "org" }));
    assert_eq!(data["any"][1]["all"][3], serde_json::json!({ "not": { "hours": "night shift" } }));
    assert_eq!(serde_json::from_value::<Statement>(data).unwrap(), requirement.statement());
    assert!(
        requirement.in_words().contains("the role `editor` in the tenant `{org}`"),
        "{}",
        requirement.in_words()
    );
}
