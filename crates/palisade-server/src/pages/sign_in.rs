//! `/sign-in`: name and password, and on to where the person wanted to go.

use http::{StatusCode, header};
use palisade::{
    FieldError, Problem,
    edge::SameOrigin,
    extract::{Form, Query},
    prelude::{ResponseHeaders, State},
    secret::SecretString,
};
use palisade_identity::http::{Identity, SignInRefused, SignUpIs};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    browser::Browser,
    form::{self, Field, nothing},
    next::Next,
    notes::note,
    reply::Reply,
    view::FormPage,
};

/// Where to go on afterwards.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Onward {
    next: Option<String>,
    done: Option<String>,
}

/// The form as it is sent.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct SignIn {
    #[serde(default)]
    username: String,
    #[serde(default = "nothing")]
    #[schemars(length(max = 1024))]
    password: SecretString,
    #[serde(default)]
    next: String,
}

pub(super) async fn show(
    State(identity): State<Identity>,
    Query(onward): Query<Onward>,
) -> Result<Reply, Problem> {
    let next = Next::local(onward.next.as_deref().unwrap_or_default());
    let lead = onward.next.is_some().then_some("Sign in to go on.");
    let page = page(&identity, form("", &next).focused());
    Reply::page(&FormPage { lead, note: note(onward.done.as_deref()), ..page })
}

/// An unknown name and a wrong password are refused alike, and take the same time.
pub(super) async fn sign_in(
    _: SameOrigin,
    State(identity): State<Identity>,
    browser: Browser,
    headers: ResponseHeaders,
    Form(sent): Form<SignIn>,
) -> Result<Reply, Problem> {
    let next = Next::local(&sent.next);
    let device = browser.device.clone();
    let begun = match identity.sign_in_with_password(&sent.username, sent.password, device).await {
        Ok(begun) => begun,
        Err(SignInRefused::Wrong) => {
            let wrong =
                FieldError::new(["body", "password"], "wrong", "Name and password do not belong together.");
            let refused = form(&sent.username, &next).refused(Problem::invalid_input(vec![wrong]))?;
            return Reply::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&identity, refused));
        }
        Err(refused) => return Err(refused.into()),
    };
    let cookie = browser.enters(identity.parts(), begun).await?;
    headers.append(header::SET_COOKIE, cookie);
    Reply::see_other(next.as_str())
}

fn form(username: &str, next: &Next) -> form::Form {
    form::Form::new("/sign-in", "Sign in")
        .field(Field::text("username", "Name", "username", username))
        .field(Field::password("password", "Password"))
        .hidden("next", next.as_str())
}

fn page(identity: &Identity, form: form::Form) -> FormPage {
    let sign_up = (identity.parts().sign_up == SignUpIs::Open).then_some(("/sign-up", "Make an account"));
    let links = sign_up.into_iter().chain([("/forgot-password", "I forgot my password")]).collect();
    FormPage { title: "Sign in", lead: None, note: None, form, links }
}
