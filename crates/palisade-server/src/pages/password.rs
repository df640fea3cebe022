//! `/account/password`: another password; the other sessions and the tokens end, and this one gets another secret.

use http::{HeaderValue, StatusCode, header};
use palisade::{
    FieldError, Problem, Segment,
    edge::ClientAddress,
    extract::Form,
    prelude::{ResponseHeaders, State},
    secret::SecretString,
};
use palisade_identity::{
    account::Account,
    accounts::AccountsError,
    http::{CurrentAccount, Identity},
    sessions::cookie,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    browser::Browser,
    form::{self, Field, nothing},
    reply::Reply,
    view::{Password, Visitor},
};

const HERE: &str = "/account/password";

/// The form as it is sent.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Change {
    #[serde(default = "nothing")]
    #[schemars(length(max = 1024))]
    current_password: SecretString,
    #[serde(default = "nothing")]
    #[schemars(length(max = 1024))]
    new_password: SecretString,
}

pub(super) async fn show(visitor: CurrentAccount) -> Result<Reply, Problem> {
    Reply::page(&page(&visitor, form().focused()))
}

pub(super) async fn change(
    visitor: CurrentAccount,
    State(identity): State<Identity>,
    ClientAddress(address): ClientAddress,
    browser: Browser,
    headers: ResponseHeaders,
    Form(sent): Form<Change>,
) -> Result<Reply, Problem> {
    match changed(&visitor, &identity, address, sent).await {
        Ok(account) => {
            let cookie = renewed(&visitor, &identity, &account, browser).await?;
            headers.append(header::SET_COOKIE, cookie);
            Reply::see_other("/account?done=password-changed")
        }
        Err(problem) => {
            let refused = form().refused(of_new_password(problem))?;
            Reply::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&visitor, refused))
        }
    }
}

async fn changed(
    visitor: &CurrentAccount,
    identity: &Identity,
    address: std::net::IpAddr,
    sent: Change,
) -> Result<Account, Problem> {
    let identity = identity.parts();
    // Whoever found an open browser must not be able to try passwords with it.
    let attempt = identity.sign_in_limit.check(address)?;
    let kept = visitor.session().map(|session| session.to_string());
    let Change { current_password, new_password } = sent;
    let changed = identity
        .accounts
        .change_password(visitor.id(), current_password, new_password, kept.as_deref())
        .await;
    if !matches!(changed, Err(AccountsError::WrongPassword)) {
        attempt.free();
    }
    Ok(changed?)
}

/// The cookie of this session with another secret.
async fn renewed(
    visitor: &CurrentAccount,
    identity: &Identity,
    account: &Account,
    browser: Browser,
) -> Result<HeaderValue, Problem> {
    let identity = identity.parts();
    match visitor.session() {
        Some(id) => {
            let (secret, session) = identity.sessions.renewed(account, id).await?;
            Ok(cookie::set(&secret, session.ends_at, identity.clock.now()))
        }
        None => browser.enter(identity, account).await,
    }
}

/// What is wrong with a password stands at the new one.
fn of_new_password(problem: Problem) -> Problem {
    if problem.errors().is_empty() {
        return problem;
    }
    let named = |fault: &FieldError| match fault.loc.last() {
        Some(Segment::Name(field)) if field == "password" => {
            FieldError::new(["body", "new_password"], fault.kind.clone(), fault.msg.clone())
        }
        _ => fault.clone(),
    };
    Problem::invalid_input(problem.errors().iter().map(named).collect())
}

fn form() -> form::Form {
    form::Form::new(HERE, "Change the password")
        .field(Field::password("current_password", "Password until now"))
        .field(Field::new_password("new_password", "New password"))
}

fn page(visitor: &CurrentAccount, form: form::Form) -> Password {
    Password { visitor: Visitor::of(visitor, HERE), form }
}
