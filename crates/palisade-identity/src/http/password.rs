//! `POST /me/password`: another password for oneself.

use axum::extract::State;
use http::header;
use palisade::{
    FieldError, Problem, ResponseHeaders, Segment, edge::ClientAddress, extract::Json, prelude::NoContent,
    secret::SecretString,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    CurrentAccount, Identity,
    application::{new_password, password},
    refusal::{limited, of_session, problem, refusals},
};
use crate::{accounts::AccountsError, sessions::cookie};

/// Another password. The current one is asked for: a token somebody left lying about is not enough.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PasswordChange")]
pub(super) struct Change {
    /// The password until now.
    #[schemars(schema_with = "password")]
    current_password: SecretString,
    /// The password from now on.
    #[schemars(schema_with = "new_password")]
    new_password: SecretString,
}

refusals! {
    /// How `POST /me/password` refuses.
    Refused {
        CONFLICT "The password was changed meanwhile",
        TOO_MANY_REQUESTS "Too many wrong passwords from this address; `Retry-After` says when to come back",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

/// The token or session this came with stays good, the session with another secret; all others end.
pub(super) async fn change_password(
    account: CurrentAccount,
    State(Identity(identity)): State<Identity>,
    ClientAddress(address): ClientAddress,
    headers: ResponseHeaders,
    Json(change): Json<Change>,
) -> Result<NoContent, Refused> {
    // Whoever found a token must not be able to try passwords with it.
    let attempt = identity.sign_in_limit.check(address).map_err(limited)?;
    let keeping = account.credential_id();
    let changed = identity
        .accounts
        .change_password(account.id(), change.current_password, change.new_password, keeping.as_deref())
        .await;
    if !matches!(changed, Err(AccountsError::WrongPassword)) {
        attempt.free();
    }
    let changed = changed.map_err(|error| of_new_password(problem(error)))?;
    if let Some(id) = account.session() {
        let (secret, session) = identity.sessions.renewed(&changed, id).await.map_err(of_session)?;
        headers.append(header::SET_COOKIE, cookie::set(&secret, session.ends_at, identity.clock.now()));
    }
    Ok(NoContent)
}

/// What is wrong with a new password stands here in `new_password`.
pub(super) fn of_new_password(problem: Problem) -> Problem {
    if problem.errors().is_empty() {
        return problem;
    }
    let named = |fault: &FieldError| match fault.loc.last() {
        Some(Segment::Name(field)) if field == "password" => {
            FieldError::new(["body", "new_password"], fault.kind.clone(), fault.msg.clone())
        }
        _ => fault.clone(),
    };
    Problem::invalid_input(problem.errors().iter().map(named).collect())
}
