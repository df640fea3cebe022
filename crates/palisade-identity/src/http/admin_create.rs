//! `POST /admin/create`: an admin makes an account for somebody, or for a program.

use axum::extract::State;
use palisade::{Problem, extract::Json, prelude::Created, secret::SecretString};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    AccountView, CurrentAccount, Identity,
    application::{applicant, contact, new_password},
    refusal::{fault, refusals},
};
use crate::{
    account::Kind,
    email::Email,
    role::{Role, Roles},
    username::Username,
};

/// Who is to get an account, and with which roles. A person needs a password, and a service has none.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AdminCreate")]
pub(super) struct AdminCreate {
    /// The name to sign in with.
    #[schemars(with = "Username")]
    username: String,
    /// Whom the account is for; `person` if left out.
    #[serde(default)]
    kind: Kind,
    /// Where mail goes; for a service, to whoever is responsible.
    #[schemars(with = "Email")]
    email: String,
    /// The password to sign in with.
    #[serde(default)]
    #[schemars(schema_with = "new_password")]
    password: Option<SecretString>,
    /// The roles; `["user"]` if left out. A service is never an admin.
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
    let AdminCreate { username, kind, email, password, roles } = request;
    let accounts = &identity.accounts;
    let account = match (kind, password) {
        (Kind::Person, Some(password)) => {
            let applicant = applicant(&username, &email, password)?;
            let account = accounts.admin_create(admin.actor(), applicant, roles).await?;
            identity.proofs.welcome(&account);
            account
        }
        (Kind::Service, None) => {
            let (username, email) = contact(&username, &email)?;
            accounts.create_service(admin.actor(), username, email, roles).await?
        }
        (Kind::Person, None) => return Err(of_password("missing", "This field is required").into()),
        (Kind::Service, Some(_)) => return Err(of_password("service", "A service has no password").into()),
    };
    Ok(Created(account.into()))
}

fn of_password(kind: &'static str, sentence: &str) -> Problem {
    Problem::invalid_input(vec![fault("password", kind, sentence)])
}
