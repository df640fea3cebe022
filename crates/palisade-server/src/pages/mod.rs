//! The pages people see: sign-up, sign-in, and what they do with their own account. Plain HTML that works without a
//! script; each page's policy forbids scripts, frames and anything from elsewhere.
//!
//! One page, one file: the form as it is sent, the page, and what is done. `view.rs` has the templates, `form.rs` the
//! forms, `refusal.rs` makes pages of refusals.

mod access;
mod account;
mod api_keys;
mod assets;
mod browser;
mod device;
mod forgot_password;
mod form;
mod home;
mod next;
mod notes;
mod password;
mod refusal;
mod reply;
mod reset_password;
mod sessions;
mod sign_in;
mod sign_out;
mod sign_up;
mod verify_email;
mod view;

use axum::middleware::from_fn;
use http::StatusCode;
use palisade::{Principal as _, Problem, Requirement, Router, prelude::*};
use palisade_identity::{
    http::{CurrentAccount, Identity, RECENT},
    role::Role,
};

/// The pages. They are for people, so the API document does not have them; what they answer where the API refuses, a
/// page or the way to the sign-in, it could not say.
pub(crate) fn routes() -> Router<Identity, CurrentAccount> {
    anyone()
        .merge(assets::routes())
        .nest("/account", account())
        .route("/admin/routes", get(access::show).requires(role(Role::Admin)))
        .layer_named("pages", from_fn(refusal::as_page))
        .undocumented()
}

fn anyone() -> Router<Identity, CurrentAccount> {
    Router::new()
        .route("/", get(home::show).public("leads to one's account, or to the sign-in"))
        .route(
            "/sign-up",
            get(sign_up::show)
                .public("this is where accounts are made")
                .post(sign_up::sign_up)
                .public("this is where accounts are made"),
        )
        .route(
            "/sign-in",
            get(sign_in::show)
                .public("this is where people sign in")
                .post(sign_in::sign_in)
                .public("this is where people sign in"),
        )
        .route(
            "/sign-out",
            get(sign_out::show)
                .public("has a button, and nothing that is anybody's")
                .post(sign_out::sign_out)
                .public("ends the session it comes with, if there is one"),
        )
        .route(
            "/forgot-password",
            get(forgot_password::show)
                .public("who forgot the password cannot sign in")
                .post(forgot_password::forgot)
                .public("who forgot the password cannot sign in"),
        )
        .route(
            "/reset-password",
            get(reset_password::show)
                .public("who forgot the password cannot sign in")
                .post(reset_password::reset)
                .public("the link's token says who may"),
        )
        .route(
            "/verify-email",
            get(verify_email::show)
                .public("a link may be opened where nobody is signed in")
                .post(verify_email::verify)
                .public("the link's token says who may"),
        )
}

/// What is below `/account`.
fn account() -> Router<Identity, CurrentAccount> {
    Router::new()
        .route(
            "/",
            get(account::show).requires(undelegated()).post(account::change_email).requires(changes()),
        )
        .route("/verify-email", post(account::send_verification).requires(undelegated()))
        .route("/sessions", get(sessions::show).requires(undelegated()))
        .route("/sessions/end", post(sessions::end).requires(changes()))
        .route("/sessions/end-others", post(sessions::end_others).requires(changes()))
        .route(
            "/api-keys",
            get(api_keys::show).requires(undelegated()).post(api_keys::create).requires(changes()),
        )
        .route("/api-keys/rotate", post(api_keys::rotate).requires(changes()))
        .route("/api-keys/revoke", post(api_keys::revoke).requires(changes()))
        .route(
            "/password",
            get(password::show).requires(changes()).post(password::change).requires(changes()),
        )
        .fallback(
            any(async || Err::<(), _>(Problem::new(StatusCode::NOT_FOUND, "There is no such page")))
                .public("no page: 404; nothing runs"),
        )
}

/// Who may change what an account is signed in with.
fn changes() -> Requirement {
    undelegated() & recent(RECENT)
}

/// Whether `visitor` may change it now, or has to sign in again first.
fn is_recent(visitor: &CurrentAccount, identity: &Identity) -> bool {
    let at = visitor.authority().last_authenticated();
    at.is_some_and(|at| identity.parts().clock.now().since(at) <= RECENT)
}
