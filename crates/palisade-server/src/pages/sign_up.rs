//! `/sign-up`: somebody makes an account for themselves, and is signed in.

use http::{StatusCode, header};
use palisade::{
    FieldError, Problem,
    edge::{ClientAddress, SameOrigin},
    extract::Form,
    prelude::{ResponseHeaders, State},
    secret::SecretString,
};
use palisade_identity::{
    accounts::{AccountsError, Applicant},
    email::Email,
    http::{Identity, SignUpIs},
    username::Username,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    browser::Browser,
    form::{self, Field, nothing},
    reply::Reply,
    view::{FormPage, Message},
};

/// The form as it is sent.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct SignUp {
    #[serde(default)]
    username: String,
    #[serde(default)]
    email: String,
    #[serde(default = "nothing")]
    #[schemars(length(max = 1024))]
    password: SecretString,
}

pub(super) async fn show(State(identity): State<Identity>) -> Result<Reply, Problem> {
    if identity.parts().sign_up == SignUpIs::Off {
        return Reply::page(&Message {
            title: "Sign-up is off".to_owned(),
            words: "Ask an admin for an account.".to_owned(),
            links: vec![("/sign-in", "Sign in")],
        });
    }
    Reply::page(&page(form("", "").focused()))
}

pub(super) async fn sign_up(
    _: SameOrigin,
    State(identity): State<Identity>,
    ClientAddress(address): ClientAddress,
    browser: Browser,
    headers: ResponseHeaders,
    Form(sent): Form<SignUp>,
) -> Result<Reply, Problem> {
    let identity = identity.parts();
    let asked = form(&sent.username, &sent.email);
    let made = async {
        let applicant = applicant(&sent.username, &sent.email, sent.password)?;
        identity.sign_up_limit.check(address)?;
        if identity.sign_up == SignUpIs::Off {
            return Err(Problem::new(StatusCode::FORBIDDEN, "Sign-up is off: ask an admin for an account"));
        }
        match identity.accounts.sign_up(applicant).await {
            Err(AccountsError::UsernameTaken) => {
                Err(Problem::invalid_input(vec![fault("username", "This name is taken.")]))
            }
            made => Ok(made?),
        }
    };
    let account = match made.await {
        Ok(account) => account,
        Err(problem) => {
            return Reply::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page(asked.refused(problem)?));
        }
    };
    identity.proofs.welcome(&account);
    let cookie = browser.enter(identity, &account).await?;
    headers.append(header::SET_COOKIE, cookie);
    Reply::see_other("/account?done=signed-up")
}

/// Who is to get an account; every field that will not do is told.
fn applicant(username: &str, email: &str, password: SecretString) -> Result<Applicant, Problem> {
    let mut faults = Vec::new();
    let username = Username::new(username);
    if username.is_err() {
        faults.push(fault("username", "Use 1 to 64 letters, digits and signs, without spaces."));
    }
    let email = Email::new(email);
    if email.is_err() {
        faults.push(fault("email", "This is not an e-mail address."));
    }
    match (username, email) {
        (Ok(username), Ok(email)) => Ok(Applicant { username, email, password }),
        _ => Err(Problem::invalid_input(faults)),
    }
}

fn fault(field: &str, words: &str) -> FieldError {
    FieldError::new(["body", field], "value", words)
}

fn form(username: &str, email: &str) -> form::Form {
    form::Form::new("/sign-up", "Sign up")
        .field(
            Field::text("username", "Name", "username", username)
                .hint("You sign in with it: letters, digits and signs, without spaces."),
        )
        .field(Field::email("email", "E-mail address", email))
        .field(Field::new_password("password", "Password"))
}

fn page(form: form::Form) -> FormPage {
    let links = vec![("/sign-in", "I have an account")];
    FormPage { title: "Sign up", lead: None, note: None, form, links }
}
