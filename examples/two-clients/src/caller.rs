//! Who is calling: by a session or by a token, one and the same.

use std::sync::Arc;

use palisade::{
    Authority,
    credential::{ApiKeyScheme, FromCredential, OneOf2, SessionCookie, SessionText},
    prelude::*,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{people::People, sessions::Session};

/// The browser's cookie. By its name no other host of the site can set it, and it travels over TLS alone (browsers take
/// this machine's own address for safe, too).
#[derive(Debug)]
pub(crate) struct Browser;

impl ApiKeyScheme for Browser {
    const NAME: &'static str = "Session";
    const PARAMETER: &'static str = "__Host-session";
    const DESCRIPTION: Option<&'static str> = Some("The session of a browser, begun by `POST /sign-in`.");
}

/// Where a phone gets its token.
#[derive(Debug)]
pub(crate) struct Phone;

impl PasswordFlow for Phone {
    const NAME: &'static str = "Token";
    const TOKEN_URL: &'static str = "token";
    const SCOPES: &'static [(&'static str, &'static str)] =
        &[("notes:read", "Read notes"), ("notes:write", "Write notes")];
}

impl FromCredential<SessionText, crate::App> for Session {
    /// A session that is over counts as none: the pages that need none stay open to whoever still has its cookie.
    async fn verify(text: SessionText, _: &Parts, app: &crate::App) -> Result<Arc<Self>, Denied> {
        app.sessions.find(text.expose()).map(Arc::new).ok_or_else(Denied::not_authenticated)
    }
}

/// Who is calling, however it was said.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Caller {
    pub(crate) name: String,
    #[serde(skip)]
    #[schemars(skip)]
    authority: Authority,
}

impl Principal for Caller {
    fn authority(&self) -> &Authority {
        &self.authority
    }
}

type SessionOrToken = AnyOf<(SessionCookie<Browser, Session>, OAuth2PasswordBearer<Phone, AccessToken>)>;

#[dependency(state = crate::App)]
async fn caller(by: SessionOrToken, State(people): State<Arc<People>>) -> Result<Caller, Denied> {
    let name = match &by.0 {
        OneOf2::A(session) => session.name,
        OneOf2::B(token) => token.subject(),
    };
    let person = people.find(name).ok_or_else(Denied::invalid_credentials)?;
    let all = Authority::account(name).scopes(person.scopes());
    let authority = match &by.0 {
        OneOf2::A(session) => all.authenticated_at(session.begun_at),
        OneOf2::B(token) if token.is_undelegated() => all,
        // Asked for with fewer scopes, a token acts with those and nothing else.
        OneOf2::B(token) => Authority::delegated(name).scopes(token.scopes().intersection(&person.scopes())),
    };
    Ok(Caller { name: name.to_owned(), authority })
}
