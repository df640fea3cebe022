//! The identity layer's routes. [`router`] is the table of contents: who may call what, in the order of the audience.
//!
//! One endpoint, one file: what it takes, how it refuses, the handler. `current_account.rs` says who is calling.

mod accepted;
mod accounts;
mod admin_create;
mod api_keys;
mod application;
mod by_key;
mod by_password;
mod by_session;
mod by_token;
mod caller_cache;
mod current_account;
mod decisions;
mod email;
mod forgot_password;
mod grants;
mod health;
mod jwks;
mod me;
mod members;
mod password;
mod refusal;
mod roles;
mod sessions;
mod sign_in;
mod sign_out;
mod sign_up;
mod state;
mod status;
mod stored_roles;
mod token;

use std::time::Duration;

use palisade::{Requirement, prelude::*};

pub use self::{
    by_token::SignInFlow,
    current_account::CurrentAccount,
    sign_in::SignInRefused,
    state::{Identity, Parts as IdentityParts, SignUp as SignUpIs},
};
pub use crate::account::AccountView;
use crate::role::Role;

/// How long ago somebody may have signed in who changes what they sign in with.
pub const RECENT: Duration = Duration::from_secs(15 * 60);

/// The routes of the identity layer.
pub fn router() -> Router<Identity, CurrentAccount> {
    anyone()
        .merge(signed_in_accounts())
        .merge(admins())
        .merge(keys_of_others())
        .merge(roles_and_tenants())
        .merge(auditors())
}

/// None of these asks for [`SameOrigin`](palisade::edge::SameOrigin): none looks at a cookie or sets one, so that there is
/// nothing a page of another site could borrow or plant. `/token`, which reads forms, answers whoever asks and can read the
/// answer; the others read JSON alone, which no form can send.
fn anyone() -> Router<Identity, CurrentAccount> {
    Router::new()
        .route(
            "/healthz",
            get(health::live).public("a liveness probe has no credential").summary("Is the server up?"),
        )
        .route(
            "/readyz",
            get(health::ready).public("a readiness probe has no credential").summary("Can it work?"),
        )
        .route(
            "/.well-known/jwks.json",
            get(jwks::jwks)
                .public("whoever verifies our tokens needs our public keys")
                .summary("The public keys"),
        )
        .route(
            "/signup",
            post(sign_up::sign_up).public("this is where accounts are made").summary("Make an account"),
        )
        .route("/token", post(token::token).public("this is where callers sign in").summary("Sign in"))
        .route(
            "/email/verify",
            post(email::verify)
                .public("the link from the mail is the credential")
                .summary("Prove that an address is yours"),
        )
        .route(
            "/password/forgot",
            post(forgot_password::forgot)
                .public("whoever has forgotten a password cannot sign in")
                .summary("Ask for a link that sets another password"),
        )
        .route(
            "/password/reset",
            post(forgot_password::reset)
                .public("the link is the credential")
                .summary("Set another password by a link; tokens, sessions and keys end"),
        )
}

fn signed_in_accounts() -> Router<Identity, CurrentAccount> {
    Router::new()
        .route(
            "/me",
            get(me::read_me)
                .requires(scope("me:read"))
                .summary("Read your account")
                .patch(me::update_me)
                .requires(scope("me:write"))
                .summary("Change your account"),
        )
        .route(
            "/me/password",
            post(password::change_password)
                .requires(undelegated() & recent(RECENT))
                .summary("Change your password; all other tokens and sessions end"),
        )
        .route(
            "/me/sessions",
            get(sessions::list)
                .requires(undelegated())
                .summary("List the browsers you are signed in with")
                .delete(sessions::end_others)
                .requires(undelegated() & recent(RECENT))
                .summary("End all your other sessions"),
        )
        .route(
            "/me/sessions/{id}",
            delete(sessions::end)
                .requires(undelegated() & recent(RECENT))
                .summary("End one of your sessions"),
        )
        .route(
            "/me/api-keys",
            get(api_keys::list::own)
                .requires(undelegated())
                .summary("List your API keys")
                .post(api_keys::create::own)
                .requires(undelegated() & recent(RECENT))
                .summary("Make an API key; it is shown this once"),
        )
        .route(
            "/me/api-keys/{id}",
            delete(api_keys::revoke::own)
                .requires(undelegated() & recent(RECENT))
                .summary("Revoke an API key, and all keys derived from it"),
        )
        .route(
            "/me/api-keys/{id}/rotate",
            post(api_keys::rotate::own)
                .requires(undelegated() & recent(RECENT))
                .summary("Make an API key in the place of another; both work for a while"),
        )
        .route(
            "/me/api-keys/{id}/links/{link}",
            delete(api_keys::links::revoke_own)
                .requires(undelegated() & recent(RECENT))
                .summary("Revoke a derived API key, and all keys derived from it"),
        )
        .route(
            "/me/email",
            post(email::change)
                .requires(undelegated() & recent(RECENT))
                .summary("Change your e-mail address, once it is proven"),
        )
        .route(
            "/me/email/verification",
            post(email::ask_verification).requires(undelegated()).summary("Have your address proven by mail"),
        )
        .route(
            "/sign-out-everywhere",
            post(sign_out::sign_out_everywhere)
                .requires(signed_in())
                .summary("End all your tokens and sessions"),
        )
}

fn admins() -> Router<Identity, CurrentAccount> {
    Router::new()
        .route(
            "/admin/create",
            post(admin_create::create)
                .requires(administers("accounts:write") & recent(RECENT))
                .summary("Make an account"),
        )
        .route(
            "/admin/accounts",
            get(accounts::list).requires(administers("accounts:read")).summary("List accounts"),
        )
        .route(
            "/admin/accounts/{id}",
            get(accounts::read)
                .requires(administers("accounts:read"))
                .summary("Read an account")
                .patch(accounts::update)
                .requires(administers("accounts:write"))
                .summary("Change an account"),
        )
        .route(
            "/admin/accounts/{id}/disable",
            post(status::disable)
                .requires(administers("accounts:write"))
                .summary("Disable an account; its tokens end"),
        )
        .route(
            "/admin/accounts/{id}/enable",
            post(status::enable)
                .requires(administers("accounts:write") & recent(RECENT))
                .summary("Enable an account"),
        )
        .route(
            "/admin/accounts/{id}/password-reset",
            post(forgot_password::reset_link)
                .requires(administers("accounts:write") & recent(RECENT))
                .summary("Make a link that sets another password"),
        )
        .route(
            "/admin/accounts/{id}/roles",
            put(roles::set_roles)
                .requires(administers("accounts:write") & recent(RECENT))
                .summary("Set an account's roles"),
        )
}

/// The keys of services, which nobody else can look after, and those of people, which an admin may see and revoke.
fn keys_of_others() -> Router<Identity, CurrentAccount> {
    Router::new()
        .route(
            "/admin/accounts/{id}/api-keys",
            get(api_keys::list::of)
                .requires(administers("accounts:read"))
                .summary("List an account's API keys")
                .post(api_keys::create::of)
                .requires(administers("accounts:write") & recent(RECENT))
                .summary("Make an API key for a service; it is shown this once"),
        )
        .route(
            "/admin/accounts/{id}/api-keys/{key}",
            delete(api_keys::revoke::of)
                .requires(administers("accounts:write"))
                .summary("Revoke an account's API key, and all keys derived from it"),
        )
        .route(
            "/admin/accounts/{id}/api-keys/{key}/rotate",
            post(api_keys::rotate::of)
                .requires(administers("accounts:write") & recent(RECENT))
                .summary("Make an API key in the place of a service's other; both work for a while"),
        )
        .route(
            "/admin/accounts/{id}/api-keys/{key}/links/{link}",
            delete(api_keys::links::revoke_of)
                .requires(administers("accounts:write"))
                .summary("Revoke a key derived from an account's API key"),
        )
}

/// What roles bundle, and who holds which: whoever can change that can give anybody any scope but an admin's.
fn roles_and_tenants() -> Router<Identity, CurrentAccount> {
    Router::new()
        .route(
            "/admin/roles",
            get(stored_roles::list).requires(administers("accounts:read")).summary("List all roles"),
        )
        .route(
            "/admin/roles/{name}",
            put(stored_roles::define)
                .requires(administers("accounts:write") & recent(RECENT))
                .summary("Store a role, or add scopes to a built-in one")
                .delete(stored_roles::remove)
                .requires(administers("accounts:write") & recent(RECENT))
                .summary("Remove a stored role, or what was added to a built-in one"),
        )
        .route(
            "/admin/accounts/{id}/grants",
            get(grants::read)
                .requires(administers("accounts:read"))
                .summary("Read which roles an account holds, and what they come to")
                .put(grants::set)
                .requires(administers("accounts:write") & recent(RECENT))
                .summary("Set which stored roles an account holds everywhere"),
        )
        .route(
            "/admin/tenants/{tenant}/members",
            get(members::list).requires(administers("accounts:read")).summary("List a tenant's members"),
        )
        .route(
            "/admin/tenants/{tenant}/members/{id}",
            put(members::set)
                .requires(administers("accounts:write") & recent(RECENT))
                .summary("Make an account a member of a tenant, and set its roles there")
                .delete(members::end)
                .requires(administers("accounts:write") & recent(RECENT))
                .summary("Make an account a member no longer"),
        )
}

/// What happened: read by admins, and reading it is written down.
fn auditors() -> Router<Identity, CurrentAccount> {
    Router::new()
        .route(
            "/admin/decisions",
            get(decisions::list)
                .requires(administers("audit:read"))
                .summary("List why callers were refused, the newest first"),
        )
        .route(
            "/admin/decisions/{id}",
            get(decisions::read)
                .requires(administers("audit:read"))
                .summary("Read why a caller was refused, by the id it was told"),
        )
}

/// An admin, with a credential that carries `name`.
fn administers(name: &str) -> Requirement {
    role(Role::Admin) & scope(name)
}
