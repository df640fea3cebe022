//! `/forgot-password`: asks for a message with a link that sets another password.

use palisade::{
    Problem,
    edge::{ClientAddress, SameOrigin},
    extract::Form,
    prelude::State,
};
use palisade_identity::http::Identity;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    form::{self, Field},
    reply::Reply,
    view::{FormPage, Link, Message},
};

const BACK: Link = ("/sign-in", "Go to the sign-in");

/// The form as it is sent.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Forgotten {
    #[serde(default)]
    #[schemars(length(max = 1024))]
    name: String,
}

pub(super) async fn show(State(identity): State<Identity>) -> Result<Reply, Problem> {
    if !identity.parts().proofs.sends_mail() {
        return Reply::page(&Message {
            title: "Forgot your password?".to_owned(),
            words: "This server sends no mail. Ask an admin for a link that sets another password."
                .to_owned(),
            links: vec![BACK],
        });
    }
    Reply::page(&FormPage {
        title: "Forgot your password?",
        lead: Some("We send a link that sets another one."),
        note: None,
        form: form::Form::new("/forgot-password", "Send the link")
            .field(Field::text("name", "Name or e-mail address", "username", ""))
            .focused(),
        links: vec![BACK],
    })
}

/// The answer is the same whoever was named.
pub(super) async fn forgot(
    _: SameOrigin,
    State(identity): State<Identity>,
    ClientAddress(address): ClientAddress,
    Form(sent): Form<Forgotten>,
) -> Result<Reply, Problem> {
    let identity = identity.parts();
    identity.sign_up_limit.check(address)?;
    identity.proofs.forgot_password(&sent.name)?;
    Reply::page(&Message {
        title: "Look at your mail".to_owned(),
        words: "If there is an account of this name or address, and its address is verified, a message is on its way. \
                Its link is good for 30 minutes."
            .to_owned(),
        links: vec![BACK],
    })
}
