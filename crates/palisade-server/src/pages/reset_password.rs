//! `/reset-password?token=`: sets another password by the link of a message.

use http::StatusCode;
use palisade::{
    Problem,
    edge::{ClientAddress, SameOrigin},
    extract::{Form, Query},
    prelude::State,
    secret::SecretString,
};
use palisade_identity::http::Identity;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    form::{self, Field, nothing},
    reply::Reply,
    view::FormPage,
};

/// What the link carries.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Link {
    #[serde(default = "nothing")]
    pub(super) token: SecretString,
}

/// The form as it is sent.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Reset {
    #[serde(default = "nothing")]
    token: SecretString,
    #[serde(default = "nothing")]
    #[schemars(length(max = 1024))]
    password: SecretString,
}

/// Looking at it uses nothing up: programs that read mail follow links too.
pub(super) async fn show(Query(link): Query<Link>) -> Result<Reply, Problem> {
    Reply::page(&page(form(&link.token).focused()))
}

pub(super) async fn reset(
    _: SameOrigin,
    State(identity): State<Identity>,
    ClientAddress(address): ClientAddress,
    Form(sent): Form<Reset>,
) -> Result<Reply, Problem> {
    let identity = identity.parts();
    identity.sign_up_limit.check(address)?;
    let again = form(&sent.token);
    match identity.proofs.reset_password(&sent.token, sent.password).await {
        Ok(_) => Reply::see_other("/sign-in?done=password-reset"),
        Err(error) => {
            let refused = again.refused(error.into())?;
            Reply::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page(refused))
        }
    }
}

fn form(token: &SecretString) -> form::Form {
    form::Form::new("/reset-password", "Set the password")
        .field(Field::new_password("password", "New password"))
        .hidden("token", token.expose())
}

fn page(form: form::Form) -> FormPage {
    FormPage {
        title: "Set another password",
        lead: Some("Everything that is signed in to your account is signed out by it."),
        note: None,
        form,
        links: vec![("/forgot-password", "Get another link")],
    }
}
