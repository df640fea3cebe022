//! `/account/sessions`: where one is signed in, and ending it.

use palisade::{
    Problem,
    extract::{Form, Query},
    prelude::State,
};
use palisade_identity::{
    http::{CurrentAccount, Identity},
    id::SessionId,
    sessions::{Session, SessionsError},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    device,
    notes::After,
    reply::Reply,
    view::{Moment, SessionCard, Sessions, Visitor},
};

const HERE: &str = "/account/sessions";

/// The form as it is sent.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct End {
    #[serde(default)]
    session: String,
}

pub(super) async fn show(
    visitor: CurrentAccount,
    State(identity): State<Identity>,
    Query(after): Query<After>,
) -> Result<Reply, Problem> {
    let sessions = identity.parts().sessions.list(visitor.account()).await?;
    Reply::page(&Sessions {
        visitor: Visitor::of(&visitor, HERE),
        note: after.note(),
        sessions: sessions.iter().map(|session| card(session, visitor.session())).collect(),
    })
}

pub(super) async fn end(
    visitor: CurrentAccount,
    State(identity): State<Identity>,
    Form(sent): Form<End>,
) -> Result<Reply, Problem> {
    let id: SessionId = sent.session.parse().map_err(|_| SessionsError::NotFound)?;
    match identity.parts().sessions.end(visitor.id(), id).await {
        // It had ended already, as was wished for.
        Ok(()) | Err(SessionsError::NotFound) => Reply::see_other("/account/sessions?done=session-ended"),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn end_others(
    visitor: CurrentAccount,
    State(identity): State<Identity>,
) -> Result<Reply, Problem> {
    identity.parts().sessions.end_others(visitor.id(), visitor.session()).await?;
    Reply::see_other("/account/sessions?done=others-ended")
}

fn card(session: &Session, current: Option<SessionId>) -> SessionCard {
    SessionCard {
        id: session.id.to_string(),
        device: device::name(&session.user_agent),
        address: session.address.to_string(),
        last_seen: Moment::at(session.last_seen),
        signed_in: Moment::at(session.authenticated_at),
        current: Some(session.id) == current,
    }
}
