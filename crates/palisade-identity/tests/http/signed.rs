//! Requests signed with an API key (RFC 9421): what was signed is what is done, once.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{Method, StatusCode};
use palisade::{
    api_key::{ApiKeyText, Caveats, HeldKey},
    clock::Clock as _,
    extract::Json,
    prelude::{NoContent, Router, post, scope},
    random::SeededRandom,
    signature,
    testing::{Client, Request, Response},
};
use palisade_identity::{
    api_keys::{Proof, Quota},
    audit::Actor,
    http::{CurrentAccount, Identity},
    role::Role,
};
use serde_json::{Value, json};

use crate::app::{App, MILLISECOND, assert_problem};

/// A request as its holder signed it: headers and body, to be sent, and sent again, and altered.
struct Signed {
    method: Method,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

fn sign(app: &App, key: impl Into<HeldKey>, method: Method, path: &str, body: &str) -> Signed {
    let mut request = http::Request::builder().method(method.clone()).uri(path).header("host", "api.example");
    if !body.is_empty() {
        request = request.header("content-type", "application/json").header("content-length", body.len());
    }
    let mut request = request.body(()).unwrap();
    signature::sign(&mut request, body.as_bytes(), &key.into(), app.world.clock.now(), &*app.world.random)
        .unwrap();
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    Signed { method, path: path.to_owned(), headers, body: body.into() }
}

impl Signed {
    fn request(&self, client: &Client) -> Request {
        let request = client.request(self.method.clone(), &self.path).body(self.body.clone());
        self.headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    async fn send(&self, app: &App) -> Response {
        self.request(&app.client).send().await
    }

    /// Sends it to an API beside.
    async fn send_to(&self, notes: &Notes) -> Response {
        self.request(&notes.client).send().await
    }
}

/// An API beside that keeps what is sent to it, for whoever has the scope `me:write`.
struct Notes {
    client: Client,
    kept: Arc<Mutex<Vec<Value>>>,
}

impl Notes {
    fn of(app: &App) -> Self {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&kept);
        let keep = move |Json(note): Json<Value>| {
            notes.lock().unwrap().push(note);
            std::future::ready(NoContent)
        };
        let router = Router::<Identity, CurrentAccount>::new()
            .route("/notes", post(keep).requires(scope("me:write")))
            .clock(app.world.clock.clone())
            .with_state(app.identity.clone());
        Self { client: Client::new(router.into_axum().unwrap()), kept }
    }

    fn kept(&self) -> Vec<Value> {
        self.kept.lock().unwrap().clone()
    }
}

/// The app when it has run for long enough to take signatures.
fn begun(app: App) -> App {
    app.world.clock.advance(Duration::from_secs(11));
    app
}

/// A key of `ada` that only signs.
async fn signing(app: &App, scopes: &str) -> ApiKeyText {
    app.make_key("ada", scopes, |key| key.proof = Proof::Signing).await.1
}

const NOTE: &str = r#"{"note":"mine"}"#;

#[tokio::test]
async fn a_signed_request_is_accepted_once() {
    let app = begun(App::with_user("ada").await);
    let key = signing(&app, "me:read me:write").await;
    let read = sign(&app, key.clone(), Method::GET, "/me", "");
    let answer = read.send(&app).await;
    assert_eq!((answer.status, &answer.json()["username"]), (StatusCode::OK, &json!("ada")));
    assert_problem(&read.send(&app).await, StatusCode::UNAUTHORIZED);

    let notes = Notes::of(&app);
    let note = sign(&app, key, Method::POST, "/notes", NOTE);
    assert_eq!(note.send_to(&notes).await.status, StatusCode::NO_CONTENT);
    assert_problem(&note.send_to(&notes).await, StatusCode::UNAUTHORIZED);
    assert_eq!(notes.kept(), [json!({ "note": "mine" })]);
}

#[tokio::test]
async fn attack_a_signed_request_that_was_altered_on_its_way() {
    let app = begun(App::with_user("ada").await);
    let (key, notes) = (signing(&app, "me:read me:write").await, Notes::of(&app));
    let alter: [fn(&mut Signed); 7] = [
        |signed| signed.body = br#"{"note":"eves"}"#.to_vec(),
        |signed| signed.path = "/notes?admin=1".to_owned(),
        |signed| signed.method = Method::PUT,
        |signed| signed.headers.retain(|(name, _)| name != "content-digest"),
        |signed| signed.headers.retain(|(name, _)| name != "signature"),
        |signed| {
            let host = signed.headers.iter_mut().filter(|(name, _)| name == "host");
            host.for_each(|(_, value)| *value = b"other.example".to_vec());
        },
        |signed| {
            let ours = signed.headers.iter_mut().filter(|(name, _)| name == "content-type");
            ours.for_each(|(_, value)| *value = b"application/problem+json".to_vec());
        },
    ];
    for (number, alter) in alter.into_iter().enumerate() {
        let mut signed = sign(&app, key.clone(), Method::POST, "/notes", NOTE);
        alter(&mut signed);
        let answer = signed.send_to(&notes).await;
        assert!(answer.status.is_client_error(), "{number}: {} {}", answer.status, answer.text());
        assert_eq!(notes.kept(), [Value::Null; 0], "{number}");
    }
    let whole = sign(&app, key, Method::POST, "/notes", NOTE).send_to(&notes).await;
    assert_eq!(whole.status, StatusCode::NO_CONTENT, "what was not altered is taken");
}

#[tokio::test]
async fn attack_a_signature_that_was_kept_for_later() {
    let app = begun(App::with_user("ada").await);
    let key = signing(&app, "me:read").await;
    let kept = sign(&app, key.clone(), Method::GET, "/me", "");
    app.world.clock.advance(Duration::from_mins(2));
    assert_problem(&kept.send(&app).await, StatusCode::UNAUTHORIZED);
    assert_eq!(sign(&app, key, Method::GET, "/me", "").send(&app).await.status, StatusCode::OK);
}

#[tokio::test]
async fn attack_a_derived_key_that_is_refused_uses_up_nonces() {
    let app = begun(App::with_user("ada").await);
    let derived = signing(&app, "me:read").await.derive(Caveats::none(), &*SeededRandom::shared(2)).unwrap();
    let read = sign(&app, derived, Method::GET, "/me", "");
    let (ada, accounts) = (app.account("ada").await.id, &app.identity.parts().accounts);
    accounts.disable(Actor::Operator, ada).await.unwrap();
    app.world.clock.advance(MILLISECOND);
    assert_problem(&read.send(&app).await, StatusCode::UNAUTHORIZED);
    accounts.enable(Actor::Operator, ada).await.unwrap();
    app.world.clock.advance(MILLISECOND);
    assert_eq!(read.send(&app).await.status, StatusCode::OK, "what was refused used no nonce");
    assert_problem(&read.send(&app).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn attack_a_signature_by_another_key_under_this_id() {
    let app = begun(App::with_user("ada").await);
    let (key, _) = app.make_key("ada", "me:read", |key| key.proof = Proof::Signing).await;
    let forged = ApiKeyText::generate(key.id.into(), &*SeededRandom::shared(8)).unwrap();
    let answer = sign(&app, forged, Method::GET, "/me", "").send(&app).await;
    assert_problem(&answer, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_holder_signs_with_a_key_pair_the_server_never_saw() {
    let app = begun(App::with_user("ada").await);
    // The holder draws its secret; which id the key will have, the server says.
    let drawn =
        ApiKeyText::generate(signing(&app, "me:read").await.id(), &*SeededRandom::shared(11)).unwrap();
    let public = base64::Engine::encode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        drawn.public_key().as_bytes(),
    );
    let input = json!({ "name": "own", "scopes": ["me:read"], "public_key": public });
    let made =
        app.client.bearer(app.token("ada").await).post("/me/api-keys").json(&input).send().await.json();
    assert_eq!((&made["key"], &made["sender_constrained"]), (&json!(null), &json!(true)));
    let id = made["prefix"].as_str().unwrap().strip_prefix("pal_").unwrap().parse_key_id();
    let own = ApiKeyText::generate(id, &*SeededRandom::shared(11)).unwrap();
    assert_eq!(sign(&app, own, Method::GET, "/me", "").send(&app).await.status, StatusCode::OK);
}

trait ParseKeyId {
    fn parse_key_id(&self) -> palisade::api_key::KeyId;
}

impl ParseKeyId for str {
    fn parse_key_id(&self) -> palisade::api_key::KeyId {
        palisade::api_key::KeyId::parse(self).unwrap()
    }
}

#[tokio::test]
async fn a_key_that_can_be_presented_can_sign_too() {
    let app = begun(App::with_user("ada").await);
    let (_, key) = app.key_of("ada", "me:read").await;
    assert_eq!(sign(&app, key, Method::GET, "/me", "").send(&app).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_derived_key_signs_and_may_what_its_links_leave() {
    let app = begun(App::with_user("ada").await);
    let key = signing(&app, "me:read me:write").await;
    let caveats = Caveats::none().scopes("me:read".parse().unwrap());
    let derived = key.derive(caveats, &*SeededRandom::shared(2)).unwrap();
    assert_eq!(sign(&app, derived.clone(), Method::GET, "/me", "").send(&app).await.status, StatusCode::OK);
    let notes = Notes::of(&app);
    let note = sign(&app, derived.clone(), Method::POST, "/notes", NOTE).send_to(&notes).await;
    assert_problem(&note, StatusCode::FORBIDDEN);

    let mut without = sign(&app, derived, Method::GET, "/me", "");
    without.headers.retain(|(name, _)| name != "palisade-key-chain");
    assert_problem(&without.send(&app).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn signing_ends_with_the_key_and_counts_against_its_quota() {
    let app = begun(App::with_user("ada").await);
    let quota = Quota::new(1, 60).unwrap();
    let change = |key: &mut palisade_identity::api_keys::NewKey| {
        (key.proof, key.quota) = (Proof::Signing, Some(quota));
    };
    let (key, text) = app.make_key("ada", "me:read", change).await;
    let read = async || sign(&app, text.clone(), Method::GET, "/me", "").send(&app).await;
    assert_eq!(read().await.status, StatusCode::OK);
    assert_problem(&read().await, StatusCode::TOO_MANY_REQUESTS);
    app.world.clock.advance(Duration::from_mins(1));
    assert_eq!(read().await.status, StatusCode::OK);
    app.api_keys.revoke(Actor::Operator, key.account, key.id).await.unwrap();
    app.world.clock.advance(MILLISECOND);
    assert_problem(&read().await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn attack_a_signing_key_of_an_admin_at_the_routes_of_admins() {
    let app = begun(App::with_admin().await);
    app.make("target", Role::User).await;
    let scopes = "accounts:read accounts:write keys:write me:read";
    let (_, key) = app.make_key("root", scopes, |key| key.proof = Proof::Signing).await;
    let target = app.account("target").await.id;
    let disable = format!("/admin/accounts/{target}/disable");
    let making = r#"{"name":"more","scopes":["me:read"]}"#;
    for (method, path, body) in [
        (Method::GET, "/admin/accounts", ""),
        (Method::POST, disable.as_str(), ""),
        (Method::GET, "/me/api-keys", ""),
        (Method::POST, "/me/api-keys", making),
    ] {
        let answer = sign(&app, key.clone(), method, path, body).send(&app).await;
        assert_problem(&answer, StatusCode::FORBIDDEN);
    }
}
