//! `POST /password/forgot`, `POST /password/reset` and `POST /admin/accounts/{id}/password-reset`: a way back in for
//! whoever has forgotten a password.

use std::fmt;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use palisade::{
    DescribeResponse, Description, Problem,
    edge::ClientAddress,
    extract::{Json, Path},
    prelude::{NoContent, State},
    secret::SecretString,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    CurrentAccount, Identity,
    accepted::Accepted,
    application::{link_token, new_password},
    password::of_new_password,
    refusal::{limited, problem, refusals},
};
use crate::{
    account::{AccountId, in_words},
    accounts::AccountsError,
    proofs::Proofs,
};

/// Whose password is forgotten.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ForgottenPassword")]
pub(super) struct Forgotten {
    /// The account's username, or its proven e-mail address.
    #[schemars(length(min = 1, max = 256))]
    username_or_email: String,
}

refusals! {
    /// How `POST /password/forgot` refuses: never by who is named.
    ForgotRefused {
        FORBIDDEN "This server sends no mail: ask an admin for a link",
        TOO_MANY_REQUESTS "Too many requests from this address; `Retry-After` says when to come back",
        SERVICE_UNAVAILABLE "The store does not answer",
    }
}

/// The answer is the same for everybody: the account is looked up after it.
pub(super) async fn forgot(
    State(Identity(identity)): State<Identity>,
    ClientAddress(address): ClientAddress,
    Json(request): Json<Forgotten>,
) -> Result<Accepted, ForgotRefused> {
    identity.sign_up_limit.check(address).map_err(limited)?;
    identity.proofs.forgot_password(&request.username_or_email)?;
    Ok(Accepted)
}

/// Another password, by a link.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PasswordReset")]
pub(super) struct Reset {
    /// What the link carries as `token`.
    #[schemars(schema_with = "link_token")]
    token: SecretString,
    /// The password from now on.
    #[schemars(schema_with = "new_password")]
    new_password: SecretString,
}

refusals! {
    /// How `POST /password/reset` refuses.
    ResetRefused {
        BAD_REQUEST "The link is not good, or no longer",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

pub(super) async fn reset(
    State(proofs): State<Proofs>,
    Json(request): Json<Reset>,
) -> Result<NoContent, ResetRefused> {
    match proofs.reset_password(&request.token, request.new_password).await {
        Ok(_) => Ok(NoContent),
        Err(error) => Err(of_new_password(problem(error)).into()),
    }
}

/// A link that sets another password, for whoever has shown the admin that the account is theirs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ResetLink")]
pub(super) struct ResetLinkView {
    /// The link, good once. Whoever has it becomes the account.
    link: String,
    /// From when on it is void.
    #[schemars(with = "String", extend("format" = "date-time"))]
    expires_at: String,
}

impl fmt::Debug for ResetLinkView {
    /// Without the link.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResetLinkView").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl IntoResponse for ResetLinkView {
    fn into_response(self) -> Response {
        ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(self)).into_response()
    }
}

impl DescribeResponse for ResetLinkView {
    fn describe_response(description: &mut Description<'_>) {
        description.answers::<Self>(StatusCode::OK, "The link");
    }
}

refusals! {
    /// How `POST /admin/accounts/{id}/password-reset` refuses.
    LinkRefused {
        NOT_FOUND "There is no such account",
        CONFLICT "The account is disabled, a service, or your own",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

pub(super) async fn reset_link(
    admin: CurrentAccount,
    State(proofs): State<Proofs>,
    Path(id): Path<AccountId>,
) -> Result<ResetLinkView, LinkRefused> {
    // Whoever found the admin's browser open would get the account for good.
    if id == admin.id() {
        let sentence = "This is your own account: set another password by POST /me/password";
        return Err(Problem::new(StatusCode::CONFLICT, sentence).into());
    }
    let made = match proofs.reset_link(admin.actor(), id).await {
        Err(AccountsError::NotForServices) => {
            return Err(Problem::new(StatusCode::CONFLICT, "A service has no password").into());
        }
        made => made?,
    };
    Ok(ResetLinkView { link: made.link.expose().to_owned(), expires_at: in_words(made.expires_at) })
}
