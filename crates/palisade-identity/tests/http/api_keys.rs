//! API keys over HTTP: how they are made and ended, and that one is never more than it was given.

use std::{sync::atomic::Ordering, time::Duration};

use http::{Method, StatusCode};
use palisade::{
    Row,
    api_key::{ApiKeyText, Caveats, DerivedKey},
    clock::{Clock as _, Timestamp},
    random::SeededRandom,
    testing::Response,
};
use palisade_identity::{
    account::AccountId,
    api_keys::{Proof, Quota},
    audit::{Action, Actor, Trail},
    id::ApiKeyId,
    role::Role,
};
use serde_json::{Value, json};

use crate::app::{App, MILLISECOND, PASSWORD, assert_faults, assert_problem};

const KEY: &str = "X-API-Key";
const NOBODYS: &str = "018bcfe5-6800-7000-8000-00000000000b";

/// Makes a key as `ada` does, and answers it as it was shown.
async fn make(app: &App, input: &Value) -> Value {
    let ada = app.client.bearer(app.token("ada").await);
    let answer = ada.post("/me/api-keys").json(input).send().await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    answer.json()
}

async fn me(app: &App, key: &str) -> Response {
    app.client.get("/me").header(KEY, key).send().await
}

/// That it is refused as a credential that does not verify: whatever was wrong, it looks the same.
#[track_caller]
fn assert_invalid(answer: &Response) {
    assert_problem(answer, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.json()["detail"], "Could not validate credentials");
}

fn text(key: &ApiKeyText) -> String {
    key.to_text().expose().to_owned()
}

fn derived(key: &ApiKeyText, caveats: Caveats) -> String {
    key.derive(caveats, &*SeededRandom::shared(9)).unwrap().to_text().expose().to_owned()
}

#[tokio::test]
async fn a_key_is_shown_once_and_then_does_what_it_may() {
    let app = App::with_user("ada").await;
    let ada = app.client.bearer(app.token("ada").await);
    let input = json!({ "name": " Build server ", "scopes": ["me:write", "me:read"] });
    let answer = ada.post("/me/api-keys").json(&input).send().await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let made = answer.json();
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with(made["prefix"].as_str().unwrap()) && key.starts_with("pal_"), "{made}");
    assert_eq!((&made["name"], &made["scopes"]), (&json!("Build server"), &json!(["me:read", "me:write"])));
    assert_eq!((&made["sender_constrained"], &made["quota"]), (&json!(false), &Value::Null));
    assert_eq!(made["expires_at"], "2024-02-12T22:13:20Z", "in 90 days");

    let answer = me(&app, key).await;
    assert_eq!((answer.status, &answer.json()["username"]), (StatusCode::OK, &json!("ada")));
    let listed = ada.get("/me/api-keys").send().await;
    assert_eq!(listed.json()["api_keys"][0]["id"], made["id"]);
    let secret = key.rsplit('_').next().unwrap();
    assert!(!listed.text().contains(&secret[..16]), "{}", listed.text());
}

#[tokio::test]
async fn a_key_that_will_not_do_is_refused_with_its_faults() {
    let app = App::with_user("ada").await;
    let ada = app.client.bearer(app.token("ada").await);
    let good = json!({ "name": "ci", "scopes": ["me:read"] });
    let with = |field: &str, value: Value| {
        let mut input = good.clone();
        input[field] = value;
        input
    };
    for (input, places) in [
        (json!({}), &["body.name", "body.scopes"][..]),
        (with("name", json!("a\u{202e}b")), &["body.name"]),
        (with("name", json!("")), &["body.name"]),
        (with("scopes", json!([])), &["body.scopes"]),
        (with("scopes", json!(["me:read me:write"])), &["body.scopes"]),
        (with("scopes", json!(["accounts:read"])), &["body.scopes"]),
        (with("scopes", json!(["made:up"])), &["body.scopes"]),
        (with("expires_at", json!("2023-11-14T22:13:20Z")), &["body.expires_at"]),
        (with("expires_at", json!("2024-11-14T22:13:20Z")), &["body.expires_at"]),
        (with("expires_at", json!("tomorrow")), &["body.expires_at"]),
        (
            with("quota", json!({ "requests": 0, "seconds": 0 })),
            &["body.quota.requests", "body.quota.seconds"],
        ),
        (with("public_key", json!("short")), &["body.public_key"]),
        (with("roles", json!(["admin"])), &["body.roles"]),
    ] {
        assert_faults(&ada.post("/me/api-keys").json(&input).send().await, places);
    }
    assert_eq!(ada.get("/me/api-keys").send().await.json()["api_keys"], json!([]));
}

#[tokio::test]
async fn a_key_is_rotated_and_revoked() {
    let app = App::with_user("ada").await;
    let old = make(&app, &json!({ "name": "ci", "scopes": ["me:read"] })).await;
    let ada = app.client.bearer(app.token("ada").await);
    let path = format!("/me/api-keys/{}", old["id"].as_str().unwrap());
    let rotate = async |seconds: u64| {
        ada.post(&format!("{path}/rotate")).json(&json!({ "overlap_seconds": seconds })).send().await
    };
    assert_faults(&rotate(604_801).await, &["body.overlap_seconds"]);
    let new = rotate(60).await;
    assert_eq!((new.status, new.header("cache-control")), (StatusCode::CREATED, Some("no-store")));
    let new = new.json();
    let (old, new) = (old["key"].as_str().unwrap(), new["key"].as_str().unwrap());
    for key in [old, new] {
        assert_eq!(me(&app, key).await.status, StatusCode::OK);
    }
    app.world.clock.advance(Duration::from_mins(1));
    assert_invalid(&me(&app, old).await);
    assert_eq!(me(&app, new).await.status, StatusCode::OK);
    assert_problem(&rotate(60).await, StatusCode::CONFLICT);

    let listed = ada.get("/me/api-keys").send().await.json();
    let listed = listed["api_keys"].as_array().unwrap();
    let newest = listed.iter().find(|key| new.starts_with(key["prefix"].as_str().unwrap())).unwrap();
    let replaced = listed.iter().find(|key| old.starts_with(key["prefix"].as_str().unwrap())).unwrap();
    assert_eq!(replaced["replaced_by"], newest["id"]);
    let path = format!("/me/api-keys/{}", newest["id"].as_str().unwrap());
    for status in [StatusCode::NO_CONTENT, StatusCode::NOT_FOUND] {
        assert_eq!(ada.request(Method::DELETE, &path).send().await.status, status);
        assert_invalid(&me(&app, new).await);
    }
}

#[tokio::test]
async fn changes_of_keys_need_a_recent_sign_in_and_looking_does_not() {
    let app =
        App::with(crate::app::Settings { lifetime: Duration::from_hours(1), ..Default::default() }).await;
    app.make("ada", Role::User).await;
    let ada = app.client.bearer(app.token("ada").await);
    app.world.clock.advance(Duration::from_mins(16));
    let input = json!({ "name": "ci", "scopes": ["me:read"] });
    assert_problem(&ada.post("/me/api-keys").json(&input).send().await, StatusCode::FORBIDDEN);
    assert_eq!(ada.get("/me/api-keys").send().await.status, StatusCode::OK);
}

#[tokio::test]
async fn attack_the_key_of_another() {
    let app = App::with_user("ada").await;
    app.make("eve", Role::User).await;
    let (hers, text_of_hers) = app.key_of("ada", "me:read").await;
    let eve = app.client.bearer(app.token("eve").await);
    for id in [hers.id.to_string(), NOBODYS.to_owned()] {
        let path = format!("/me/api-keys/{id}");
        let link = format!("{path}/links/{}", "0".repeat(22));
        for request in [
            eve.request(Method::DELETE, &path),
            eve.request(Method::DELETE, &link),
            eve.post(&format!("{path}/rotate")).json(&json!({})),
        ] {
            assert_problem(&request.send().await, StatusCode::NOT_FOUND);
        }
    }
    assert_eq!(eve.get("/me/api-keys").send().await.json()["api_keys"], json!([]));
    assert_eq!(me(&app, &text(&text_of_hers)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_admin_looks_after_the_keys_of_services() {
    let app = App::with_admin().await;
    let (root, robot) = (app.client.bearer(app.token("root").await), app.service().await);
    let path = format!("/admin/accounts/{robot}/api-keys");
    let input =
        json!({ "name": "nightly", "scopes": ["me:read"], "quota": { "requests": 10, "seconds": 60 } });
    let made = root.post(&path).json(&input).send().await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let made = made.json();
    let answer = me(&app, made["key"].as_str().unwrap()).await;
    assert_eq!((&answer.json()["username"], &answer.json()["kind"]), (&json!("robot"), &json!("service")));

    let listed = root.get(&path).send().await.json();
    assert_eq!(listed["api_keys"][0]["quota"], json!({ "requests": 10, "seconds": 60 }));
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    let rotated = root.post(&format!("{one}/rotate")).json(&json!({ "overlap_seconds": 0 })).send().await;
    assert_eq!(rotated.status, StatusCode::CREATED);
    let new = rotated.json()["key"].as_str().unwrap().to_owned();
    assert_invalid(&me(&app, made["key"].as_str().unwrap()).await);
    assert_eq!(me(&app, &new).await.status, StatusCode::OK);
    let id = rotated.json()["id"].as_str().unwrap().to_owned();
    let gone = root.request(Method::DELETE, &format!("{path}/{id}")).send().await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_invalid(&me(&app, &new).await);

    let entry = app.world.trail(Trail::Changes).await.remove(0);
    let admin = app.account("root").await.id;
    assert_eq!((entry.actor, entry.action), (Actor::Account(admin), Action::ApiKeyRevoked));
}

#[tokio::test]
async fn attack_an_admin_who_makes_a_key_to_act_as_somebody_else() {
    let app = App::with_admin().await;
    app.make("ada", Role::User).await;
    let (hers, _) = app.key_of("ada", "me:read").await;
    let root = app.client.bearer(app.token("root").await);
    let path = format!("/admin/accounts/{}/api-keys", app.account("ada").await.id);
    let input = json!({ "name": "mine", "scopes": ["me:write"] });
    assert_problem(&root.post(&path).json(&input).send().await, StatusCode::CONFLICT);
    let rotate = root.post(&format!("{path}/{}/rotate", hers.id)).json(&json!({}));
    assert_problem(&rotate.send().await, StatusCode::CONFLICT);
    let listed = root.get(&path).send().await.json();
    assert_eq!(listed["api_keys"].as_array().unwrap().len(), 1, "but may see and revoke them");
    let gone = root.request(Method::DELETE, &format!("{path}/{}", hers.id)).send().await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
}

const SCOPES: [&str; 6] =
    ["accounts:read", "accounts:write", "audit:read", "keys:write", "me:read", "me:write"];

/// Whether scopes alone meet the requirement of `row`, given all there are.
fn open_to_scopes(row: &Row) -> bool {
    row.requires.as_deref().unwrap().split(" & ").all(|part| part.starts_with("scope("))
}

/// An admin's key with every scope there is is no admin, no sign-in, and makes no keys: at every route of the server.
async fn never_more_than_scopes(app: &App, key: &str) {
    app.service().await;
    let mut open = Vec::new();
    for row in app.table.rows().iter().filter(|row| row.requires.is_some()) {
        let (before, root) = (app.accounts().await, app.account("root").await.id);
        let request = app.sample(&app.client, row, root).await.header(KEY, key);
        let keys = keys_of(app, root).await;
        let answer = request.send().await;
        let what = format!("{} {}: {}", row.method, row.path, answer.text());
        if open_to_scopes(row) {
            assert!(answer.status.is_success(), "{what}");
            open.push(format!("{} {}", row.method, row.path));
        } else {
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}");
            assert_eq!(app.accounts().await, before, "{what}");
            assert_eq!(keys_of(app, root).await, keys, "{what}");
        }
    }
    assert_eq!(open, ["GET /me", "HEAD /me", "PATCH /me"]);
}

/// The keys of an account, and when each ends.
async fn keys_of(app: &App, owner: AccountId) -> Vec<(ApiKeyId, Timestamp)> {
    let keys = app.api_keys.list(owner).await.unwrap();
    keys.into_iter().map(|key| (key.id, key.expires_at)).collect()
}

#[tokio::test]
async fn attack_a_key_with_every_scope_at_every_route() {
    let app = App::with_admin().await;
    app.make("target", Role::User).await;
    let (_, key) = app.key_of("root", &SCOPES.join(" ")).await;
    for key in [text(&key), derived(&key, Caveats::none())] {
        never_more_than_scopes(&app, &key).await;
    }
}

#[tokio::test]
async fn a_key_with_one_scope_does_just_that() {
    let app = App::with_admin().await;
    for scope in SCOPES {
        let (_, key) = app.key_of("root", scope).await;
        let status = |held| if scope == held { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(me(&app, &text(&key)).await.status, status("me:read"), "{scope}");
        let change = app.client.request(Method::PATCH, "/me").json(&json!({})).header(KEY, text(&key));
        assert_eq!(change.send().await.status, status("me:write"), "{scope}");
        let report = app.beside.get("/report").header(KEY, text(&key)).send().await;
        assert_eq!(report.status, status("accounts:read"), "{scope}");
    }
}

#[tokio::test]
async fn attack_keys_that_are_none() {
    let app = App::with_user("ada").await;
    let (_, key) = app.key_of("ada", "me:read").await;
    let key = text(&key);
    let long = "a".repeat(64 * 1024);
    let quoted = format!("\"{key}\"");
    let padded = format!(" {key}");
    let percent = key.replace('_', "%5F");
    let bearer = format!("Bearer {key}");
    for sent in [
        "",
        " ",
        "pal_",
        "pald_",
        "a",
        &long,
        &quoted,
        &padded,
        &percent,
        &bearer,
        &key[..key.len() - 1],
        "\u{e9}",
        &key.to_uppercase(),
        &key.replace("pal_", "pald_"),
        &key.replace("pal_", "palc_"),
        "null",
        "\t",
    ] {
        assert_invalid(&me(&app, sent).await);
    }
    let twice = app.client.get("/me").header(KEY, &key).header(KEY, &key);
    assert_invalid(&twice.send().await);
    let bytes = app.client.get("/me").header(KEY, [0xff, 0xfe]);
    assert_invalid(&bytes.send().await);
    assert_eq!(me(&app, &key).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_typing_error_is_refused_without_a_look_up() {
    let app = App::with_user("ada").await;
    let (_, key) = app.key_of("ada", "me:read").await;
    let key = text(&key);
    let reads = || app.store.api_key_reads.load(Ordering::SeqCst);
    for (position, character) in key.char_indices() {
        let other = if character == 'a' { "b" } else { "a" };
        let mistyped = [&key[..position], other, &key[position + 1..]].concat();
        assert_invalid(&me(&app, &mistyped).await);
        assert_invalid(&me(&app, &key[..position].replace('_', "__")).await);
    }
    assert_eq!(reads(), 0);
    for _ in 0..3 {
        assert_eq!(me(&app, &key).await.status, StatusCode::OK);
    }
    assert_eq!(reads(), 1, "and one that is in use is kept");
}

#[tokio::test]
async fn attack_many_ids_that_nobody_has() {
    let app = App::with_user("ada").await;
    let (_, key) = app.key_of("ada", "me:read").await;
    assert_eq!(me(&app, &text(&key)).await.status, StatusCode::OK);
    let random = SeededRandom::shared(3);
    for _ in 0..100 {
        let id = ApiKeyId::draw(&*app.world.clock, &*random).unwrap();
        let unknown = ApiKeyText::generate(id.into(), &*random).unwrap();
        assert_invalid(&me(&app, &text(&unknown)).await);
    }
    let reads = app.store.api_key_reads.load(Ordering::SeqCst);
    assert_eq!(reads, 101, "one indexed read each");
    assert_eq!(me(&app, &text(&key)).await.status, StatusCode::OK);
    assert_eq!(app.store.api_key_reads.load(Ordering::SeqCst), reads, "the live one was not displaced");
}

#[tokio::test]
async fn attack_a_key_sent_as_a_bearer_token() {
    let app = App::with_user("ada").await;
    let (_, key) = app.key_of("ada", "me:read").await;
    for key in [text(&key), derived(&key, Caveats::none())] {
        assert!(!app.lets_in(&key).await);
    }
}

#[tokio::test]
async fn expired_revoked_disabled_and_unknown_look_the_same() {
    let app = App::with_user("ada").await;
    app.make("eve", Role::User).await;
    let soon = app.world.clock.now().after(Duration::from_secs(1));
    let (_, expired) = app.make_key("ada", "me:read", |key| key.expires_at = Some(soon)).await;
    let (revoked, revoked_text) = app.key_of("ada", "me:read").await;
    let (signing, signing_text) = app.make_key("ada", "me:read", |key| key.proof = Proof::Signing).await;
    let (disabled, disabled_text) = app.key_of("eve", "me:read").await;
    let foreign = ApiKeyText::generate(revoked.id.into(), &*SeededRandom::shared(5)).unwrap();
    for key in [&expired, &revoked_text, &disabled_text] {
        assert_eq!(me(&app, &text(key)).await.status, StatusCode::OK);
    }
    assert!(signing.is_sender_constrained());
    app.world.clock.advance(Duration::from_secs(1));
    app.api_keys.revoke(Actor::Operator, revoked.account, revoked.id).await.unwrap();
    app.world.beside.disable(Actor::Operator, disabled.account).await.unwrap();
    app.world.clock.advance(MILLISECOND);
    let mut answers = Vec::new();
    for key in [expired, revoked_text, signing_text, disabled_text, foreign] {
        let answer = me(&app, &text(&key)).await;
        assert_invalid(&answer);
        answers.push((answer.text(), answer.headers));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn a_quota_that_is_used_up_says_when_to_come_back() {
    let app = App::with_user("ada").await;
    let quota = Quota::new(2, 60).unwrap();
    let (_, key) = app.make_key("ada", "me:read", |key| key.quota = Some(quota)).await;
    for _ in 0..2 {
        assert_eq!(me(&app, &text(&key)).await.status, StatusCode::OK);
    }
    let answer = me(&app, &text(&key)).await;
    assert_problem(&answer, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), Some("30"));
    assert_eq!(answer.header("www-authenticate"), None, "no other credential is asked for");
    app.world.clock.advance(Duration::from_secs(30));
    assert_eq!(me(&app, &text(&key)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_key_in_use_costs_a_write_now_and_then() {
    let app = App::with_user("ada").await;
    let (key, presented) = app.key_of("ada", "me:read").await;
    let uses = || app.store.api_key_uses.load(Ordering::SeqCst);
    for _ in 0..20 {
        assert_eq!(me(&app, &text(&presented)).await.status, StatusCode::OK);
    }
    assert_eq!(uses(), 1);
    app.world.clock.advance(Duration::from_mins(5));
    assert_eq!(me(&app, &text(&presented)).await.status, StatusCode::OK);
    assert_eq!(uses(), 2);
    app.world.settle().await;
    let listed = app.api_keys.list(key.account).await.unwrap();
    assert_eq!(listed[0].last_used_at, Some(app.world.clock.now()));
    assert_eq!(app.store.api_key_reads.load(Ordering::SeqCst), 1, "and nothing had to be read again for it");
}

#[tokio::test]
async fn a_derived_key_may_what_its_links_leave() {
    let app = App::with_user("ada").await;
    let (_, key) = app.key_of("ada", "me:read me:write").await;
    let patch = async |key: &str| {
        app.client.request(Method::PATCH, "/me").json(&json!({})).header(KEY, key).send().await.status
    };
    let narrow = derived(&key, Caveats::none().scopes("me:read".parse().unwrap()));
    assert_eq!(
        (me(&app, &narrow).await.status, patch(&narrow).await),
        (StatusCode::OK, StatusCode::FORBIDDEN)
    );

    let routed = derived(&key, Caveats::none().route("GET /me".parse().unwrap()));
    assert_eq!(
        (me(&app, &routed).await.status, patch(&routed).await),
        (StatusCode::OK, StatusCode::FORBIDDEN)
    );
    let head = app.client.request(Method::HEAD, "/me").header(KEY, &routed).send().await;
    assert_eq!(head.status, StatusCode::OK);
    let elsewhere = derived(&key, Caveats::none().route("GET /me/{id}".parse().unwrap()));
    assert_eq!(me(&app, &elsewhere).await.status, StatusCode::FORBIDDEN);
    assert!(narrow.starts_with("pald_"));
    for position in [0, 6, 30, 80, narrow.len() / 2, narrow.len() - 1] {
        let other = if narrow.as_bytes()[position] == b'a' { "b" } else { "a" };
        let altered = [&narrow[..position], other, &narrow[position + 1..]].concat();
        assert_invalid(&me(&app, &altered).await);
    }
}

#[tokio::test]
async fn a_link_that_was_revoked_ends_what_was_derived_from_it() {
    let app = App::with_user("ada").await;
    let (key, whole) = app.key_of("ada", "me:read").await;
    let child = whole.derive(Caveats::none(), &*SeededRandom::shared(4)).unwrap();
    let grandchild = derived_from(&child);
    let ada = app.client.bearer(app.token("ada").await);
    let now = app.world.clock.now();
    let link = child.chain().verify(key.public_key, child.id(), now).unwrap().links()[0];
    for (key, status) in [(&grandchild, StatusCode::OK), (&text(&whole), StatusCode::OK)] {
        assert_eq!(me(&app, key).await.status, status);
    }
    let path = format!("/me/api-keys/{}/links", key.id);
    for _ in 0..2 {
        let revoked = ada.request(Method::DELETE, &format!("{path}/{link}")).send().await;
        assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    }
    assert_invalid(&me(&app, &grandchild).await);
    assert_invalid(&me(&app, child.to_text().expose()).await);
    assert_eq!(me(&app, &text(&whole)).await.status, StatusCode::OK);
    assert_faults(&ada.request(Method::DELETE, &format!("{path}/short")).send().await, &["path.link"]);
    let listed = ada.get("/me/api-keys").send().await.json();
    assert_eq!(listed["api_keys"][0]["revoked_links"], json!([link.to_string()]));
}

fn derived_from(key: &DerivedKey) -> String {
    key.derive(Caveats::none(), &*SeededRandom::shared(6)).unwrap().to_text().expose().to_owned()
}

#[tokio::test]
async fn a_store_that_fails_is_503_for_keys_too() {
    let app = App::with_user("ada").await;
    let (_, key) = app.key_of("ada", "me:read").await;
    assert_eq!(me(&app, &text(&key)).await.status, StatusCode::OK);
    app.store.fail(true);
    app.world.clock.advance(MILLISECOND);
    for key in [text(&key), derived(&key, Caveats::none())] {
        let answer = me(&app, &key).await;
        assert_problem(&answer, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!answer.text().contains("canary"));
    }
    assert_invalid(&me(&app, "pal_").await);
    app.store.fail(false);
    assert_eq!(me(&app, &text(&key)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_password_change_leaves_keys_and_a_disabled_account_none() {
    let app = App::with_admin().await;
    let ada = app.make("ada", Role::User).await;
    let (_, key) = app.key_of("ada", "me:read").await;
    let change = json!({ "current_password": PASSWORD, "new_password": "battery staple" });
    let changed = app.client.bearer(app.token("ada").await).post("/me/password").json(&change).send().await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT);
    assert_eq!(me(&app, &text(&key)).await.status, StatusCode::OK);
    let admin = app.client.bearer(app.token("root").await);
    admin.post(&format!("/admin/accounts/{}/disable", ada.id)).send().await;
    assert_invalid(&me(&app, &text(&key)).await);
}

#[test]
fn the_document_says_where_a_key_goes_and_what_a_used_up_one_is_told() {
    let (_, document) = palisade_identity::http::router().describe().unwrap();
    let document = document.as_json();
    let operation = &document["paths"]["/me"]["get"];
    // Alternatives, of which the caller needs one.
    let alternatives = json!([
        { "OAuth2PasswordBearer": ["me:read"] },
        { "ApiKey": [] },
        { "HttpSignature": [] },
        { "Session": [] },
        { "Basic": [] },
    ]);
    assert_eq!(operation["security"], alternatives);
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    assert_eq!(schemes.len(), 5, "and no others: {schemes:?}");
    for (name, object) in [
        ("ApiKey", json!({ "type": "apiKey", "in": "header", "name": "X-API-Key" })),
        ("HttpSignature", json!({ "type": "apiKey", "in": "header", "name": "Signature" })),
        ("Session", json!({ "type": "apiKey", "in": "cookie", "name": "__Host-palisade" })),
        ("Basic", json!({ "type": "http", "scheme": "basic" })),
    ] {
        let mut found = schemes[name].clone();
        found.as_object_mut().unwrap().remove("description");
        assert_eq!(found, object);
    }
    assert_eq!(schemes["OAuth2PasswordBearer"]["type"], "oauth2");
    assert_eq!(schemes["OAuth2PasswordBearer"]["flows"]["password"]["tokenUrl"], "token");
    assert!(operation["responses"]["429"].is_object());
}
