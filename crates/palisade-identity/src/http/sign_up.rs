//! `POST /signup`: somebody makes an account for themselves.

use axum::extract::State;
use http::StatusCode;
use palisade::{Problem, edge::ClientAddress, extract::Json, prelude::Created, secret::SecretString};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    AccountView, Identity, SignUpIs,
    application::{applicant, new_password},
    refusal::{limited, refusals},
};
use crate::{email::Email, username::Username};

/// Who wants an account.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SignUp")]
pub(super) struct SignUp {
    /// The name to sign in with.
    #[schemars(with = "Username")]
    username: String,
    /// Where mail goes.
    #[schemars(with = "Email")]
    email: String,
    /// The password to sign in with.
    #[schemars(schema_with = "new_password")]
    password: SecretString,
    /// The secret from the server's data folder; whoever has it becomes the first admin. Only while there is none.
    #[serde(default)]
    #[schemars(with = "Option<String>", length(max = 256))]
    first_admin_secret: Option<SecretString>,
}

refusals! {
    /// How `POST /signup` refuses.
    Refused {
        FORBIDDEN "Sign-up is off, or the first-admin secret is wrong or void",
        CONFLICT "The username is taken",
        TOO_MANY_REQUESTS "Too many sign-ups from this address; `Retry-After` says when to come back",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

pub(super) async fn sign_up(
    State(Identity(identity)): State<Identity>,
    ClientAddress(address): ClientAddress,
    Json(request): Json<SignUp>,
) -> Result<Created<AccountView>, Refused> {
    let applicant = applicant(&request.username, &request.email, request.password)?;
    identity.sign_up_limit.check(address).map_err(limited)?;
    let account = match &request.first_admin_secret {
        Some(secret) => identity.accounts.claim_first_admin(secret, applicant).await?,
        None if identity.sign_up == SignUpIs::Off => {
            return Err(
                Problem::new(StatusCode::FORBIDDEN, "Sign-up is off: ask an admin for an account").into()
            );
        }
        None => identity.accounts.sign_up(applicant).await?,
    };
    identity.proofs.welcome(&account);
    Ok(Created(account.into()))
}
