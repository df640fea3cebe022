//! The API, and the page of the browser.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::response::{Html, Redirect};
use http::{HeaderName, HeaderValue, header};
use palisade::{
    credential::{ApiKeyScheme as _, SessionCookie},
    edge::SameOrigin,
    oauth2::{OAuth2Error, OAuth2ErrorCode, OAuth2PasswordForm, TokenForm, TokenResponse},
    prelude::*,
    scope::ScopeSet,
    secret::SecretString,
    token::AccessTokenClaims,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{App, Caller, ISSUER, caller::Browser, people::People, sessions::Sessions};

/// How many notes are kept.
const MOST: usize = 100;

/// Who may call what. No route says by which client.
pub fn api() -> Router<App, Caller> {
    Router::new()
        .document(Info::new("Two clients", "1"))
        .route("/", get(page).public("the page people sign in on"))
        .route("/app.js", get(script).public("the page's script"))
        .route("/sign-in", post(sign_in).public("this is where browsers sign in"))
        .route("/sign-out", post(sign_out).public("who is signed out already may ask for it again"))
        .route("/token", post(issue_token).public("this is where phones sign in"))
        .route("/me", get(read_me).requires(signed_in() | scope("notes:read")))
        .route(
            "/notes",
            get(list_notes).requires(scope("notes:read")).post(add_note).requires(scope("notes:write")),
        )
}

/// A note.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Note {
    text: String,
    /// Who wrote it.
    by: String,
}

/// What a note is made of.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewNote {
    #[schemars(length(min = 1, max = 500))]
    text: String,
}

/// A name and a password, as a browser's form sends them.
#[derive(Debug, Deserialize, JsonSchema)]
struct SignIn {
    #[schemars(length(max = 100))]
    username: String,
    #[schemars(with = "String", length(max = 200), extend("format" = "password"))]
    password: SecretString,
}

async fn read_me(caller: Caller) -> Json<Caller> {
    Json(caller)
}

async fn list_notes(State(app): State<App>) -> Json<Vec<Note>> {
    Json(notes(&app.notes).clone())
}

async fn add_note(caller: Caller, State(app): State<App>, Json(new): Json<NewNote>) -> Created<Note> {
    let note = Note { text: new.text, by: caller.name };
    let mut notes = notes(&app.notes);
    if notes.len() == MOST {
        notes.remove(0);
    }
    notes.push(note.clone());
    Created(note)
}

/// The browser's way in. It has no session yet whose credential could check which page asks, so the handler does
/// ([`SameOrigin`]): else another site could sign its visitors in as somebody else.
async fn sign_in(
    _: SameOrigin,
    State(people): State<Arc<People>>,
    State(sessions): State<Arc<Sessions>>,
    answer: ResponseHeaders,
    Form(form): Form<SignIn>,
) -> Result<Undescribed<Redirect>, Problem> {
    let person = people.sign_in(&form.username, &form.password);
    let person = person.ok_or_else(|| Denied::forbidden().detail("Incorrect username or password"))?;
    let session = sessions.begin(person.name).map_err(Problem::unavailable)?;
    answer.append(header::SET_COOKIE, cookie(&session));
    Ok(Undescribed(Redirect::to("/")))
}

/// The browser's way out. The session ends on the server; that the cookie goes is mere tidiness.
async fn sign_out(
    _: SameOrigin,
    session: Option<SessionCookie<Browser>>,
    State(sessions): State<Arc<Sessions>>,
    answer: ResponseHeaders,
) -> Undescribed<Redirect> {
    if let Some(session) = session {
        sessions.end(session.expose());
    }
    answer.append(header::SET_COOKIE, HeaderValue::from_static("__Host-session=; Path=/; Max-Age=0; Secure"));
    Undescribed(Redirect::to("/"))
}

/// The phone's way in.
async fn issue_token(
    State(app): State<App>,
    TokenForm(form): TokenForm<OAuth2PasswordForm>,
) -> Result<TokenResponse, OAuth2Error> {
    let person = app.people.sign_in(&form.username, &form.password);
    let refused = || OAuth2Error::new(OAuth2ErrorCode::InvalidGrant, "Incorrect username or password");
    let person = person.ok_or_else(refused)?;
    let has = person.scopes();
    let asked: Option<ScopeSet> = form.scope.parse().ok();
    let asked = asked.filter(|asked| asked.is_subset(&has)).ok_or_else(|| {
        OAuth2Error::new(OAuth2ErrorCode::InvalidScope, "A scope is asked for that this person does not have")
    })?;
    let mut claims = AccessTokenClaims::new(person.name, ISSUER, "phone");
    claims.lifetime = Duration::from_mins(10);
    claims.undelegated = asked.is_empty();
    claims.scopes = if asked.is_empty() { has } else { asked };
    let access_token = app.issuer.issue(&claims).map_err(Problem::internal)?;
    Ok(TokenResponse { access_token, expires_in: claims.lifetime.as_secs(), scope: claims.scopes })
}

async fn page(answer: ResponseHeaders) -> Html<&'static str> {
    const POLICY: HeaderValue = HeaderValue::from_static(
        "default-src 'none'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
    );
    answer.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    Html(include_str!("../static/page.html"))
}

async fn script() -> Undescribed<([(HeaderName, &'static str); 1], &'static str)> {
    Undescribed((
        [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")],
        include_str!("../static/app.js"),
    ))
}

/// `Lax` keeps it out of what other sites' forms send; the credential's own check does not rely on that.
fn cookie(session: &SecretString) -> HeaderValue {
    let text = format!(
        "{}={}; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Lax",
        Browser::PARAMETER,
        session.expose()
    );
    let mut value = HeaderValue::try_from(text).expect("a name and base64url are a header's value");
    value.set_sensitive(true);
    value
}

fn notes(notes: &Mutex<Vec<Note>>) -> std::sync::MutexGuard<'_, Vec<Note>> {
    notes.lock().unwrap_or_else(PoisonError::into_inner)
}
