//! `/sign-out`: ends this browser's session.

use http::header;
use palisade::{
    Problem,
    edge::SameOrigin,
    prelude::{ResponseHeaders, State},
};
use palisade_identity::http::Identity;

use super::{browser::Browser, form::Form, reply::Reply, view::FormPage};

/// A link cannot sign anybody out: only the button can.
pub(super) async fn show() -> Result<Reply, Problem> {
    Reply::page(&FormPage {
        title: "Sign out",
        lead: None,
        note: None,
        form: Form::new("/sign-out", "Sign out"),
        links: vec![("/account", "Stay signed in")],
    })
}

pub(super) async fn sign_out(
    _: SameOrigin,
    State(identity): State<Identity>,
    browser: Browser,
    headers: ResponseHeaders,
) -> Result<Reply, Problem> {
    let cookie = browser.leaves(identity.parts()).await?;
    headers.append(header::SET_COOKIE, cookie);
    Reply::see_other("/sign-in?done=signed-out")
}
