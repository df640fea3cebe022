//! `GET` and `DELETE /me/sessions`, `DELETE /me/sessions/{id}`: the browsers one is signed in with.

use http::header;
use palisade::{
    ResponseHeaders,
    extract::{Json, Path},
    prelude::{NoContent, State},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    CurrentAccount,
    refusal::{of_session, refusals},
};
use crate::{
    account::in_words,
    id::SessionId,
    sessions::{Session, Sessions, cookie},
};

/// A browser session.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Session")]
pub(super) struct SessionView {
    /// Which; no secret.
    id: SessionId,
    /// What the browser called itself when it signed in.
    user_agent: String,
    /// The address it signed in from.
    address: String,
    /// When it signed in.
    #[schemars(with = "String", extend("format" = "date-time"))]
    created_at: String,
    /// When it was last used, to about a minute.
    #[schemars(with = "String", extend("format" = "date-time"))]
    last_seen: String,
    /// When it ends however much it is used.
    #[schemars(with = "String", extend("format" = "date-time"))]
    ends_at: String,
    /// Whether this request came in it.
    current: bool,
}

/// One's sessions, those begun last first.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SessionList {
    /// The sessions.
    sessions: Vec<SessionView>,
}

refusals! {
    /// How the list is refused.
    ListRefused { SERVICE_UNAVAILABLE "Too much to do just now; try again later" }
}

refusals! {
    /// How ending one session is refused.
    Refused {
        NOT_FOUND "You have no such session",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

pub(super) async fn list(
    account: CurrentAccount,
    State(sessions): State<Sessions>,
) -> Result<Json<SessionList>, ListRefused> {
    let listed = sessions.list(account.account()).await.map_err(of_session)?;
    let current = account.session();
    let view = |session: Session| SessionView {
        id: session.id,
        user_agent: session.user_agent.to_string(),
        address: session.address.to_string(),
        created_at: in_words(session.created_at),
        last_seen: in_words(session.last_seen),
        ends_at: in_words(session.ends_at),
        current: current == Some(session.id),
    };
    Ok(Json(SessionList { sessions: listed.into_iter().map(view).collect() }))
}

pub(super) async fn end(
    account: CurrentAccount,
    State(sessions): State<Sessions>,
    Path(id): Path<SessionId>,
    headers: ResponseHeaders,
) -> Result<NoContent, Refused> {
    sessions.end(account.id(), id).await.map_err(of_session)?;
    if account.session() == Some(id) {
        headers.append(header::SET_COOKIE, cookie::clear());
    }
    Ok(NoContent)
}

/// All but the one this request came in, if it came in one.
pub(super) async fn end_others(
    account: CurrentAccount,
    State(sessions): State<Sessions>,
) -> Result<NoContent, ListRefused> {
    sessions.end_others(account.id(), account.session()).await.map_err(of_session)?;
    Ok(NoContent)
}
