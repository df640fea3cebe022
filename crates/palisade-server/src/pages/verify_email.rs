//! `/verify-email?token=`: proves an address by the link of a message.

use http::StatusCode;
use palisade::{
    Problem,
    edge::SameOrigin,
    extract::{Form, Query},
    prelude::State,
    secret::SecretString,
};
use palisade_identity::http::Identity;

use super::{form, reply::Reply, reset_password::Link, view::FormPage};

/// Looking at it uses nothing up: programs that read mail follow links too.
pub(super) async fn show(Query(link): Query<Link>) -> Result<Reply, Problem> {
    Reply::page(&page(form(&link.token)))
}

pub(super) async fn verify(
    _: SameOrigin,
    State(identity): State<Identity>,
    Form(sent): Form<Link>,
) -> Result<Reply, Problem> {
    match identity.parts().proofs.verify_email(&sent.token).await {
        Ok(_) => Reply::see_other("/account?done=email-verified"),
        Err(error) => {
            let refused = form(&sent.token).refused(error.into())?;
            Reply::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page(refused))
        }
    }
}

fn form(token: &SecretString) -> form::Form {
    form::Form::new("/verify-email", "This address is mine").hidden("token", token.expose())
}

fn page(form: form::Form) -> FormPage {
    FormPage {
        title: "Verify your e-mail address",
        lead: Some("Only if you asked for it: the address becomes that of the account."),
        note: None,
        form,
        links: vec![("/account", "Go to your account")],
    }
}
