//! `POST /admin/create`: an admin makes an account for somebody.

use axum::extract::State;
use palisade::{extract::Json, prelude::Created, secret::SecretString};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    AccountView, CurrentAccount, Identity,
    application::{applicant, new_password},
    refusal::refusals,
};
use crate::{
    email::Email,
    role::{Role, Roles},
    username::Username,
};

/// Who is to get an account, and with which roles.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AdminCreate")]
pub(super) struct AdminCreate {
    /// The name to sign in with.
    #[schemars(with = "Username")]
    username: String,
    /// Where mail goes.
    #[schemars(with = "Email")]
    email: String,
    /// The password to sign in with.
    #[schemars(schema_with = "new_password")]
    password: SecretString,
    /// The roles; `["user"]` if left out.
    #[serde(default = "user")]
    roles: Roles,
}

fn user() -> Roles {
    Role::User.into()
}

refusals! {
    /// How `POST /admin/create` refuses.
    Refused {
        CONFLICT "The username is taken",
        SERVICE_UNAVAILABLE "Too much to do just now; try again later",
    }
}

pub(super) async fn create(
    admin: CurrentAccount,
    State(Identity(identity)): State<Identity>,
    Json(request): Json<AdminCreate>,
) -> Result<Created<AccountView>, Refused> {
    let applicant = applicant(&request.username, &request.email, request.password)?;
    let account = identity.accounts.admin_create(admin.actor(), applicant, request.roles).await?;
    Ok(Created(account.into()))
}
