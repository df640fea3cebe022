//! `/account`: what one's account is, and another e-mail address for it.

use http::StatusCode;
use palisade::{
    FieldError, Problem,
    extract::{Form, Query},
    prelude::State,
};
use palisade_identity::{
    email::Email,
    http::{CurrentAccount, Identity},
    proofs::EmailChange,
    role::Role,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    form::{self, Field},
    is_recent,
    notes::After,
    reply::Reply,
    view::{Account, Moment, Visitor},
};

const HERE: &str = "/account";

/// The form as it is sent.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Change {
    #[serde(default)]
    #[schemars(length(max = 1024))]
    email: String,
}

pub(super) async fn show(
    visitor: CurrentAccount,
    State(identity): State<Identity>,
    Query(after): Query<After>,
) -> Result<Reply, Problem> {
    let change = is_recent(&visitor, &identity).then(|| form(""));
    Reply::page(&Account { note: after.note(), ..page(&visitor, &identity, change) })
}

/// With mail, the address counts once it has been proven.
pub(super) async fn change_email(
    visitor: CurrentAccount,
    State(identity): State<Identity>,
    Form(sent): Form<Change>,
) -> Result<Reply, Problem> {
    let changed = match Email::new(&sent.email) {
        Ok(new) => identity.parts().proofs.change_email(visitor.account(), new).await.map_err(Problem::from),
        Err(_) => {
            let fault = FieldError::new(["body", "email"], "value", "This is not an e-mail address.");
            Err(Problem::invalid_input(vec![fault]))
        }
    };
    match changed {
        Ok(EmailChange::Done) => Reply::see_other("/account?done=email-changed"),
        Ok(EmailChange::Asked) => Reply::see_other("/account?done=email-asked"),
        Err(problem) => {
            let refused = form(&sent.email).refused(problem)?;
            let page = page(&visitor, &identity, Some(refused));
            Reply::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// Sends the message again that proves the address.
pub(super) async fn send_verification(
    visitor: CurrentAccount,
    State(identity): State<Identity>,
) -> Result<Reply, Problem> {
    identity.parts().proofs.request_verification(visitor.id())?;
    Reply::see_other("/account?done=message-sent")
}

fn form(email: &str) -> form::Form {
    form::Form::new(HERE, "Change the address").field(Field::email("email", "New e-mail address", email))
}

fn page(visitor: &CurrentAccount, identity: &Identity, change: Option<form::Form>) -> Account {
    let account = visitor.account();
    let verified = account.email_verified_at.is_some();
    let verify = !verified && identity.parts().proofs.sends_mail();
    let roles: Vec<_> = account.roles.iter().map(Role::name).collect();
    Account {
        visitor: Visitor::of(visitor, HERE),
        note: None,
        email: account.email.to_string(),
        verified,
        roles: roles.join(", "),
        admin: account.roles.include(Role::Admin),
        created: Moment::at(account.created_at),
        verify: verify.then(|| form::Form::new("/account/verify-email", "Send me a message to verify it")),
        change,
    }
}
